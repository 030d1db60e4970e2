// The built binary, `cpuagg report --running`: the processes of a /proc of the test's own.

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

// It is noon of Wednesday, 2026-11-25. The machine has run for two days.
class RunningCliTest : public testing::ClockCliTest {
 protected:
  RunningCliTest() {
    now_ = absl::FromCivil(absl::CivilHour(2026, 11, 25, 12), absl::UTCTimeZone());
    std::filesystem::create_directories(dir_.Path("proc/sys/kernel/random"));
    dir_.Write("proc/sys/kernel/random/boot_id", "0123-4567\n");
    dir_.Write("proc/uptime", "172800.00 1.5\n");
    dir_.Write("proc/stat", absl::StrCat("cpu  1 0 0 1\ncpu0 1 0 0 1\nbtime ",
                                         absl::ToUnixSeconds(now_ - absl::Hours(48)), "\n"));
    AddProcess(1, "init", 0, 7, 0);
    AddProcess(700, "R", 1001, 36'000, 3600);
    AddProcess(701, "R", 1001, 1'000, 7200);
    AddProcess(702, "python3", 1002, 12'345, 10);
  }

  // A process that began so many seconds after the boot.
  void AddProcess(uint32_t pid, const char* command, uint32_t uid, uint64_t user_ticks,
                  uint64_t began) const {
    const std::string folder = absl::StrCat("proc/", pid);
    std::filesystem::create_directories(dir_.Path(folder));
    dir_.Write(folder + "/stat",
               absl::StrCat(pid, " (", command, ") S 0 1 1 0 -1 4194560 1 1 1 1 ", user_ticks,
                            " 0 0 0 20 0 1 0 ", began * 100, " 1 1\n"));
    dir_.Write(folder + "/status",
               absl::StrCat("Name:\t", command, "\nUid:\t", uid, "\t", uid, "\t", uid, "\n"));
  }

  Finished Report(Strings arguments) const {
    arguments.insert(arguments.begin(), {"report", "--running", "--passwd", passwd_});
    return Run(std::move(arguments), {absl::StrCat("CPUAGG_PROC=", dir_.Path("proc"))});
  }

  const std::string passwd_ =
      dir_.Write("passwd", "root:x:0:0::/:\nalice:x:1001:1::/:\nbob:x:1002:1::/:\n");
};

TEST_F(RunningCliTest, WhatRunsNowHasARowWithWhatItHasUsed) {
  const Finished run = Report({});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out,
            absl::StrCat("CPU by user (only running processes) on lab01, 2026-11-23 12:00 – "
                         "2026-11-25 12:00 UTC\n"
                         "from the processes in ",
                         dir_.Path("proc"),
                         "\n\n"
                         "USER     CPU TIME  SHARE  PROCESSES   MEAN TIME     LARGEST\n"
                         "alice  0:06:10.00    75%          2  0:03:05.00  0:06:00.00\n"
                         "bob    0:02:03.45    25%          1  0:02:03.45  0:02:03.45\n"
                         "root   0:00:00.07    <1%          1  0:00:00.07  0:00:00.07\n"
                         "total  0:08:13.52   100%          4  0:02:03.38  0:06:00.00\n"));
}

TEST_F(RunningCliTest, TheUsualChoicesHold) {
  const json report = json::parse(
      Report({"--json", "--by=user,command", "--people", "-n1", "--command=[pR]*"}).out);
  ASSERT_EQ(report["rows"].size(), 1u);
  EXPECT_EQ(report["rows"][0]["command"], "R");
  EXPECT_EQ(report["rows"][0]["elapsed_seconds"], (172'800.0 - 3600) + (172'800 - 7200));
  EXPECT_EQ(report["rows"][0]["running_cpu_seconds"], report["rows"][0]["cpu_seconds"]);
  EXPECT_EQ(report["others"]["rows"], 1);
  EXPECT_EQ(report["only_processes"], json({"running processes"}));
  EXPECT_TRUE(absl::StrContains(Report({"--user=alcie"}).out, "Did you mean alice?"));
  EXPECT_TRUE(absl::StrContains(Report({"--host=lab07"}).out, " on lab07, "));
}

TEST_F(RunningCliTest, NumbersOfRecordsAreUnknownAndNotZero) {
  const json report = json::parse(Report({"--json", "-n1"}).out);
  const std::string csv = Report({"--csv"}).out;
  const std::string header = csv.substr(0, csv.find('\n'));
  for (const char* const name :
       {"memory_kib", "largest_memory_kib", "io", "minor_faults", "major_faults"}) {
    for (const json& part : {report["rows"][0], report["others"], report["totals"]}) {
      EXPECT_TRUE(part.contains(name)) << name;
      EXPECT_TRUE(part[name].is_null()) << name;
    }
    const std::string column = Report({"--csv", "--columns", name}).out;
    EXPECT_EQ(column, absl::StrCat(name, "\n\"\"\n\"\"\n\"\"\n"));
    const std::string cells = Report({"--columns", absl::StrCat("user,", name)}).out;
    EXPECT_TRUE(absl::StrContains(cells, " -\n")) << cells;
    EXPECT_FALSE(absl::StrContains(cells, " 0\n")) << cells;
    EXPECT_TRUE(absl::StrContains(header, name));
  }
  EXPECT_EQ(report["rows"][0]["largest_cpu_seconds"], 360);
  EXPECT_TRUE(absl::StrContains(Report({"--wide"}).out, " -   -\n"));
}

TEST_F(RunningCliTest, WhatRunningProcessesDoNotHaveIsRefused) {
  struct Case {
    Strings flags;
    const char* says;
  };
  for (const Case& c :
       {Case{{"pacct"}, "FILE: is of processes that ended"},
        Case{{"--store=x"}, "--store: is of processes that ended"},
        Case{{"--since=today"}, "--since: is of"}, Case{{"--period=today"}, "--period: is of"},
        Case{{"--sort=memory"}, "--sort memory: is of"}, Case{{"--ahz=50"}, "--ahz: is of"},
        Case{{"--threads=2"}, "--threads: is of"},
        Case{{"--big-endian-v0"}, "--big-endian-v0: is of"},
        Case{{"--failed"}, "--failed: chooses processes by their records"},
        Case{{"--by=hour"}, "--by: of running processes only users, commands and departments"},
        Case{{"--by=tty"}, "--by: of running processes only"}}) {
    const Finished run = Report(c.flags);
    EXPECT_EQ(run.exit_code, 2) << c.says;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StrContains(run.err, c.says)) << run.err;
  }
  const Finished none = Run({"report", "--running"}, {"CPUAGG_PROC=" + dir_.Path("none")});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.out, "");
  EXPECT_TRUE(absl::StrContains(none.err, dir_.Path("none"))) << none.err;
}

}  // namespace
}  // namespace cpuagg::tools
