// Settlement of running processes among the names of users, commands, and days that have been
// merged.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/testing/sanitized.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/testing/settlement_fixture.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Commands;
using testing::Hours;
using testing::Seen;
using testing::SettlementTest;
using testing::Ticks;

TEST_F(SettlementTest, UserAndCommandAreThoseOfTheRecord) {
  Look(0, {{.uid = 0, .command = "login", .user = 1000, .system = 50}});
  End(1, {.uid = 1000, .command = "job", .user = 950, .system = 70});
  Look(1, {});
  EXPECT_EQ(ByCommand(), (Commands{{{1000, 0, "job"}, {950, 50}}, {{1000, 1, "job"}, {0, 20}}}));
  EXPECT_EQ(ByHour(), (Hours{{{1000, 0}, {950, 50}}, {{1000, 1}, {0, 20}}}));
}

// Snapshots become coarser one after another. Checked on every day.
TEST_F(SettlementTest, WhatIsTooMuchIsFoundAmongTheDaysOfCommands) {
  Look(5, {{.user = 1000}});
  Look(20, {{.user = 1100}});
  for (int day = 1; day < 4; ++day)
    Look(day * 24, {{.user = 1100}, {.pid = 51, .uid = 1, .user = 1u + day}});
  EXPECT_EQ(ByCommand().count({1000, 0, "job"}), 1u);  // by the day
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
  constexpr int kLooks = acct::testing::LessIfSanitized(40, 20);
  uint64_t ticks = 0;
  std::map<int64_t, Ticks> before;
  // Twice a day, so that there is something to merge. The user changes every third time.
  for (int look = 0; look < kLooks; ++look) {
    ticks += 100;
    const uint32_t uid = 1000u + (look / 3) % 2;
    Look(look * 12 + 5, {{.uid = uid, .user = ticks, .system = ticks / 10}});
    EXPECT_EQ(TicksOf(ReportOf({Dimension::kUser}).totals), Ticks(ticks, ticks / 10));
    std::map<int64_t, Ticks> hours;
    for (const auto& [key, used] : ByHour()) {
      EXPECT_EQ(key.first, uid);
      hours[key.second] = used;
    }
    for (const auto& [hour, used] : before) EXPECT_EQ(hours[hour], used) << hour;
    before = std::move(hours);
  }
}

TEST_F(SettlementTest, WhatIsTooMuchIsFoundAmongTheDaysOfUsers) {
  Look(5, {{.user = 1000}});
  Look(6, {{.user = 1100}});
  constexpr int kLast = 70;
  constexpr int kStep = acct::testing::LessIfSanitized(3, 15);
  for (int day = 1; day < kLast; day += kStep)
    Look(day * 24, {{.user = 1100}, {.pid = 51, .uid = 1, .user = 1u + day}});
  EXPECT_EQ(ByHour().at({1000, 0}), Ticks(1100, 0));  // by the day
  End(kLast * 24, {.uid = 1001, .user = 950});
  Look(kLast * 24, {});
  for (int day = kLast + kStep; day < kLast + 90; day += kStep) {
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

}  // namespace
}  // namespace cpuagg::aggregate
