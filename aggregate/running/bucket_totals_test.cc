#include "aggregate/running/bucket_totals.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/units.h"
#include "acct/testing/memory_source.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/running/usage_spread.h"
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

// A stream in blocks of a record goes another way than a file in one piece.
TEST(BucketTallyTest, TheFastLoopGivesWhatTheSimpleOneDoes) {
  constexpr uint32_t kHour = 3600;
  constexpr uint32_t kDay = 24 * kHour;
  constexpr uint32_t kLastRun = 1'700'000'000;
  constexpr uint32_t kRecords = 3000;
  std::mt19937 generator(1);
  const auto random = [&](uint32_t below) { return static_cast<uint32_t>(generator() % below); };
  const auto comp_t = [&] { return static_cast<uint16_t>(random(1 << 16)); };
  std::string file;
  for (uint32_t i = 0; i < kRecords; ++i) {
    // Most ended since the last run, which was some hours ago.
    const uint32_t age = random(4) == 0 ? random(50 * kDay) : 0;
    file += RecordBuilder(random(300) == 0 ? 2 : 3)
                .BeginTime(kLastRun - age + random(6 * kHour))
                .Elapsed(static_cast<float>(random(100) == 0 ? random(3 * kHour * 100) : 90))
                .Pid(random(500))
                .Uid(random(20))
                .UserTime(comp_t())
                .SystemTime(comp_t())
                .Memory(comp_t())
                .Command(absl::StrCat("command", random(9)))
                .Bytes();
  }
  const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  const BucketPolicy ordinary = BucketPolicyAt(absl::FromUnixSeconds(kLastRun + 6 * kHour),
                                               absl::FixedTimeZone(5 * 3600 + 1800), 20);
  const BucketPolicy finer_commands = {.days_before = kLastRun / kDay * kDay};
  const SpreadWindow divides = {.since = kLastRun, .now = kLastRun + 6 * kHour};
  const auto aggregate = [&](MemorySource source, BucketTotals totals) {
    EXPECT_TRUE(Aggregate(source, {}, totals).ok());
    return totals;
  };
  const BucketTotals cases[] = {
      {.policy = ordinary},
      {.policy = finer_commands},
      {.policy = ordinary, .window = divides},
      {.policy = ordinary, .watched_pids = {7, 499}, .scan_offset = 2000 * 64},
      {.policy = ordinary,
       .window = divides,
       .watched_pids = {3},
       .watched_command = CommandBitsOf("command4"),
       .watched_since = kLastRun + 3 * kHour},
  };
  for (const BucketTotals& options : cases) {
    const BucketTotals fast = aggregate(MemorySource(bytes), options);
    const BucketTotals simple = aggregate(MemorySource(bytes, 64), options);
    EXPECT_TRUE(fast.usage == simple.usage);
    EXPECT_TRUE(fast.commands == simple.commands);
    EXPECT_GT(simple.commands.size(), simple.usage.size());
    EXPECT_EQ(fast.first_end, simple.first_end);
    EXPECT_EQ(fast.span.first_begin, simple.span.first_begin);
    EXPECT_EQ(fast.span.last_end, simple.span.last_end);
    EXPECT_EQ(fast.records_without_pid, simple.records_without_pid);
    EXPECT_GT(simple.records_without_pid, 0u);
    ASSERT_EQ(fast.exits.size(), simple.exits.size());
    EXPECT_EQ(simple.exits.empty(), options.watched_pids.empty());
    for (size_t i = 0; i < fast.exits.size(); ++i) {
      EXPECT_EQ(fast.exits[i].pid, simple.exits[i].pid);
      EXPECT_EQ(fast.exits[i].end_time, simple.exits[i].end_time);
      EXPECT_EQ(fast.exits[i].after_scan, simple.exits[i].after_scan);
    }
  }
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
