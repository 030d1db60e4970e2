#include "aggregate/running/bucket_totals.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/units.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::MemorySource;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;

TEST(BucketTallyTest, TheStoreGetsHoursOfWhatIsRecentAndDaysAndMonthsOfWhatIsOld) {
  const TempDir dir;
  constexpr uint32_t kDay = 86'400;
  // Processes that end in the first days of 1970, the last two within an hour.
  std::string file;
  for (const uint32_t end : {kDay + 10, 2 * kDay - 1, 39 * kDay, 40 * kDay + 1800}) {
    file += RecordBuilder().BeginTime(end).Command("sh").Bytes();
  }
  file += RecordBuilder().BeginTime(40 * kDay + 1801).Command("make").Bytes();
  // A record with a usual time makes the others plausible.
  constexpr uint32_t kLater = 1'700'000'000 / 3600 * 3600;
  file += RecordBuilder().BeginTime(kLater).Command("later").Bytes();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
      acct::OpenSource(dir.Write("pacct", file));
  ASSERT_TRUE(source.ok());
  BucketTotals totals{.policy = {.days_before = 2 * kDay,
                                 .command_days_before = 40 * kDay,
                                 .command_months_before = 31 * kDay}};
  ASSERT_TRUE(Aggregate(**source, {}, totals).ok());
  std::map<int64_t, uint64_t> users;
  for (const auto& [key, usage] : totals.usage) users[key.begin] = usage.processes;
  EXPECT_EQ(users,
            (std::map<int64_t, uint64_t>{{kDay, 2}, {39 * kDay, 1}, {40 * kDay, 2}, {kLater, 1}}));
  std::map<std::pair<int64_t, std::string>, uint64_t> commands;
  for (const auto& [key, usage] : totals.commands) {
    commands[{key.begin, CommandText(key.command)}] = usage.processes;
  }
  EXPECT_EQ(commands,
            (std::map<std::pair<int64_t, std::string>, uint64_t>{{{0, "sh"}, 2},
                                                                 {{39 * kDay, "sh"}, 1},
                                                                 {{40 * kDay, "sh"}, 1},
                                                                 {{40 * kDay, "make"}, 1},
                                                                 {{kLater, "later"}, 1}}));
}

TEST(BucketTallyTest, CommandsBeyondWhatMemoryIsForAreCountedTogether) {
  std::string file;
  constexpr uint32_t kCommands = (1 << 18) + 1000;
  for (uint32_t i = 0; i < kCommands; ++i) {
    file += RecordBuilder()
                .UserTime(static_cast<uint16_t>(i < 5 ? 100 - i : 1))
                .Command(absl::StrCat("c", i))
                .Bytes();
  }
  MemorySource source(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(file.data()), file.size()));
  BucketTotals totals;
  ASSERT_TRUE(Aggregate(source, {}, totals).ok());
  EXPECT_LT(totals.commands.size(), 1100u);
  uint64_t processes = 0;
  std::set<std::string> commands;
  for (const auto& [key, usage] : totals.commands) {
    processes += usage.processes;
    commands.insert(CommandText(key.command));
  }
  EXPECT_EQ(processes, kCommands);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(commands.contains(absl::StrCat("c", i)));
}

TEST(BucketTallyTest, RecordsWithoutProcessIdsAndTheFirstEndAreNoticed) {
  std::string file;
  for (const uint32_t begin : {1'700'000'500, 1'700'000'100, 1'700'000'900}) {
    file += RecordBuilder().BeginTime(begin).Elapsed(700).Bytes();
  }
  for (const uint64_t without_pid : {0, 1, 2}) {
    MemorySource source(
        absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(file.data()), file.size()));
    BucketTotals totals;
    ASSERT_TRUE(Aggregate(source, {}, totals).ok());
    EXPECT_EQ(totals.records_without_pid, without_pid);
    EXPECT_EQ(totals.first_end, 1'700'000'107);
    // Of an older kernel.
    file += RecordBuilder(2).BeginTime(1'700'000'800).Bytes();
  }
}

TEST(BucketTallyTest, ARecordIsAfterTheScanByItsPlaceInTheFile) {
  constexpr uint64_t kRecord = 64;
  const std::string file = RecordBuilder().Pid(2).Bytes() + RecordBuilder().Pid(9).Bytes() +
                           RecordBuilder().Pid(3).Bytes() + RecordBuilder().Pid(4).Bytes();
  const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  // All but the first of five records, in one piece and as a stream.
  for (MemorySource source : {MemorySource(bytes), MemorySource(bytes, kRecord)}) {
    BucketTotals totals{.watched_pids = {2, 3, 4}, .scan_offset = 3 * kRecord};
    ASSERT_TRUE(Aggregate(source, {.base = kRecord}, totals).ok());
    ASSERT_EQ(totals.exits.size(), 3u);
    EXPECT_EQ(totals.exits[0].pid, 2u);
    EXPECT_FALSE(totals.exits[0].after_scan);
    EXPECT_EQ(totals.exits[1].pid, 3u);
    EXPECT_TRUE(totals.exits[1].after_scan);
    EXPECT_TRUE(totals.exits[2].after_scan);
  }
}

TEST(BucketTallyTest, AnExitHasWhatItsRecordSays) {
  const std::string file = RecordBuilder()
                               .Pid(2)
                               .Uid(70'000)
                               .Command("job")
                               .BeginTime(1'700'000'000)
                               .Elapsed(500)
                               .UserTime(33)
                               .SystemTime(7)
                               .Bytes();
  MemorySource source(
      absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(file.data()), file.size()));
  BucketTotals totals{.watched_pids = {2}};
  ASSERT_TRUE(Aggregate(source, {}, totals).ok());
  ASSERT_EQ(totals.exits.size(), 1u);
  const ProcessExit& exit = totals.exits[0];
  EXPECT_EQ(exit.begin_time, 1'700'000'000);
  EXPECT_EQ(exit.end_time, 1'700'000'005);
  EXPECT_EQ(exit.uid, acct::Uid(70'000));
  EXPECT_EQ(CommandText(exit.command), "job");
  EXPECT_EQ(exit.user_ticks, 33u);
  EXPECT_EQ(exit.system_ticks, 7u);
}

}  // namespace
}  // namespace cpuagg::aggregate
