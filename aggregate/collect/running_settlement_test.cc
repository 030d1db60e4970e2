#include "aggregate/collect/running_settlement.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/collect/collector.h"
#include "aggregate/report/report.h"
#include "aggregate/running/running.h"
#include "aggregate/testing/settlement_fixture.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::RecordBuilder;
using testing::Commands;
using testing::Hours;
using testing::kDay;
using testing::kHour;
using testing::kStart;
using testing::Seen;
using testing::SettlementTest;
using testing::Ticks;

TEST_F(SettlementTest, ARunningProcessThatChangesItsUserHasAlwaysBeenTheNewOnes) {
  Look(0, {{.uid = 1000, .user = 1000}});
  Look(1, {{.uid = 1001, .user = 1200}});
  EXPECT_EQ(ByHour(), (Hours{{{1001, 0}, {1000, 0}}, {{1001, 1}, {200, 0}}}));
  EXPECT_EQ(ByCommand(), (Commands{{{1001, 0, "job"}, {1000, 0}}, {{1001, 1, "job"}, {200, 0}}}));
  for (const int64_t hour : {0, 1}) {
    const absl::Time begin = absl::FromUnixSeconds(kStart + hour * kHour);
    const Report report = ReportOf({Dimension::kUser}, {begin, begin + absl::Hours(1)});
    ASSERT_EQ(report.rows.size(), 1u);
    EXPECT_EQ(report.rows[0].uid, Uid(1001));
    EXPECT_EQ(TicksOf(report.totals), Ticks(hour == 0 ? 1000 : 200, 0));
  }
  EXPECT_EQ(TicksOf(ReportOf({Dimension::kUser}).totals), Ticks(1200, 0));
}

TEST_F(SettlementTest, ARecordIsBelievedThatHasLessThanWasShown) {
  Look(0, {{.user = 1000}});
  End(1, {.user = 900});
  Look(1, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {900, 0}}, {{1000, 1}, {0, 0}}}));
  EXPECT_EQ(ByCommand(), (Commands{{{1000, 0, "job"}, {900, 0}}, {{1000, 1, "job"}, {0, 0}}}));
}

TEST_F(SettlementTest, ARecordThatHasMoreAddsTheRestInItsHour) {
  Look(0, {{.user = 1000, .system = 5}});
  End(1, {.user = 1100, .system = 5});
  Look(1, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1000, 5}}, {{1000, 1}, {100, 0}}}));
}

TEST_F(SettlementTest, UserAndSystemTimeAreEachLookedAt) {
  Look(0, {{.user = 1000, .system = 100}});
  End(1, {.user = 990, .system = 130});
  Look(1, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {990, 100}}, {{1000, 1}, {0, 30}}}));
}

TEST_F(SettlementTest, ARunningProcessMayShowLessThanBefore) {
  Look(0, {{.user = 1000, .system = 100}});
  Look(1, {{.user = 990, .system = 130}});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {990, 100}}, {{1000, 1}, {0, 30}}}));
}

TEST_F(SettlementTest, ARunningProcessThatChangesItsCommandHasAlwaysHadIt) {
  Look(0, {{.command = "bash", .user = 1000}});
  Look(1, {{.command = "job", .user = 1200}});
  EXPECT_EQ(ByCommand(), (Commands{{{1000, 0, "job"}, {1000, 0}}, {{1000, 1, "job"}, {200, 0}}}));
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1000, 0}}, {{1000, 1}, {200, 0}}}));
}

TEST_F(SettlementTest, WhatIsTooMuchIsTakenFromTheLatestHours) {
  Look(0, {{.user = 1000}});
  Look(1, {{.user = 1500}});
  Look(2, {{.user = 2000}});
  End(3, {.user = 1200});
  Look(3, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1000, 0}}, {{1000, 1}, {200, 0}}, {{1000, 3}, {0, 0}}}));
}

TEST_F(SettlementTest, AMoveLeavesEachHourWhatItHad) {
  Look(0, {{.user = 1000}});
  Look(1, {{.user = 1500}});
  Look(2, {{.uid = 1001, .user = 2000}});
  End(3, {.uid = 1002, .command = "last", .user = 2100});
  Look(3, {});
  EXPECT_EQ(ByCommand(), (Commands{{{1002, 0, "last"}, {1000, 0}},
                                   {{1002, 1, "last"}, {500, 0}},
                                   {{1002, 2, "last"}, {500, 0}},
                                   {{1002, 3, "last"}, {100, 0}}}));
}

TEST_F(SettlementTest, ProcessesOfOneUserAndCommandShareWhatIsCounted) {
  Look(0, {{.pid = 50, .user = 1000}, {.pid = 51, .user = 300}});
  Look(1, {{.pid = 50, .user = 1000}, {.pid = 51, .user = 500}});
  End(2, {.pid = 50, .user = 900});
  Look(2, {{.pid = 51, .user = 500}});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1300, 0}}, {{1000, 1}, {100, 0}}, {{1000, 2}, {0, 0}}}));
  // And the other process, of which more was counted than is left there.
  End(3, {.pid = 51, .user = 250});
  Look(3, {});
  EXPECT_EQ(TicksOf(ReportOf({Dimension::kUser}).totals), Ticks(1150, 0));
}

TEST_F(SettlementTest, WhatWasCountedForRunningProcessesIsTakenBeforeRecords) {
  Look(0, {{.user = 1000}});
  End(1, {.pid = 60, .user = 500});
  Look(1, {{.user = 1000}});
  End(2, {.user = 900});
  Look(2, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {900, 0}}, {{1000, 1}, {500, 0}}, {{1000, 2}, {0, 0}}}));
}

TEST_F(SettlementTest, AnHourThatHasAsMuchKeepsTheEarlierOnesAsTheyAre) {
  Look(0, {{.user = 1000, .system = 7}});
  End(1, {.user = 900, .system = 0});
  End(1, {.pid = 60, .user = 500, .system = 7});
  Look(1, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1000, 7}}, {{1000, 1}, {400, 0}}}));
  // Not if the bucket has only part of it, or if only the user has it and not the command.
  Look(2, {{.pid = 51, .user = 100}});
  End(3, {.pid = 51, .user = 50});
  End(3, {.pid = 61, .user = 49});
  End(3, {.pid = 62, .command = "other", .user = 500});
  Look(3, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {1000, 7}},
                             {{1000, 1}, {400, 0}},
                             {{1000, 2}, {50, 0}},
                             {{1000, 3}, {549, 0}}}));
}

TEST_F(SettlementTest, AnHourThatHasTooLittleSystemTimeKeepsWhatItHas) {
  Look(0, {{.user = 1000, .system = 7}});
  End(1, {.user = 900, .system = 0});
  End(1, {.pid = 60, .user = 500, .system = 6});
  Look(1, {});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {900, 0}}, {{1000, 1}, {500, 6}}}));
}

TEST_F(SettlementTest, WhatIsTakenFromACommandIsTakenFromTheSameHourOfItsUser) {
  Look(0, {{.user = 1000}});
  Look(1, {{.user = 1000}, {.pid = 51, .command = "other", .user = 500}});
  End(2, {.user = 900});
  Look(2, {{.pid = 51, .command = "other", .user = 500}});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {900, 0}}, {{1000, 1}, {500, 0}}, {{1000, 2}, {0, 0}}}));
}

// The process without a record is why the snapshot cannot be made up for.
TEST_F(SettlementTest, ACommandThatIsRenamedGetsNothingFromTheUsersOtherCommands) {
  const Seen other = {.pid = 51, .command = "other", .user = 500};
  Look(0, {{.command = "bash", .user = 100}, other});
  Look(1, {{.command = "bash", .user = 1100}, other});
  Look(2, {{.command = "bash", .user = 1300},
           other,
           {.pid = 52, .uid = 1002, .command = "gone", .user = 10}});
  const std::string path = store_.List()->snapshots[1].path;
  std::string bytes = acct::testing::ReadFile(path);
  bytes.back() ^= 1;
  dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  // Of the 1,300 ticks counted for it, 300 are still known.
  Look(3, {{.command = "job", .user = 1400}, other});
  EXPECT_EQ(ByCommand(), (Commands{{{1000, 0, "job"}, {100, 0}},
                                   {{1000, 0, "other"}, {500, 0}},
                                   {{1000, 2, "job"}, {200, 0}},
                                   {{1002, 2, "gone"}, {10, 0}},
                                   {{1000, 3, "job"}, {100, 0}}}));
}

TEST_F(SettlementTest, WithoutProcessIdsNothingRunningIsCounted) {
  Look(0, {{.user = 1000, .system = 3}, {.pid = 51, .uid = 1001, .user = 10}});
  Look(1, {{.user = 1500, .system = 3}, {.pid = 51, .uid = 1001, .user = 10}});
  dir_.Append("pacct", RecordBuilder(2)
                           .Uid(1000)
                           .BeginTime(static_cast<uint32_t>(kStart + kHour))
                           .UserTime(20)
                           .Rate(100)
                           .Bytes());
  Look(2, {{.user = 1500, .system = 3}, {.pid = 51, .uid = 1001, .user = 10}});
  EXPECT_EQ(ByHour(), (Hours{{{1000, 1}, {20, 0}}}));
}

TEST_F(SettlementTest, WhatIsNotFoundIsNeitherTakenAwayNorMoved) {
  Look(0, {{.user = 100}});
  Look(1, {{.user = 1100}});
  Look(2, {{.user = 1300}});
  const std::string path = store_.List()->snapshots[1].path;
  std::string bytes = acct::testing::ReadFile(path);
  bytes.back() ^= 1;
  dir_.Write(path.substr(dir_.path().size() + 1), bytes);
  // Of the 1,300 ticks counted, 300 are still known.
  Look(3, {{.uid = 1001, .user = 1400}});
  EXPECT_EQ(ByHour(), (Hours{{{1001, 0}, {100, 0}}, {{1001, 2}, {200, 0}}, {{1001, 3}, {100, 0}}}));
  End(4, {.uid = 1001, .user = 0});
  Look(4, {});
  EXPECT_EQ(ByHour(), (Hours{{{1001, 4}, {0, 0}}}));
}

TEST_F(SettlementTest, WhatWasCountedByAWrongClockIsFound) {
  // Ten days before the process began, according to the later clock.
  Look(0, {{.user = 1000}});
  const acct::ProcessTable later = {.boot_id = "boot",
                                    .boot_time = kStart + 9 * kDay,
                                    .uptime = kDay + 2 * kHour,
                                    .processes = {{.pid = 50,
                                                   .start_ticks = kDay * 100,
                                                   .begin_time = kStart + 10 * kDay,
                                                   .uid = Uid(1000),
                                                   .command = "job",
                                                   .user_ticks = 1000}}};
  for (const uint32_t uid : {1000, 1001}) {
    acct::ProcessTable table = later;
    table.processes[0].uid = Uid(uid);
    // The first run only brings the new time into the baseline.
    table.processes[0].user_ticks += uid == 1000 ? 1 : 2;
    ASSERT_TRUE(Collect(store_, names_,
                        {.files = {.path = dir_.Path("pacct")},
                         .now = absl::FromUnixSeconds(kStart + 10 * kDay + kHour),
                         .read_processes = [&] { return table; }})
                    .ok());
  }
  EXPECT_EQ(ByHour().at({1001, 0}), Ticks(1000, 0));
  EXPECT_EQ(ByHour().count({1000, 0}), 0u);
}

TEST(AddGrowthTest, WhatTheRecordHasAmongTheOthersIsTakenAwayThere) {
  UserBucketTable usage;
  CommandBucketTable commands;
  CommandBucketTable growth;
  const CommandBits job = CommandBitsOf("job");
  usage[{Uid(1), 3600}].ticks = {.user = 100, .system = 10};
  commands[{Uid(1), 3600, job}].ticks = {.user = 30};
  commands[{Uid(1), 3600, kOtherCommands}].ticks = {.user = 70, .system = 10};
  growth[{Uid(1), 3600, job}].running_user = -50;
  growth[{Uid(1), 3600, job}].running_system = -4;
  BucketFinder buckets((BucketPolicy()));
  AddGrowth(growth, buckets, usage, commands);
  EXPECT_EQ((usage[{Uid(1), 3600}].running_user), -50);
  EXPECT_EQ((commands[{Uid(1), 3600, job}].running_user), -30);
  EXPECT_EQ((commands[{Uid(1), 3600, job}].running_system), 0);
  EXPECT_EQ((commands[{Uid(1), 3600, kOtherCommands}].running_user), -20);
  EXPECT_EQ((commands[{Uid(1), 3600, kOtherCommands}].running_system), -4);
}

}  // namespace
}  // namespace cpuagg::aggregate
