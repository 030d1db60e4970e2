// The kernel's accounting, turned off and on again: what `cpuagg collect` and `cpuagg report` say
// about the time in between. Needs root; otherwise prints that and skips.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/accounting.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::AccountingNamespace;
using testing::Accton;
using testing::Finished;
using testing::RunProgram;

constexpr char kOff[] = "ccounting seems to be off";

class LiveAccountingOffTest : public testing::CliTest {
 protected:
  LiveAccountingOffTest() { dir_.Write("pacct", ""); }

  Finished RunWell(Strings argv) const {
    Finished run = Run(std::move(argv));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run;
  }
  // Its messages.
  std::string Collect(Strings flags = {}) const {
    flags.insert(flags.begin(), "collect");
    return RunWell(std::move(flags)).err;
  }
  static bool SaysOff(const json& report) {
    return std::any_of(report["notes"].begin(), report["notes"].end(), [](const json& note) {
      return absl::StrContains(note.get<std::string>(), kOff);
    });
  }
  // Longer than the rounding of times in records.
  static void Wait() { absl::SleepFor(absl::Milliseconds(3100)); }
};

TEST_F(LiveAccountingOffTest, TheTimeInBetweenIsAGap) {
  const AccountingNamespace accounting;
  if (const std::string problem = accounting.TurnAccountingOn(pacct_); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Collect({"--no-running"}), "");
  EXPECT_FALSE(SaysOff(JsonReport()));
  EXPECT_TRUE(JsonReport()["gaps"].empty());

  EXPECT_EQ(Accton("off").exit_code, 0);
  Wait();
  RunProgram({.argv = {"/bin/true"}});
  // Once with --quiet; after that only in reports.
  EXPECT_TRUE(absl::StrContains(Collect({"--quiet"}), kOff));
  EXPECT_EQ(Collect({"--quiet"}), "");
  EXPECT_TRUE(absl::StrContains(Collect({"--no-running"}), kOff));
  json report = JsonReport();
  EXPECT_TRUE(SaysOff(report)) << report;
  ASSERT_EQ(report["gaps"].size(), 1u) << report;
  const std::string begin = report["gaps"][0]["start"];
  const Finished message = RunWell({"send", "--dry-run", "--store", store_});
  EXPECT_TRUE(absl::StrContains(message.out, absl::StrCat("⚠ a", kOff, " since "))) << message.out;

  EXPECT_EQ(Accton(pacct_).exit_code, 0);
  Wait();
  EXPECT_TRUE(absl::StrContains(
      Collect({"--quiet"}),
      ": accounting was off or paused: processes that ended then left no record\n"));
  EXPECT_EQ(Collect(), "");
  report = JsonReport();
  EXPECT_FALSE(SaysOff(report)) << report;
  ASSERT_EQ(report["gaps"].size(), 1u) << report;
  EXPECT_EQ(report["gaps"][0]["start"], begin);
  EXPECT_LT(begin, report["gaps"][0]["end"].get<std::string>());
  EXPECT_EQ(Accton("off").exit_code, 0);
}

TEST_F(LiveAccountingOffTest, AnEmptyFileIsSaidToBe) {
  const AccountingNamespace accounting;
  const auto run = [&](Strings argv) {
    argv.insert(argv.end(), {"--accounting-file", pacct_});
    return RunWell(std::move(argv));
  };
  EXPECT_TRUE(absl::StrContains(Collect(), kOff));
  EXPECT_TRUE(absl::StrContains(run({"report"}).out, kOff));
  EXPECT_TRUE(absl::StrContains(run({"report", "--format=csv"}).err, kOff));
  EXPECT_TRUE(absl::StrContains(run({"records"}).err, kOff));
  EXPECT_TRUE(SaysOff(JsonReport()));
  // As a FILE argument it is an ordinary file.
  EXPECT_FALSE(absl::StrContains(RunWell({"report", pacct_}).out, kOff));

  if (const std::string problem = accounting.TurnAccountingOn(pacct_); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  EXPECT_FALSE(absl::StrContains(run({"report"}).out, kOff));
  EXPECT_EQ(Collect(), "");
  EXPECT_FALSE(SaysOff(JsonReport()));
  EXPECT_EQ(Accton("off").exit_code, 0);
}

// An old record alone means nothing: the machine may have been idle since.
TEST_F(LiveAccountingOffTest, WithAccountingOnAnOldRecordIsNoSignOfAnything) {
  const AccountingNamespace accounting;
  const std::string old = acct::testing::ReadFile("testdata/lab/pacct");
  dir_.Write("pacct", old);
  const auto report = [&] { return RunWell({"report", "--accounting-file", pacct_}).out; };
  EXPECT_TRUE(absl::StrContains(report(), absl::StrCat("A", kOff, " since 2026-11-22 19:37: ")));
  if (const std::string problem = accounting.TurnAccountingOn(pacct_); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  EXPECT_FALSE(absl::StrContains(report(), kOff));
  EXPECT_EQ(Accton("off").exit_code, 0);
}

}  // namespace
}  // namespace cpuagg::tools
