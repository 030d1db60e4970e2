// `cpuagg forget`: what it deletes, what reports say of that, and that nothing comes back.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "tools/cli_tests/store/store_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

class ForgetCliTest : public StoreCliTest {
 protected:
  ForgetCliTest() {
    dir_.Write("passwd", "alice:x:1000:1000::/:/bin/sh\nbobby:x:1001:1001::/:/bin/sh\n");
  }

  Finished Forget(Strings flags) const {
    flags.insert(flags.begin(), "forget");
    return Run(std::move(flags));
  }

  bool StoreHolds(const std::string& text) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      if (absl::StrContains(std::string(std::istreambuf_iterator<char>(file), {}), text)) {
        return true;
      }
    }
    return false;
  }
};

TEST_F(ForgetCliTest, AUserIsGoneAndDoesNotComeBack) {
  Work(1000);
  Work(1001, "secret");
  Collect();
  now_ += absl::Hours(1);
  Work(1001, "secret");
  Collect();
  ASSERT_TRUE(StoreHolds("bobby"));

  const std::string deletes =
      " 0:00:02.00 of CPU time of 2 processes of bobby (1001), 2026-10-01 12:00 – 14:00 UTC, from "
      "2 snapshots.\n"
      "The accounting files still have the records, as long as they are kept.\n"
      "Processes that still run are counted anew.\n"
      "The store itself keeps 2 records of it, by which collect recognises the accounting files: "
      "those of the last run until a later one replaces them, others with their snapshot "
      "(--keep).\n";
  const Finished dry = Forget({"--user=bobby", "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.out, "Would delete" + deletes);
  EXPECT_EQ(Users(), (Strings{"1000 alice 1", "1001 bobby 2"}));

  const Finished done = Forget({"--user=bobby", "--yes"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(done.out, "Deleted" + deletes);
  EXPECT_FALSE(StoreHolds("bobby"));
  Collect();
  EXPECT_EQ(Users(), (Strings{"1000 alice 1"}));

  // What is new counts.
  now_ += absl::Hours(1);
  Work(1001);
  Collect();
  EXPECT_EQ(Users(), (Strings{"1000 alice 1", "1001 bobby 1"}));
}

TEST_F(ForgetCliTest, ReportsOfThatTimeSaySo) {
  Work(1000);
  Work(1001);
  Collect();
  Forget({"--user=bobby", "--yes"});
  now_ += absl::Hours(1);
  Work(1000);
  Collect();
  const json report = JsonReport();
  ASSERT_EQ(report["gaps"].size(), 1u);
  EXPECT_EQ(report["gaps"][0]["reason"],
            "what 1 user used was deleted on 2026-10-01 by `cpuagg forget`");
  EXPECT_EQ(JsonReport({"--since=2026-10-01 13:00"})["gaps"], json::array());
  // A message too.
  const Finished message = Run({"send", "--dry-run", "--period=today"});
  EXPECT_TRUE(absl::StrContains(message.out, "⚠ incomplete 2026-10-01 12:00 – 13:00 UTC"))
      << message.out;
}

TEST_F(ForgetCliTest, AComparisonLacksWhatWasDeletedAndNotTheWholePeriod) {
  // The store begins before both periods.
  Work(1000);
  Collect();
  now_ += absl::Hours(24);
  Work(1000);
  Work(1001);
  Collect();
  now_ += absl::Hours(24);
  Work(1000);
  Collect();
  Forget({"--user=bobby", "--yes"});
  now_ += absl::Hours(24);
  Collect();
  const std::string notes = JsonReport({"--period=yesterday", "--compare"})["notes"].dump();
  EXPECT_TRUE(absl::StrContains(notes,
                                "Some usage of the period that this is compared with was "
                                "deleted by `cpuagg forget`."))
      << notes;
  EXPECT_FALSE(absl::StrContains(notes, "is missing")) << notes;
}

// Only what somebody did not want is a warning.
TEST_F(ForgetCliTest, CheckDoesNotWarnOfADeletion) {
  now_ = absl::Now();
  Work(1001);
  Collect();
  Forget({"--user=bobby", "--yes"});
  // Its time limits are those of the real clock.
  preloaded_.clear();
  const json report = json::parse(Run({"check", "--json"}).out);
  bool is_found = false;
  for (const json& finding : report["findings"]) {
    if (finding["id"] != "store_gaps") continue;
    is_found = true;
    EXPECT_EQ(finding["level"], "ok");
    EXPECT_TRUE(absl::StartsWith(finding["text"].get<std::string>(),
                                 "none; what 1 user used was deleted on "))
        << finding;
  }
  EXPECT_TRUE(is_found) << report;
}

TEST_F(ForgetCliTest, WhatAlertsHaveToldIsForgotten) {
  Work(1000);
  Work(1001);
  Collect();
  notify::OutboxState state;
  state.alerts = {{.uid = 1000, .user = "alice", .period = "week"},
                  {.uid = 1001, .user = "bobby", .period = "week"}};
  state.limits_checked = "week 200, bobby=500";
  const notify::Outbox outbox(store_ + "/outbox");
  ASSERT_TRUE(outbox.LockQueue(absl::Seconds(5)).ok());
  ASSERT_TRUE(outbox.SaveState(state).ok());
  Forget({"--user=bobby", "--dry-run"});
  EXPECT_EQ(outbox.LoadState().value_or(notify::OutboxState()), state);
  Forget({"--user=bobby", "--yes"});
  EXPECT_FALSE(StoreHolds("bobby"));
  ASSERT_TRUE(outbox.LoadState().ok());
  ASSERT_EQ(outbox.LoadState()->alerts.size(), 1u);
  EXPECT_EQ(outbox.LoadState()->alerts[0].user, "alice");
}

TEST_F(ForgetCliTest, ANameThatIsNearlyOneIsProposed) {
  Work(1001);
  Collect();
  const Finished run = Forget({"--user=bboby", "--yes"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            absl::StrCat("cpuagg: ", store_, ": has nothing of bboby (did you mean bobby?)\n"));
}

TEST_F(ForgetCliTest, WhatIsOlderIsGoneForEverybody) {
  Work(1000);
  Work(1001);
  Collect();
  now_ += absl::Hours(48);
  Work(1000);
  Collect();
  EXPECT_EQ(Forget({"--before=2026-10-02", "--yes"}).exit_code, 0);
  EXPECT_EQ(Users(), (Strings{"1000 alice 1"}));
  const Finished report = Report({"--since=2026-10-01"});
  EXPECT_TRUE(absl::StrContains(report.out, "The records begin at 2026-10-03 12:00")) << report.out;
  EXPECT_TRUE(absl::StrContains(report.out, "everything that ended then was deleted"))
      << report.out;
  const Finished again = Forget({"--before=2026-10-02", "--yes"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, absl::StrCat(store_, " has nothing of that time.\n"));
}

// As after a run that was killed when it had deleted one of them.
TEST_F(ForgetCliTest, KnownUsersAreDeletedAlsoIfOthersAreUnknown) {
  Work(1000);
  Work(1001);
  Collect();
  dir_.Write("store/names.pb", "bobby");
  const Finished run = Forget({"--user=carol,bobby", "--yes"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", store_, ": has nothing of carol\n"));
  EXPECT_TRUE(absl::StartsWith(run.out, "Deleted 0:00:01.00 ")) << run.out;
  EXPECT_EQ(Users(), (Strings{"1000 alice 1"}));
  EXPECT_FALSE(StoreHolds("bobby"));
  EXPECT_EQ(JsonReport()["gaps"][0]["reason"],
            "what 1 user used was deleted on 2026-10-01 by `cpuagg forget`");
  // Again, when only the names were left.
  dir_.Write("store/names.pb", "bobby");
  EXPECT_EQ(Forget({"--user=bobby", "--yes"}).exit_code, 1);
  EXPECT_FALSE(StoreHolds("bobby"));
}

TEST_F(ForgetCliTest, AWrongCommandLineDeletesNothing) {
  Work(1000);
  Collect();
  const struct {
    Strings flags;
    const char* says;
  } cases[] = {
      {{}, "forget: needs --user NAMES, --before TIME or both"},
      {{"--yes"}, "forget: needs --user NAMES"},
      {{"--user=alice"}, "--dry-run shows what, and --yes does it"},
      {{"--user=alice", "--yes", "--dry-run"}, "--dry-run: cannot be combined with --yes"},
      {{"--user=", "--yes"}, "--user: names no user"},
      {{"--before=2027-01-01", "--yes"}, "--before: is in the future"},
      {{"--before=soon", "--yes"}, "--before: 'soon' is not a time"},
      {{"--since=2026-01-01", "--yes"}, "--since"},
  };
  for (const auto& [flags, says] : cases) {
    const Finished run = Forget(flags);
    EXPECT_EQ(run.exit_code, 2) << says;
    EXPECT_TRUE(absl::StrContains(run.err, says)) << run.err;
  }
  const Finished nobody = Forget({"--user=carol", "--yes"});
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_EQ(nobody.out, "");
  EXPECT_EQ(nobody.err, absl::StrCat("cpuagg: ", store_, ": has nothing of carol\n"));
  const Finished nowhere = Forget({"--user=alice", "--yes", "--store", dir_.Path("none")});
  EXPECT_EQ(nowhere.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(nowhere.err, "there is no store here")) << nowhere.err;
  EXPECT_EQ(Users(), (Strings{"1000 alice 1"}));
}

}  // namespace
}  // namespace cpuagg::tools
