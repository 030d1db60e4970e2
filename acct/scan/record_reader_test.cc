#include "acct/scan/record_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::MemorySource;
using testing::RecordBuilder;
using testing::Repeat;

// How many records each of the first users has.
struct Tally {
  std::vector<uint64_t> records = std::vector<uint64_t>(16);

  template <typename Record>
  void Add(const Record& record, uint64_t) {
    const size_t user = record.uid().value();
    ++records[user < records.size() ? user : 0];
  }
  Tally Fresh() const { return {}; }
  void Merge(const Tally& other) {
    for (size_t user = 0; user < records.size(); ++user) records[user] += other.records[user];
  }
};

// Twice as long as what is worth a second thread.
constexpr int kRecords = 2 * 65'536 + 1;

// Reads `file` with this many threads. `tally` gets its records.
ByteAccount Read(const std::string& file, size_t threads, Tally& tally) {
  MemorySource source({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  const absl::StatusOr<ByteAccount> account = ReadRecords(source, {.threads = threads}, tally);
  EXPECT_TRUE(account.ok()) << account.status();
  return *account;
}

void ExpectTheSameWhateverTheThreads(const std::string& file, uint32_t uid, uint64_t records) {
  for (const size_t threads : {1, 2, 3}) {
    SCOPED_TRACE(threads);
    Tally tally;
    const ByteAccount account = Read(file, threads, tally);
    EXPECT_EQ(account.bytes, file.size());
    EXPECT_EQ(account.records, records);
    EXPECT_EQ(account.decoded_bytes(), records * kRecordBytes);
    EXPECT_EQ(tally.records[uid], records);
    EXPECT_EQ(tally.records[0], 0u);
  }
}

TEST(RecordReaderTest, EachRecordIsReadOnceWhereThreadsDivideAFile) {
  const std::string record = RecordBuilder().Uid(7).Pid(1000).Bytes();
  ExpectTheSameWhateverTheThreads(Repeat(record, kRecords), 7, kRecords);
  // Stray bytes in the midst, where another thread looks for the first record of its part.
  ExpectTheSameWhateverTheThreads(
      Repeat(record, kRecords / 2) + std::string(100, '\xff') + Repeat(record, kRecords / 2), 7,
      kRecords - 1);
}

// From the middle of a record on, these look like records too: of user and group times of this one
// and the process ids of the next. A thread that begins in the middle of the file cannot know.
TEST(RecordReaderTest, WhatAThreadTakesForRecordsCountsOnlyIfTheOneBeforeEndsThere) {
  const std::string record = RecordBuilder()
                                 .Uid(7)
                                 .Pid(0x21212121)
                                 .ParentPid(0x21212121)
                                 .BeginTime(1'700'000'127)
                                 .UserTime(0x0300)
                                 .Command("fifteen letters")
                                 .Bytes();
  const std::string file = Repeat(record, kRecords);
  const auto* const middle = reinterpret_cast<const uint8_t*>(file.data()) + file.size() / 2;
  ASSERT_EQ(file.size() / 2 % kRecordBytes, kRecordBytes / 2);
  ASSERT_TRUE(RecordV3View(middle).IsRegular());
  ExpectTheSameWhateverTheThreads(file, 7, kRecords);
}

}  // namespace
}  // namespace cpuagg::acct
