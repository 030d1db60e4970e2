#include "aggregate/collect/collector.h"

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;

using testing::Gzipped;

class CollectorTest : public testing::CollectorFixture {};

TEST_F(CollectorTest, ReadsOnFromWhereItStopped) {
  dir_.Write("pacct", Record(1) + Record(2));
  EXPECT_EQ(CollectNow().records, 2u);
  dir_.Append("pacct", Record(1));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}}));
}

TEST_F(CollectorTest, NothingNewPublishesNothing) {
  dir_.Write("pacct", "");
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 0u);
  dir_.Append("pacct", Record(1));
  CollectNow();
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
}

TEST_F(CollectorTest, TheFirstRunTakesTheRotatedFileToo) {
  dir_.Write("pacct.0", Record(1));
  dir_.Write("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 2u);
}

TEST_F(CollectorTest, ARotatedFileIsReadToItsEndAlthoughItStillGrows) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", Record(2));
  Rotate();
  dir_.Append("pacct.0", Record(3));
  EXPECT_EQ(CollectNow().records, 2u);
  dir_.Append("pacct.0", Record(4));
  dir_.Write("pacct", Record(5));
  EXPECT_EQ(CollectNow().records, 2u);
  // accton's own record is written to the old file after its successor has begun.
  dir_.Append("pacct.0", Record(6));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}));
  EXPECT_TRUE(CollectNow().gaps.empty());
}

// Otherwise each run would unpack it again.
TEST_F(CollectorTest, WhatWasReadToItsEndIsSealed) {
  dir_.Write("pacct.1.gz", Gzipped(Records(5)));
  dir_.Write("pacct.0", Records(4));
  dir_.Write("pacct", Records(3));
  CollectNow();
  const StoreListing listing = List();
  ASSERT_EQ(listing.snapshots.size(), 1u);
  const absl::StatusOr<Snapshot> snapshot = store_.Load(listing.snapshots[0]);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->cursors.size(), 3u);
  for (const char* name : {"pacct", "pacct.0", "pacct.1.gz"}) {
    const acct::Cursor& cursor = snapshot->cursors[name[5] == 0 ? 0 : name[6] - '0' + 1];
    EXPECT_EQ(cursor.sealed_bytes, std::filesystem::file_size(dir_.Path(name))) << name;
  }
}

TEST_F(CollectorTest, ATornRecordIsReadOnceItIsWhole) {
  const std::string record = Record(2);
  dir_.Write("pacct", Record(1) + record.substr(0, 40));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(CollectNow().records, 0u);
  dir_.Append("pacct", record.substr(40));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}}));
}

TEST_F(CollectorTest, WhatHasBeenReadVouchesForWhatFollows) {
  // A command without a name, from before the clock was set.
  const auto odd = [&](uint32_t uid) {
    return RecordBuilder().Uid(uid).BeginTime(uid).Command("").Bytes();
  };
  dir_.Write("pacct", Record(1) + Record(1));
  CollectNow();
  for (const uint32_t uid : {2, 3}) {
    // Alone it could also be damage.
    dir_.Append("pacct", odd(uid));
    const CollectResult waits = CollectNow();
    EXPECT_EQ(waits.records, 0u);
    ASSERT_EQ(waits.held.size(), 1u);
    EXPECT_EQ(waits.held[0].bytes, acct::kRecordBytes);
    EXPECT_TRUE(waits.held[0].skipped.empty());
    dir_.Append("pacct", Record(1));
    const CollectResult result = CollectNow();
    EXPECT_EQ(result.records, 2u);
    EXPECT_TRUE(result.held.empty());
    EXPECT_FALSE(result.inputs.empty());
    for (const acct::ByteAccount& input : result.inputs) EXPECT_FALSE(input.damaged());
  }
  EXPECT_EQ(Stored(), (Processes{{1, 4}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorTest, OddRecordsWaitForARegularOneAtTheBeginningOfAGrowingFile) {
  const auto odd = [&](uint32_t uid) {
    return RecordBuilder().Uid(uid).BeginTime(uid).Command("").Bytes();
  };
  dir_.Write("pacct", odd(2));
  EXPECT_EQ(CollectNow().records, 0u);
  // Followed by the beginning of another record.
  dir_.Append("pacct", odd(3) + Record(1).substr(0, 20));
  EXPECT_EQ(CollectNow().records, 0u);
  std::string file = odd(2) + odd(3);
  for (int i = 0; i < 6; ++i) file += Record(1);
  dir_.Write("pacct", file);
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 8u);
  EXPECT_TRUE(result.gaps.empty());
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Stored(), (Processes{{1, 6}, {2, 1}, {3, 1}}));
}

TEST_F(CollectorTest, ARecordThatIsTornBehindOddOnesIsReadOnceItIsWhole) {
  const std::string odd = RecordBuilder().Uid(2).BeginTime(0).Command("").Bytes();
  for (size_t kept = 1; kept < 64; ++kept) {
    SCOPED_TRACE(kept);
    std::filesystem::remove_all(store_.directory());
    const std::string record = Record(3);
    dir_.Write("pacct", Record(1) + odd + record.substr(0, kept));
    EXPECT_EQ(CollectNow().records, 1u);
    EXPECT_EQ(CollectNow().records, 0u);
    dir_.Append("pacct", record.substr(kept));
    EXPECT_EQ(CollectNow().records, 2u);
    EXPECT_EQ(Stored(), (Processes{{1, 1}, {2, 1}, {3, 1}}));
  }
}

TEST_F(CollectorTest, ATruncatedFileIsAGapAndItsNewContentCounts) {
  dir_.Write("pacct", Record(1) + Record(1));
  CollectNow();
  dir_.Write("pacct", Record(2));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 1u);
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].period.end, now_);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 1}}));
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorTest, AFileThatStaysEmptyIsAGapThatIsReportedOnce) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Write("pacct", "");
  EXPECT_EQ(CollectNow().gaps.size(), 1u);
  EXPECT_TRUE(CollectNow().gaps.empty());
  dir_.Append("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 1u);
  EXPECT_EQ(AllOf().gaps.size(), 1u);
}

TEST_F(CollectorTest, AGenerationThatIsGoneIsAGapThatIsReportedOnce) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Write("pacct.0", Record(2));
  dir_.Write("pacct", Record(3));
  const CollectResult result = CollectNow();
  EXPECT_EQ(result.records, 2u);
  EXPECT_EQ(result.gaps.size(), 1u);
  EXPECT_TRUE(CollectNow().gaps.empty());
}

TEST_F(CollectorTest, AGenerationThatComesBackIsNotCountedAgain) {
  const std::string old = Record(1) + Record(1);
  dir_.Write("pacct.1", old);
  dir_.Write("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 3u);
  std::filesystem::remove(dir_.Path("pacct.1"));
  dir_.Append("pacct", Record(2));
  EXPECT_EQ(CollectNow().records, 1u);
  dir_.Write("pacct.2.gz", Gzipped(old));
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(Stored(), (Processes{{1, 2}, {2, 2}}));
}

TEST_F(CollectorTest, TheFirstRunReadsAMonthOfGenerationsIntoTheirOwnHours) {
  uint64_t records = 0;
  for (int day = 30; day >= 0; --day) {
    const auto end = static_cast<uint32_t>(1'799'900'000 - day * 86'400);
    const std::string content = RecordBuilder().Uid(1).Pid(end).BeginTime(end).Bytes() +
                                RecordBuilder().Uid(1).Pid(end + 1).BeginTime(end + 1).Bytes();
    const std::string name = absl::StrCat("pacct.", day);
    if (day == 0) {
      dir_.Write(name, content);
    } else {
      dir_.Write(name + ".gz", Gzipped(content));
    }
    records += 2;
  }
  EXPECT_EQ(CollectNow().records, records);
  ASSERT_EQ(SnapshotCount(), 1u);
  const absl::StatusOr<Snapshot> snapshot = store_.Load(List().snapshots[0]);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  std::set<int64_t> days;
  for (const UserRow& row : snapshot->users) days.insert(row.begin / 86'400);
  EXPECT_EQ(days.size(), 31u);
  // Afterwards nothing is new, and nothing is published.
  EXPECT_EQ(CollectNow().records, 0u);
  EXPECT_EQ(SnapshotCount(), 1u);
}

TEST_F(CollectorTest, DamageIsKeptWithItsOffsetInTheFile) {
  dir_.Write("pacct", Record(1));
  CollectNow();
  dir_.Append("pacct", std::string(64, '\xff') + Record(1) + Record(1) + Record(1));
  const CollectResult result = CollectNow();
  ASSERT_EQ(result.inputs.size(), 1u);
  ASSERT_EQ(result.inputs[0].skipped.size(), 1u);
  EXPECT_EQ(result.inputs[0].skipped[0].begin, 64u);
  EXPECT_EQ(Stored(), (Processes{{1, 4}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
