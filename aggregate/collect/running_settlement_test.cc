#include "aggregate/collect/running_settlement.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/kernel/process_table.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/collect/collector.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/running/running.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/testing/crashing_files.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;
// A midnight.
const int64_t kStart =
    absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(2027, 3, 10), absl::UTCTimeZone()));

// User and system ticks.
using Ticks = std::pair<uint64_t, uint64_t>;
// User and hour after kStart.
using Hours = std::map<std::pair<uint32_t, int64_t>, Ticks>;
// User, hour after kStart and command; "" for the others.
using Commands = std::map<std::tuple<uint32_t, int64_t, std::string>, Ticks>;

struct Seen {
  uint32_t pid = 50;
  uint32_t uid = 1000;
  std::string command = "job";
  uint64_t user = 0;
  uint64_t system = 0;
};

// Collects from processes that began at kStart, half an hour into an hour. Times are hours after
// kStart.
class SettlementTest : public ::testing::Test {
 protected:
  void SetUp() override { dir_.Write("pacct", ""); }

  void Look(int64_t hour, const std::vector<Seen>& processes) {
    const int64_t now = kStart + hour * kHour + kHour / 2;
    acct::ProcessTable table{.boot_id = "boot", .boot_time = kStart - kDay};
    table.uptime = now - table.boot_time;
    for (const Seen& seen : processes) {
      table.processes.push_back({.pid = seen.pid,
                                 .start_ticks = kDay * 100,
                                 .begin_time = kStart,
                                 .uid = Uid(seen.uid),
                                 .command = seen.command,
                                 .user_ticks = seen.user,
                                 .system_ticks = seen.system});
    }
    const absl::StatusOr<CollectResult> result = Collect(store_, names_,
                                                         {.files = {.path = dir_.Path("pacct")},
                                                          .host = "lab",
                                                          .now = absl::FromUnixSeconds(now),
                                                          .read_processes = [&] { return table; }});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->compaction_problem, "");
    last_hour_ = hour;
    CheckSums();
  }

  // The process ended a quarter past the hour.
  void End(int64_t hour, const Seen& record) {
    dir_.Append("pacct", RecordBuilder()
                             .Pid(record.pid)
                             .Uid(record.uid)
                             .BeginTime(static_cast<uint32_t>(kStart))
                             .Elapsed(static_cast<float>((hour * kHour + kHour / 4) * 100))
                             .UserTime(static_cast<uint16_t>(record.user))
                             .SystemTime(static_cast<uint16_t>(record.system))
                             .Command(record.command)
                             .Bytes());
  }

  Report ReportOf(const Grouping& by, const Period& period = {}) const {
    absl::StatusOr<StoreReport> report =
        ReportFromStore(store_, period, absl::UTCTimeZone(), {}, {.by = by});
    EXPECT_TRUE(report.ok()) << report.status();
    return std::move(report->report);
  }

  static Ticks TicksOf(const Usage& usage) {
    return {usage.user_time().ticks().count(), usage.system_time().ticks().count()};
  }

  Hours ByHour() const {
    Hours hours;
    for (const ReportRow& row : ReportOf({Dimension::kUser, Dimension::kHour}).rows) {
      hours[{row.uid.value(), (row.begin - kStart) / kHour}] = TicksOf(row.usage);
    }
    return hours;
  }

  Commands ByCommand() const {
    Commands commands;
    for (const ReportRow& row :
         ReportOf({Dimension::kUser, Dimension::kHour, Dimension::kCommand}).rows) {
      commands[{row.uid.value(), (row.begin - kStart) / kHour, row.command.value_or("")}] =
          TicksOf(row.usage);
    }
    return commands;
  }

  std::map<std::string, uint64_t> ByName() const {
    std::map<std::string, uint64_t> names;
    for (const ReportRow& row : ReportOf({Dimension::kUser}).rows) {
      names[row.user.value_or("")] = row.usage.cpu_time().ticks().count();
    }
    return names;
  }

  // The rows of every grouping add up to the totals, which are the same for all groupings.
  void CheckSums() const {
    std::vector<Period> periods = {{}};
    for (int64_t hour = 0; hour <= last_hour_; hour += 24) {
      const absl::Time day = absl::FromUnixSeconds(kStart + hour * kHour);
      periods.push_back({day, day + absl::Hours(24)});
    }
    for (const Period& period : periods) {
      std::optional<Ticks> all;
      for (const Grouping& by :
           {Grouping{Dimension::kUser}, Grouping{Dimension::kHour}, Grouping{Dimension::kDay},
            Grouping{Dimension::kUser, Dimension::kHour}, Grouping{Dimension::kCommand},
            Grouping{Dimension::kUser, Dimension::kCommand},
            Grouping{Dimension::kCommand, Dimension::kDay}}) {
        // Commands of past months are kept by the month.
        if (!period.is_all() && Has(by, Dimension::kCommand) && last_hour_ > 40 * 24) continue;
        const Report report = ReportOf(by, period);
        acct::ExactTime sum;
        for (const ReportRow& row : report.rows) {
          EXPECT_GE(row.usage.running_user, 0);
          EXPECT_GE(row.usage.running_system, 0);
          sum += row.usage.cpu_time();
        }
        EXPECT_EQ(sum.ticks().count(), report.totals.cpu_time().ticks().count());
        if (!all.has_value()) all = TicksOf(report.totals);
        EXPECT_EQ(TicksOf(report.totals), *all) << absl::FormatTime(period.begin) << by.size();
      }
    }
  }

  TempDir dir_;
  testing::CrashingFiles files_{dir_.Path("trash")};  // does not wait for the disk
  SnapshotStore store_{dir_.Path("store"), files_};
  PasswdFileDirectory names_{""};
  int64_t last_hour_ = 0;
};

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

TEST_F(SettlementTest, UserAndCommandAreThoseOfTheRecord) {
  Look(0, {{.uid = 0, .command = "login", .user = 1000, .system = 50}});
  End(1, {.uid = 1000, .command = "job", .user = 950, .system = 70});
  Look(1, {});
  EXPECT_EQ(ByCommand(), (Commands{{{1000, 0, "job"}, {950, 50}}, {{1000, 1, "job"}, {0, 20}}}));
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {950, 50}}, {{1000, 1}, {0, 20}}}));
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

// Snapshots become coarser one after another. Checked on every day.
TEST_F(SettlementTest, WhatIsTooMuchIsFoundAmongTheDaysOfCommands) {
  Look(5, {{.user = 1000}});
  Look(20, {{.user = 1100}});
  for (int day = 1; day < 4; ++day)
    Look(day * 24, {{.user = 1100}, {.pid = 51, .uid = 1, .user = 1u + day}});
  EXPECT_EQ(ByCommand().count({1000, 0, "job"}), 1u);  // kept by the day
  End(4 * 24, {.user = 950});
  Look(4 * 24, {});
  const Hours expected = {{{1000, 5}, {950, 0}}, {{1000, 4 * 24}, {0, 0}}};
  for (int day = 5; day < 12; ++day) {
    Look(day * 24, {{.pid = 52, .uid = 1, .user = 1u + day}});
    Hours hours = ByHour();
    std::erase_if(hours, [](const auto& hour) { return hour.first.first == 1; });
    EXPECT_EQ(hours, expected) << day;
  }
}

TEST_F(SettlementTest, WhatMovesBetweenDaysAddsUpWhileTheyAreMerged) {
  uint64_t ticks = 0;
  // Twice a day, so that there is something to merge. The user changes every third time.
  for (int look = 0; look < 40; ++look) {
    ticks += 100;
    Look(look * 12 + 5, {{.uid = 1000u + (look / 3) % 2, .user = ticks, .system = ticks / 10}});
    EXPECT_EQ(TicksOf(ReportOf({Dimension::kUser}).totals), Ticks(ticks, ticks / 10));
    const Hours hours = ByHour();
    EXPECT_EQ(hours.size(), look + 1u);
    for (const auto& [key, used] : hours) EXPECT_EQ(used, Ticks(100, 10));
  }
}

TEST_F(SettlementTest, WhatIsTooMuchIsFoundAmongTheDaysOfUsers) {
  Look(5, {{.user = 1000}});
  Look(6, {{.user = 1100}});
  constexpr int kLast = 70;
  for (int day = 1; day < kLast; day += 3)
    Look(day * 24, {{.user = 1100}, {.pid = 51, .uid = 1, .user = 1u + day}});
  EXPECT_EQ(ByHour().at({1000, 0}), Ticks(1100, 0));  // kept by the day
  End(kLast * 24, {.uid = 1001, .user = 950});
  Look(kLast * 24, {});
  for (int day = kLast + 3; day < kLast + 90; day += 3) {
    Look(day * 24, {{.pid = 52, .uid = 1, .user = 1u + day}});
    Hours hours = ByHour();
    std::erase_if(hours, [](const auto& hour) {
      return hour.first.first == 1 || hour.second == Ticks(0, 0);
    });
    EXPECT_EQ(hours, (Hours{{{1001, 0}, {950, 0}}})) << day;
  }
}

TEST_F(SettlementTest, WhatIsTooMuchForAUserIsTakenFromTheNameOfThatTime) {
  names_ = PasswdFileDirectory("alice:x:1000:1::/:\n");
  Look(0, {{.user = 1000}});
  names_ = PasswdFileDirectory("bob:x:1000:1::/:\n");
  End(1, {.user = 900});
  End(1, {.pid = 60, .command = "other", .user = 7});
  Look(1, {});
  EXPECT_EQ(ByName(), (std::map<std::string, uint64_t>{{"alice", 900}, {"bob", 7}}));
  // Usage without a name still belongs to the last name.
  names_ = PasswdFileDirectory("");
  End(2, {.pid = 61, .user = 1});
  Look(2, {});
  EXPECT_EQ(ByName(), (std::map<std::string, uint64_t>{{"alice", 900}, {"bob", 8}}));
}

TEST_F(SettlementTest, TheLastNameStaysTheLastOneIfThereIsNoneNow) {
  names_ = PasswdFileDirectory("alice:x:1000:1::/:\n");
  Look(0, {{.user = 1000}});
  names_ = PasswdFileDirectory("bob:x:1000:1::/:\n");
  Look(1, {{.user = 1000}, {.pid = 51, .command = "other", .user = 10}});
  names_ = PasswdFileDirectory("");
  End(2, {.user = 900});
  Look(2, {{.pid = 51, .command = "other", .user = 15}});
  Look(3, {{.pid = 51, .command = "other", .user = 30}});
  EXPECT_EQ(ByName(), (std::map<std::string, uint64_t>{{"alice", 900}, {"bob", 30}}));
}

TEST_F(SettlementTest, AMoveGoesToTheNameOfNow) {
  names_ = PasswdFileDirectory("root:x:0:0::/:\nalice:x:1000:1::/:\n");
  Look(0, {{.uid = 0, .user = 1000}, {.pid = 51, .uid = 1000, .user = 5}});
  names_ = PasswdFileDirectory("root:x:0:0::/:\nbob:x:1000:1::/:\n");
  Look(1, {{.uid = 1000, .user = 1000}, {.pid = 51, .uid = 1000, .user = 5}});
  EXPECT_EQ(ByName(), (std::map<std::string, uint64_t>{{"alice", 5}, {"bob", 1000}}));
}

TEST_F(SettlementTest, WhatAUserHadBeforeTheFirstNameStaysAsItIs) {
  Look(0, {{.user = 1000}});
  names_ = PasswdFileDirectory("alice:x:1000:1::/:\n");
  End(1, {.user = 900});
  Look(1, {});
  EXPECT_EQ(ByName(), (std::map<std::string, uint64_t>{{"", 1000}, {"alice", 0}}));
}

TEST_F(SettlementTest, ACommandOutsideTheTenIsAmongTheOthers) {
  std::vector<Seen> processes;
  for (uint32_t i = 1; i <= 14; ++i) {
    processes.push_back({.pid = 50 + i, .command = absl::StrCat("command", i), .user = 100 * i});
  }
  Look(0, processes);
  EXPECT_EQ(ByCommand().at({1000, 0, ""}), Ticks(100 + 200 + 300 + 400, 0));
  processes.erase(processes.begin());
  End(1, {.pid = 51, .command = "command1", .user = 60});
  processes[0].uid = 1001;
  Look(1, processes);
  EXPECT_EQ(ByCommand().at({1000, 0, ""}), Ticks(60 + 300 + 400, 0));
  EXPECT_EQ(ByCommand().at({1001, 0, "command2"}), Ticks(200, 0));
  EXPECT_EQ(ByHour().at({1000, 0}), Ticks(14 * 15 * 50 - 40 - 200, 0));
}

TEST_F(SettlementTest, WhatWasCutLaterAddsUpAsWell) {
  // A job that is among the ten commands of its hour, but not of the day with which it is merged.
  Look(0, {{.user = 10}});
  for (uint32_t i = 1; i <= 12; ++i) {
    End(i, {.pid = 50 + i, .command = absl::StrCat("command", i), .user = 100 * i});
    Look(i, {{.user = 10}});
  }
  for (int day = 1; day < 4; ++day)
    Look(day * 24, {{.user = 10}, {.pid = 80, .uid = 1, .user = 1u + day}});
  End(4 * 24, {.user = 6});
  for (int day = 4; day < 9; ++day) {
    Look(day * 24, {{.pid = 81, .uid = 1, .user = 1u + day}});
    EXPECT_EQ(ByHour().at({1000, 0}), Ticks(6, 0));
    EXPECT_EQ(ByCommand().count({1000, 0, "job"}), 0u);
  }
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
