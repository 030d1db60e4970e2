#include "notify/lines/record_stream.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "gtest/gtest.h"
#include "notify/lines/accounting_record.pb.h"
#include "notify/lines/one_name.h"

namespace cpuagg::notify {
namespace {

using acct::RecordV3View;
using acct::RecordView;
using acct::testing::RecordBuilder;

RecordView ViewOf(const std::string& bytes, const acct::Layout& layout = acct::kVersion3,
                  acct::ByteOrder order = acct::ByteOrder::kLittle) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), layout, order};
}

// What a reader of protobuf's delimited form finds.
std::vector<AccountingRecord> Read(const std::string& bytes) {
  google::protobuf::io::ArrayInputStream input(bytes.data(), static_cast<int>(bytes.size()));
  std::vector<AccountingRecord> records;
  bool is_end = false;
  while (true) {
    AccountingRecord record;
    if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&record, &input, &is_end)) break;
    records.push_back(record);
  }
  EXPECT_TRUE(is_end);
  return records;
}

AccountingRecord ReadOne(const RecordView& record, OneName names = OneName()) {
  RecordStream stream(names);
  std::string bytes;
  stream.Append(record, 64, "pacct", bytes);
  const std::vector<AccountingRecord> records = Read(bytes);
  EXPECT_EQ(records.size(), 1U);
  return records.at(0);
}

TEST(RecordStreamTest, HasEachField) {
  const std::string bytes = RecordBuilder()
                                .Flags(0x1b)
                                .Tty(0x8803)
                                .ExitCode(7 << 8 | 9)
                                .Uid(1001)
                                .Gid(100)
                                .Pid(4711)
                                .ParentPid(4700)
                                .BeginTime(1'700'000'000)
                                .Elapsed(1234)
                                .UserTime(258)
                                .SystemTime(67)
                                .Memory(0x2001)
                                .Io(11)
                                .Blocks(12)
                                .MinorFaults(13)
                                .MajorFaults(14)
                                .Swaps(15)
                                .Command("gcc")
                                .Bytes();
  const AccountingRecord record = ReadOne(ViewOf(bytes));
  EXPECT_EQ(record.file(), "pacct");
  EXPECT_EQ(record.offset(), 64U);
  EXPECT_EQ(record.version(), 3U);
  EXPECT_FALSE(record.is_big_endian());
  EXPECT_EQ(record.flags(), 0x1bU);
  EXPECT_EQ(record.uid(), 1001U);
  EXPECT_EQ(record.user(), "alice");
  EXPECT_EQ(record.gid(), 100U);
  EXPECT_EQ(record.group(), "users");
  EXPECT_EQ(record.pid(), 4711U);
  EXPECT_EQ(record.ppid(), 4700U);
  EXPECT_EQ(record.tty(), 0x8803U);
  EXPECT_EQ(record.command(), "gcc");
  EXPECT_EQ(record.exit_status(), 7U);
  EXPECT_EQ(record.signal(), 9U);
  EXPECT_EQ(record.begin_seconds(), 1'700'000'000);
  EXPECT_EQ(record.end_hundredths(), 170'000'001'234);
  EXPECT_EQ(record.ticks_per_second(), 100U);
  EXPECT_EQ(record.elapsed_ticks(), 1234U);
  EXPECT_EQ(record.user_ticks(), 258U);
  EXPECT_EQ(record.system_ticks(), 67U);
  EXPECT_EQ(record.memory_kib(), 8U);
  EXPECT_EQ(record.io(), 11U);
  EXPECT_EQ(record.blocks(), 12U);
  EXPECT_EQ(record.minor_faults(), 13U);
  EXPECT_EQ(record.major_faults(), 14U);
  EXPECT_EQ(record.swaps(), 15U);
}

TEST(RecordStreamTest, WhatIsNotKnownIsAbsent) {
  const std::string bytes =
      RecordBuilder(2, RecordBuilder::kBigEndian).Uid(7).Gid(8).Rate(1024).UserTime(512).Bytes();
  const AccountingRecord record = ReadOne(ViewOf(bytes, acct::kVersion2, acct::ByteOrder::kBig));
  EXPECT_EQ(record.version(), 2U);
  EXPECT_TRUE(record.is_big_endian());
  EXPECT_FALSE(record.has_user());
  EXPECT_FALSE(record.has_group());
  EXPECT_FALSE(record.has_pid());
  EXPECT_FALSE(record.has_ppid());
  EXPECT_EQ(record.ticks_per_second(), 1024U);
  EXPECT_EQ(record.user_ticks(), 512U);

  const AccountingRecord endless = ReadOne(ViewOf(RecordBuilder().Elapsed(NAN).Bytes()));
  EXPECT_FALSE(endless.has_elapsed_ticks());
  EXPECT_TRUE(ReadOne(ViewOf(RecordBuilder().Elapsed(0).Bytes())).has_elapsed_ticks());
}

TEST(RecordStreamTest, NamesAreUtf8AndCommandsAreBytes) {
  const std::string bytes = RecordBuilder().Uid(1001).Command("a\xff").Bytes();
  const AccountingRecord record = ReadOne(ViewOf(bytes), OneName("jos\xe9"));
  EXPECT_EQ(record.user(), "jos\\xe9");
  EXPECT_EQ(record.command(), "a\xff");
  EXPECT_EQ(ReadOne(ViewOf(bytes), OneName("josé\n")).user(), "josé\n");
}

TEST(RecordStreamTest, RecordsFollowOneAnotherAndEachNameIsLookedUpOnce) {
  OneName names;
  RecordStream stream(names);
  std::string bytes;
  const std::string known = RecordBuilder().Uid(1001).Gid(100).UserTime(1).Bytes();
  const std::string other = RecordBuilder().Uid(1002).Gid(101).UserTime(2).Bytes();
  for (uint64_t i = 0; i < 300; ++i) {
    const std::string& record = i % 2 == 0 ? known : other;
    stream.Append(RecordV3View(reinterpret_cast<const uint8_t*>(record.data())), i * 64,
                  i < 200 ? "pacct.1" : "pacct", bytes);
  }
  EXPECT_EQ(names.asked, 4);
  const std::vector<AccountingRecord> records = Read(bytes);
  ASSERT_EQ(records.size(), 300U);
  for (uint64_t i = 0; i < 300; ++i) {
    EXPECT_EQ(records[i].offset(), i * 64);
    EXPECT_EQ(records[i].file(), i < 200 ? "pacct.1" : "pacct");
    EXPECT_EQ(records[i].user_ticks(), i % 2 + 1);
    EXPECT_EQ(records[i].has_user(), i % 2 == 0);
  }
}

}  // namespace
}  // namespace cpuagg::notify
