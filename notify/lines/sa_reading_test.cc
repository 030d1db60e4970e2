#include "notify/lines/sa_reading.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "aggregate/names/user_directory.h"
#include "gtest/gtest.h"
#include "notify/lines/gnu_sa.h"

namespace cpuagg::notify {
namespace {

using acct::testing::MemorySource;
using acct::testing::RecordBuilder;
using acct::testing::Repeat;

absl::Span<const uint8_t> BytesOf(const std::string& file) {
  return {reinterpret_cast<const uint8_t*>(file.data()), file.size()};
}

TEST(SaRecordsTest, WhatOthersHaveReadIsLeftOut) {
  // Six slots that differ in their flags.
  std::string file;
  for (uint8_t flags = 1; flags <= 6; ++flags) file += RecordBuilder().Flags(flags).Bytes();
  const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  std::string seen;
  const auto see = [&](const acct::RecordView& record) {
    seen += static_cast<char>('0' + record.flags());
  };
  SaRecords records;
  EXPECT_TRUE(records.IsNext(0));
  records.Took(64);
  EXPECT_FALSE(records.IsNext(0));
  EXPECT_TRUE(records.IsNext(64));
  records.Took(64);
  records.Scan(bytes.subspan(0, 192), see);
  EXPECT_EQ(seen, "3");
  EXPECT_TRUE(records.IsNext(192));
  records.Took(64);
  records.Scan(bytes.subspan(192, 64), see);
  EXPECT_EQ(seen, "3");
  // Another reader must not take a slot that has already begun.
  records.Scan(bytes.subspan(256, 32), see);
  EXPECT_FALSE(records.IsNext(256));
  EXPECT_FALSE(records.IsNext(288));
  records.Scan(bytes.subspan(288, 32), see);
  EXPECT_TRUE(records.IsNext(320));
  records.Scan(bytes.subspan(320), see);
  EXPECT_EQ(seen, "356");
}

std::string Record(uint32_t uid) {
  return RecordBuilder().Uid(uid).UserTime(static_cast<uint16_t>(uid)).Command("sh").Bytes();
}

// Regular records, which are read once for both, and what the two read differently: stray bytes,
// after which sa's slots are shifted for good, zeros, and an odd record.
std::string Damaged() {
  return Repeat(Record(1), 40) + std::string(64, '\0') + Record(2) +
         RecordBuilder().Uid(3).BeginTime(0).Command("").Bytes() + Repeat(Record(4), 20) + "stray" +
         Repeat(Record(5), 20) + "torn";
}

class SaReadingTest : public ::testing::Test {
 protected:
  // What sa reads of `file`: each of its slots apart.
  template <typename Sink>
  static void ReadSlots(const std::string& file, Sink sink) {
    SaRecords().Scan(BytesOf(file), sink);
  }

  aggregate::PasswdFileDirectory names_{"one:x:1:1::/:\n"};
};

TEST_F(SaReadingTest, LinesAreThoseOfAllSlotsWhateverTheBlocks) {
  const std::string file = Damaged();
  SaUserLines plain(names_);
  std::string expected;
  ReadSlots(file, [&](const acct::RecordView& record) { plain.Append(record, expected); });
  for (const size_t block_bytes : {size_t{64}, size_t{640}, file.size()}) {
    MemorySource source(BytesOf(file), block_bytes);
    SaUserLines lines(names_);
    std::string text;
    const absl::StatusOr<acct::ByteAccount> account =
        WriteAsSa(source, lines, text, [] { return true; });
    ASSERT_TRUE(account.ok()) << account.status();
    EXPECT_EQ(text, expected) << block_bytes;
  }
}

TEST_F(SaReadingTest, SumsAreThoseOfAllSlotsWhateverTheBlocks) {
  const std::string file = Damaged();
  SaUserSummary expected(names_);
  ReadSlots(file, [&](const acct::RecordView& record) { expected.Add(record); });
  for (const size_t block_bytes : {size_t{64}, size_t{640}, file.size()}) {
    MemorySource source(BytesOf(file), block_bytes);
    SaUserSummary summary(names_);
    const absl::StatusOr<acct::ByteAccount> account = SumAsSa(source, summary);
    ASSERT_TRUE(account.ok()) << account.status();
    EXPECT_EQ(summary.Render(), expected.Render()) << block_bytes;
  }
}

TEST_F(SaReadingTest, TheAccountIsThatOfCpuagg) {
  const std::string file = Damaged();
  MemorySource source(BytesOf(file));
  SaUserSummary summary(names_);
  const absl::StatusOr<acct::ByteAccount> account = SumAsSa(source, summary);
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_EQ(account->bytes, file.size());
  EXPECT_EQ(account->skipped_bytes, 64u + 5u);
  EXPECT_EQ(account->trailing_bytes, 4u);
  EXPECT_EQ(account->records, 82u);
}

// A compressed file that ends early.
class CutSource : public MemorySource {
 public:
  using MemorySource::MemorySource;
  const std::string& damage() const override { return why_; }

 private:
  const std::string why_ = "it ends early";
};

TEST_F(SaReadingTest, WhatCutTheInputShortIsInTheAccount) {
  const std::string file = Repeat(Record(1), 3);
  CutSource to_sum(BytesOf(file));
  SaUserSummary summary(names_);
  EXPECT_EQ(SumAsSa(to_sum, summary)->cut_short, "it ends early");
  CutSource to_print(BytesOf(file));
  SaUserLines lines(names_);
  std::string text;
  EXPECT_EQ(WriteAsSa(to_print, lines, text, [] { return true; })->cut_short, "it ends early");
}

TEST_F(SaReadingTest, ReadingEndsSoonOnceNoMoreLinesAreWanted) {
  const std::string file = Repeat(Record(1), 40'000);
  MemorySource source(BytesOf(file));
  SaUserLines lines(names_);
  std::string text;
  int calls = 0;
  const absl::StatusOr<acct::ByteAccount> account =
      WriteAsSa(source, lines, text, [&] { return ++calls < 3; });
  ASSERT_TRUE(account.ok()) << account.status();
  EXPECT_LT(account->bytes, file.size());
}

}  // namespace
}  // namespace cpuagg::notify
