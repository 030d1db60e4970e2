// The built binary, `cpuagg report` with flags that choose processes, groups, people and rows.

#include <csignal>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;

constexpr uint32_t kHour = 3600;
constexpr uint32_t kBegin = 1'700'000'000;  // 2023-11-14 22:13:20 UTC

class ChosenProcessesCliTest : public testing::CliTest {
 protected:
  ChosenProcessesCliTest() {
    dir_.Write(
        "pacct",
        absl::StrCat(
            Process("ls", 1001).Pid(100).ParentPid(99).Tty(0x8803).Bytes(),
            Process("false", 1001).Pid(101).ParentPid(99).ExitCode(1 << 8).Bytes(),
            Process("crash", 1002).Pid(102).ExitCode(SIGSEGV | 0x80).Flags(0x18).Bytes(),
            Process("victim", 1003).Pid(103).Gid(50).ExitCode(SIGKILL).Flags(0x10).Bytes(),
            Process("su", 0).Pid(104).Flags(0x02).Bytes(),
            Process("sh", 33).Pid(105).Flags(0x01).Bytes(),
            // 219.84 s of CPU time (0x0abc << 3 ticks), 256 MiB (0x1000 << 6 KiB).
            Process("job", 1002).Elapsed(kHour * 100).UserTime(0x2abc).Memory(0x5000).Bytes()));
  }

  static RecordBuilder Process(const char* command, uint32_t uid) {
    return RecordBuilder().Command(command).BeginTime(kBegin).Elapsed(0).Uid(uid).Gid(0);
  }

  // The commands of the report of the file, each followed by a blank.
  std::string Commands(Strings arguments) const {
    arguments.insert(arguments.begin(), {"report", "--json", "--by=command", "--sort=name"});
    arguments.push_back(pacct_);
    std::string commands;
    const json report = json::parse(OutputOf(std::move(arguments)));
    for (const json& row : report["rows"]) {
      absl::StrAppend(&commands, row["command"].get<std::string>(), " ");
    }
    return commands;
  }
};

TEST_F(ChosenProcessesCliTest, EachFlagChoosesProcessesAsOfRecords) {
  EXPECT_EQ(Commands({"--pid=102"}), "crash ");
  EXPECT_EQ(Commands({"--parent", "99"}), "false ls ");
  EXPECT_EQ(Commands({"--tty=pts/3"}), "ls ");
  EXPECT_EQ(Commands({"--failed"}), "crash false victim ");
  EXPECT_EQ(Commands({"--status=1"}), "false ");
  EXPECT_EQ(Commands({"--signal"}), "crash victim ");
  EXPECT_EQ(Commands({"--signal", "SEGV"}), "crash ");
  EXPECT_EQ(Commands({"--core"}), "crash ");
  EXPECT_EQ(Commands({"--su"}), "su ");
  EXPECT_EQ(Commands({"--fork"}), "sh ");
  EXPECT_EQ(Commands({"--min-elapsed=1h"}), "job ");
  EXPECT_EQ(Commands({"--min-memory=256M"}), "job ");
  EXPECT_EQ(Commands({"--at", absl::StrCat("@", kBegin + 60)}), "job ");
  EXPECT_EQ(Commands({"--group=50"}), "victim ");
  EXPECT_EQ(Commands({"--failed", "-u", "1001"}), "false ");
  EXPECT_EQ(Commands({"--failed", "--people", "--command", "[cf]*"}), "crash false ");
}

TEST_F(ChosenProcessesCliTest, TheHeadingSaysWhatWasChosen) {
  const std::string table = OutputOf({"report", "--signal", "--group=0", pacct_});
  EXPECT_EQ(table.find("CPU by user (only group 0, processes ended by a signal) on lab01, "), 0u)
      << table;
  const json report =
      json::parse(OutputOf({"report", "--json", "--people", "--core", "--group=0", pacct_}));
  EXPECT_EQ(report["only_people"], true);
  EXPECT_EQ(report["only_groups"], json({"0"}));
  EXPECT_EQ(report["only_processes"], json({"processes with a core dump"}));
}

TEST_F(ChosenProcessesCliTest, IfNoneIsOfThoseAskedForTheOthersAreCounted) {
  const json none = json::parse(OutputOf({"report", "--json", "--status=7", pacct_}));
  EXPECT_TRUE(none["rows"].empty());
  EXPECT_EQ(none["notes"],
            json({"None of 7 processes of this time is one of those that were asked for."}));
  // A user has processes, but none of these: the name is not misspelt.
  const json user = json::parse(OutputOf({"report", "--json", "--core", "-u", "1001", pacct_}));
  EXPECT_EQ(user["notes"],
            json({"None of 2 processes of this time is one of those that were asked for."}));
}

TEST_F(ChosenProcessesCliTest, PeopleLeavesOutAccountsOfTheSystem) {
  EXPECT_EQ(Commands({"--people"}), "crash false job ls victim ");
  const std::string table = OutputOf({"report", "--people", pacct_});
  EXPECT_NE(table.find("\nLeft out: 2 users with 0:00:00.00 of CPU time (accounts of the system, "
                       "or ignored).\n"),
            std::string::npos)
      << table;
  // The store knows users, too.
  Collect();
  EXPECT_EQ(UsersOf(JsonReport({"--people"})),
            UsersOf(json::parse(OutputOf({"report", "--json", "--people", pacct_}))));
  // Records.
  const std::string records = OutputOf({"records", "--people", "--csv", pacct_});
  EXPECT_FALSE(absl::StrContains(records, ",su,")) << records;
  EXPECT_TRUE(absl::StrContains(records, ",victim,")) << records;
  const Finished nobody = Run({"records", "--people", "--command=su", "--csv", pacct_});
  EXPECT_EQ(nobody.err,
            "cpuagg: Left out: 1 user with 0:00:00.00 of CPU time (accounts of the system, or "
            "ignored).\n");
}

TEST_F(ChosenProcessesCliTest, GroupsHaveNamesOrNumbers) {
  EXPECT_EQ(Commands({"--group", "root"}), "crash false job ls sh su ");
  EXPECT_EQ(Commands({"--group", "root,50"}), "crash false job ls sh su victim ");
  const std::pair<Strings, const char*> cases[] = {
      {{"--group", "no-such-group"},
       "cpuagg: --group: there is no group 'no-such-group' on this host; a group of another host "
       "is given by its number\n"},
      {{"--group", "root", "--passwd", dir_.Write("passwd", "root:x:0:0::/:/bin/sh\n")},
       "cpuagg: --group: 'root' is a name, and --passwd has no groups; give the number of the "
       "group\n"},
      {{"--group", "4294967296"},
       "cpuagg: --group: 4294967296 is too large for the id of a group\n"},
      {{"--group", ","}, "cpuagg: --group: names no group; leave it out to ask for all\n"}};
  for (const char* const command : {"report", "records"}) {
    for (const auto& [flags, error] : cases) {
      Strings arguments = {command, pacct_};
      arguments.insert(arguments.end(), flags.begin(), flags.end());
      const Finished run = Run(arguments);
      EXPECT_EQ(run.exit_code, 2);
      EXPECT_EQ(run.out, "");
      EXPECT_EQ(run.err, error);
    }
  }
}

TEST_F(ChosenProcessesCliTest, AStoreKnowsNoSingleProcesses) {
  Collect();
  const Finished refused = Run({"report", "--failed", "--group=50", "--store", store_});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err,
            "cpuagg: --group=50, --failed: the store has sums, and does not know single processes; "
            "leave --store out to ask the accounting file and its rotated generations, or name a "
            "FILE\n");
  // Without --store, what knows them is asked, and the heading says so.
  const Finished asked = Run({"report", "--failed"});
  EXPECT_EQ(asked.exit_code, 0);
  EXPECT_NE(asked.out.find(absl::StrCat("\nfrom ", pacct_, "\n")), std::string::npos) << asked.out;
  EXPECT_EQ(asked.out.find("the store"), std::string::npos) << asked.out;
  const Finished all = Run({"report"});
  EXPECT_NE(all.out.find("\nfrom the store "), std::string::npos) << all.out;
}

TEST_F(ChosenProcessesCliTest, RowsWithTooLittleCpuTimeAreOneLine) {
  const std::string table = OutputOf({"report", "--min-cpu=2m", pacct_});
  EXPECT_NE(table.find("\nonly with at least 2m 00s of CPU time\n\n"), std::string::npos) << table;
  EXPECT_NE(table.find("\n1002        0:03:39.84 "), std::string::npos) << table;
  EXPECT_NE(table.find("\n+ 4 others  0:00:00.00 "), std::string::npos) << table;
  const json report = json::parse(OutputOf({"report", "--json", "--min-cpu=2m", pacct_}));
  EXPECT_EQ(report["rows"].size(), 1u);
  EXPECT_EQ(report["others"]["users"], 4);
  EXPECT_EQ(report["totals"]["processes"], 7);
  EXPECT_EQ(report["min_cpu_seconds"], 120.0);
  const std::string csv = OutputOf({"report", "--csv", "--min-cpu=2m", pacct_});
  EXPECT_NE(csv.find("\n,+ 4 others,"), std::string::npos) << csv;
  const Finished wrong = Run({"report", "--min-cpu=much", pacct_});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("--min-cpu: 'much'"), std::string::npos) << wrong.err;
  const std::string none = OutputOf({"report", "--min-cpu=20h", pacct_});
  EXPECT_NE(none.find("\nNone has at least 20h 00m of CPU time.\n"), std::string::npos) << none;
  // The store has rows, too.
  Collect();
  EXPECT_EQ(JsonReport({"--min-cpu=2m"})["rows"].size(), 1u);
}

TEST_F(ChosenProcessesCliTest, WhatIsWrongIsNamedWithItsFlag) {
  for (const auto& [flags, error] :
       {std::pair<Strings, const char*>{{"--tty=x"}, "--tty: 'x' is not a terminal"},
        {{"--signal=x"}, "--signal: 'x' is not a signal"},
        {{"--status=256"}, "--status: '256' is not a number from 0 to 255"},
        {{"--min-memory=1"}, "--min-memory: '1' is not a size"}}) {
    Strings arguments = {"report", pacct_};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Finished run = Run(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_NE(run.err.find(error), std::string::npos) << run.err;
  }
}

class GroupDirectoryCliTest : public ChosenProcessesCliTest {
 protected:
  GroupDirectoryCliTest() { preloaded_ = {"libfake_directory.so"}; }
};

TEST_F(GroupDirectoryCliTest, ADirectoryThatHangsIsAskedForALimitedTime) {
  const Finished run = Run({"report", "--group", "root", pacct_}, {"DIRECTORY=hang"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "cpuagg: --group: the group 'root' cannot be looked up: the user directory did not "
            "answer within 10 s; give its number\n");
}

}  // namespace
}  // namespace cpuagg::tools
