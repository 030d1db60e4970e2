// `cpuagg export`, and the file of TEXTFILE that `collect` writes.

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/cli_tests/fleet/fleet_cli.h"
#include "tools/cli_tests/fleet/metrics_servers.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using testing::Finished;
using testing::MetricsServer;
using testing::Program;
using testing::RunProgram;
using testing::WhyWithout;

class ExportCliTest : public testing::FleetCliTest {
 protected:
  ExportCliTest() { std::filesystem::create_directory(textfiles_); }

  Strings Environment() const override {
    Strings environment = FleetCliTest::Environment();
    if (has_textfile_) environment.push_back("CPUAGG_TEXTFILE=" + textfiles_);
    return environment;
  }

  // The CPU time of each user in such a text.
  static std::map<std::string, double> CpuOf(const std::string& text) {
    std::map<std::string, double> sums;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!absl::ConsumePrefix(&line, "cpuagg_user_cpu_seconds_total{")) continue;
      const size_t user = line.find("user=\"", line.find("uid=")) + 6;
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) << line;
      sums[std::string(line.substr(user, line.find('"', user) - user))] += value;
    }
    return sums;
  }
  std::map<std::string, double> InTextfile() const { return CpuOf(ReadFile(textfile_)); }

  const std::string textfiles_ = dir_.Path("textfiles");
  const std::string textfile_ = textfiles_ + "/cpuagg.prom";
  bool has_textfile_ = true;
};

using Cpu = std::map<std::string, double>;

TEST_F(ExportCliTest, EachCollectWritesTheCounters) {
  Work(1001, 2, 150, 50);
  Work(1002, 2, 0, 7);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 2}, {"bob", 0.07}}));
  EXPECT_EQ(OutputOf({"export"}), ReadFile(textfile_));
  EXPECT_EQ(std::filesystem::status(textfile_).permissions(), std::filesystem::perms(0644));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(textfiles_), {}), 1);
  Work(1001, 0.5, 100);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 3}, {"bob", 0.07}}));
}

TEST_F(ExportCliTest, MergingAndKeepMakeNoCounterSmaller) {
  Cpu before;
  for (int day = 0; day < 20; ++day) {
    now_ += absl::Hours(24);
    Work(1001, 2, 100);
    if (day < 2) Work(1002, 2, 50);
    Collect({"--keep=7d"});
    const Cpu now = InTextfile();
    EXPECT_EQ(now.at("alice"), day + 1);
    for (const auto& [user, value] : before) {
      // Nothing of bob is left after a week, and then nobody asks for the time that had him.
      EXPECT_TRUE(!now.contains(user) || now.at(user) >= value) << user << " day " << day;
      EXPECT_EQ(now.contains("bob"), day < 11 && now.contains("bob")) << day;
    }
    before = now;
  }
  EXPECT_FALSE(InTextfile().contains("bob"));
  has_textfile_ = false;
  EXPECT_EQ(CpuOf(OutputOf({"export"})), (Cpu{{"alice", 20}}));
  EXPECT_EQ(Run({"report", "--csv"}).out.find("20.00"), std::string::npos)
      << "the store has it no longer";
}

TEST_F(ExportCliTest, ALostStoreMakesNoCounterSmaller) {
  Work(1001, 30, 100);
  Work(1002, 30, 50);
  Collect();
  std::filesystem::remove_all(store_);
  // What was rotated away is lost with it.
  dir_.Write("pacct", "");
  Work(1001, 2, 30);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 1}, {"bob", 0.5}}));
  Work(1001, 1, 20);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 1.2}, {"bob", 0.5}}));
  Work(1002, 0.5, 7);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 1.2}, {"bob", 0.57}}));
}

TEST_F(ExportCliTest, ForgettingAUserDeletesTheCounter) {
  Work(1001, 30, 100);
  Work(1002, 30, 50);
  Collect();
  EXPECT_EQ(Run({"forget", "--user=bob", "--yes"}).exit_code, 0);
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 1}}));
  // Deleting what is older makes nobody's counter smaller who is still there.
  Work(1001, 1, 7);
  Collect();
  EXPECT_EQ(Run({"forget", "--before=10h", "--yes"}).exit_code, 0);
  Work(1001, 0.5, 3);
  Collect();
  EXPECT_EQ(InTextfile(), (Cpu{{"alice", 1.1}}));
}

TEST_F(ExportCliTest, AnotherFileIsNotOverwritten) {
  dir_.Write("textfiles/cpuagg.prom", "node_cpu_seconds_total 5\n");
  Work(1001, 2, 150);
  const Finished run = Run({"collect", "--no-running"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err,
                                "holds something else than the counters of cpuagg; remove "
                                "it, or name another file"))
      << run.err;
  EXPECT_EQ(ReadFile(textfile_), "node_cpu_seconds_total 5\n");
  EXPECT_TRUE(absl::StrContains(OutputOf({"export", "--format=csv"}), ",1.50,"))
      << "it is collected all the same";
}

TEST_F(ExportCliTest, WrongUseIsNamed) {
  Work(1001, 2, 150);
  Collect();
  const struct {
    Strings argv;
    const char* says;
    int exit_code = 2;
  } cases[] = {{{"export", "--format=xml"}, "'xml' is not one of prometheus, jsonl and csv"},
               {{"export", "--format=json"}, "did you mean jsonl?"},
               {{"export", "--since=7d"}, "--since: counters are of all time"},
               {{"export", "--format=csv", "--since=then"}, "--since"},
               {{"export", "--store", dir_.Path("none")}, "there is no store here", 1},
               {{"export", "a"}, "not expected"},
               {{"export", "--format=csv", "--until=2020-01-01"}, "has nothing of that time", 0}};
  for (const auto& each : cases) {
    const Finished run = Run(each.argv);
    EXPECT_EQ(run.exit_code, each.exit_code) << run.err;
    EXPECT_TRUE(absl::StrContains(run.err, each.says)) << run.err;
  }
  const Finished run = Run({"collect"}, {"CPUAGG_TEXTFILE=" + dir_.Path("none")});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(run.err, "is neither a directory nor the name of a file"))
      << run.err;
}

TEST_F(ExportCliTest, RowsOfHours) {
  Work(1001, 2, 150, 50);
  Work(70001, 1, 7);
  Work(1001, 0.01, 99);
  Collect();
  EXPECT_EQ(OutputOf({"export", "--format=csv"}),
            "host,begin,end,uid,user,processes,user_seconds,system_seconds,complete\n"
            "lab01,2026-11-23T12:00:00Z,2026-11-23T13:00:00Z,1001,alice,1,1.50,0.50,true\n"
            "lab01,2026-11-23T13:00:00Z,2026-11-23T14:00:00Z,70001,,1,0.07,0.00,true\n"
            "lab01,2026-11-23T14:00:00Z,2026-11-23T15:00:00Z,1001,alice,1,0.99,0.00,false\n");
  EXPECT_EQ(
      OutputOf({"export", "--format=jsonl", "--since=13:00", "--until=14:00"}),
      "{\"host\":\"lab01\",\"begin\":\"2026-11-23T13:00:00Z\",\"end\":\"2026-11-23T14:00:00Z\","
      "\"uid\":70001,\"user\":null,\"processes\":1,\"user_seconds\":0.07,"
      "\"system_seconds\":0.00,\"complete\":true}\n");
}

TEST_F(ExportCliTest, ADamagedSnapshotIsReported) {
  Work(1001, 2, 150);
  Collect();
  for (const auto& entry : std::filesystem::directory_iterator(store_ + "/snapshots")) {
    std::filesystem::resize_file(entry.path(), 20);
  }
  for (const char* format : {"prometheus", "csv"}) {
    const Finished run = Run({"export", "--format", format});
    EXPECT_EQ(run.exit_code, 3) << format;
    EXPECT_TRUE(absl::StrContains(run.err, "damaged")) << run.err;
  }
}

// The names that the kernel and the user directory allow.
TEST_F(ExportCliTest, PromtoolAcceptsTheFile) {
  if (const std::string why = WhyWithout("/usr/bin/promtool"); !why.empty()) GTEST_SKIP() << why;
  dir_.Write("passwd",
             "a\"b\\c:x:1001:1::/:/bin/sh\n\xff\x01:x:1002:1::/:/bin/sh\nd}, {e:x:1003:1::/:\n");
  for (uint32_t uid = 1001; uid <= 1004; ++uid) Work(uid, 2, 150);
  Collect();
  const Finished check = RunProgram(
      {.argv = {"/usr/bin/promtool", "check", "metrics"}, .standard_input = ReadFile(textfile_)});
  EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  EXPECT_EQ(check.out + check.err, "");
}

TEST_F(ExportCliTest, NodeExporterReadsTheFile) {
  if (const std::string why = WhyWithout("/usr/bin/prometheus-node-exporter"); !why.empty()) {
    GTEST_SKIP() << why;
  }
  dir_.Write("passwd", "a\"b\\c:x:1001:1::/:/bin/sh\n\xff\x01:x:1002:1::/:/bin/sh\n");
  for (uint32_t uid = 1001; uid <= 1003; ++uid) Work(uid, 2, 150, 7);
  Collect();
  const MetricsServer exporter(MetricsServer::kNodeExporter, textfiles_);
  const std::string metrics = exporter.Get("/metrics");
  EXPECT_TRUE(absl::StrContains(metrics, "node_textfile_scrape_error 0")) << metrics;
  for (const char* line :
       {"cpuagg_user_cpu_seconds_total{mode=\"user\",uid=\"1001\",user=\"a\\\"b\\\\c\"} 1.5\n",
        "cpuagg_user_cpu_seconds_total{mode=\"system\",uid=\"1002\",user=\"\\\\xff\\\\x01\"} "
        "0.07\n",
        "cpuagg_user_processes_total{uid=\"1003\",user=\"1003\"} 1\n",
        "# TYPE cpuagg_user_cpu_seconds_total counter\n", "cpuagg_store_gaps_total 0\n"}) {
    EXPECT_TRUE(absl::StrContains(metrics, line)) << line << metrics;
  }
}

}  // namespace
}  // namespace cpuagg::tools
