// The built binary, `cpuagg records` with flags that choose processes.

#include <csignal>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::Finished;
using testing::ParseCsv;
using testing::RunProgram;

constexpr uint32_t kHour = 3600;
constexpr uint32_t kBegin = 1'700'000'000;  // 2023-11-14 22:13:20 UTC

class ChosenRecordsCliTest : public testing::CliTest {
 protected:
  Finished RunRecords(Strings arguments) const {
    arguments.insert(arguments.begin(), "records");
    return RunProgram(Cpuagg(std::move(arguments)));
  }

  // The commands of the printed records, each followed by a blank. The file comes last.
  std::string Commands(Strings arguments) const {
    arguments.insert(arguments.begin(), "--format=csv");
    arguments.push_back(pacct_);
    const Finished run = RunRecords(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    std::string commands;
    for (const auto& row : ParseCsv(run.out)) absl::StrAppend(&commands, row.at("command"), " ");
    return commands;
  }

  static RecordBuilder Process(const char* command) {
    return RecordBuilder().Command(command).BeginTime(kBegin).Elapsed(0).Uid(1001);
  }

  std::string pacct_ = dir_.Write(
      "pacct",
      absl::StrCat(
          Process("ls").Pid(100).ParentPid(99).Tty(0x8803).Bytes(),
          Process("false").Pid(101).ParentPid(99).ExitCode(1 << 8).Bytes(),
          Process("crash").Pid(102).ParentPid(100).ExitCode(SIGSEGV | 0x80).Flags(0x18).Bytes(),
          Process("victim").Pid(103).ExitCode(SIGKILL).Flags(0x10).Bytes(),
          Process("su").Pid(104).Flags(0x02).Tty(0x0401).Bytes(),
          Process("sh").Pid(105).Flags(0x01).Bytes(),
          // An hour by the clock, 219.84 s of CPU time (0x0abc << 3 ticks), 256 MiB (0x1000 << 6
          // KiB).
          Process("job").Pid(106).Elapsed(kHour * 100).UserTime(0x2abc).Memory(0x5000).Bytes()));
};

TEST_F(ChosenRecordsCliTest, ByIdsAndTerminals) {
  EXPECT_EQ(Commands({"--pid=102"}), "crash ");
  EXPECT_EQ(Commands({"--parent", "99"}), "ls false ");
  EXPECT_EQ(Commands({"--tty=pts/3"}), "ls ");
  EXPECT_EQ(Commands({"--tty=/dev/tty1"}), "su ");
  EXPECT_EQ(Commands({"--tty=none"}), "false crash victim sh job ");
}

TEST_F(ChosenRecordsCliTest, ByHowTheyEnded) {
  EXPECT_EQ(Commands({"--failed"}), "false crash victim ");
  EXPECT_EQ(Commands({"--status=1"}), "false ");
  EXPECT_EQ(Commands({"--status=0", "--tty=pts/3"}), "ls ");
  EXPECT_EQ(Commands({"--core"}), "crash ");
  EXPECT_EQ(Commands({"--su"}), "su ");
  EXPECT_EQ(Commands({"--fork"}), "sh ");
}

TEST_F(ChosenRecordsCliTest, ASignalIsTheWordThatFollowsIfItIsOne) {
  EXPECT_EQ(Commands({"--signal=SEGV"}), "crash ");
  EXPECT_EQ(Commands({"--signal", "sigkill"}), "victim ");
  EXPECT_EQ(Commands({"--signal", "9"}), "victim ");
  EXPECT_EQ(Commands({"--signal=any"}), "crash victim ");
  // The next word is the file, or another flag.
  EXPECT_EQ(Commands({"--signal"}), "crash victim ");
  EXPECT_EQ(Commands({"--signal", "--core"}), "crash ");
}

TEST_F(ChosenRecordsCliTest, AWordThatIsNoSignalAndNoFileIsNamed) {
  const Finished run = RunRecords({"--signal", "SIGSEG", pacct_});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(run.err, "--signal: 'SIGSEG' is not a signal")) << run.err;
}

TEST_F(ChosenRecordsCliTest, ByWhatTheyUsed) {
  EXPECT_EQ(Commands({"--min-cpu=219s"}), "job ");
  EXPECT_EQ(Commands({"--min-elapsed", "1h"}), "job ");
  EXPECT_EQ(Commands({"--min-memory=256M"}), "job ");
  EXPECT_EQ(Commands({"--min-memory=262144k"}), "job ");
  EXPECT_EQ(Commands({"--min-memory=0K", "--pid=100"}), "ls ");
}

TEST_F(ChosenRecordsCliTest, ByTheTimeInWhichTheyRan) {
  EXPECT_EQ(Commands({"--at=2023-11-14 22:30"}), "job ");
  EXPECT_EQ(Commands({"--at=2023-11-14T22:13:20Z", "--failed"}), "false crash victim ");
}

TEST_F(ChosenRecordsCliTest, OfATimeWithoutRecordsThatIsSaid) {
  Finished run = RunRecords({"--at=2023-11-13 22:30", pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(
      run.err,
      "cpuagg: none of 7 records matches --at=2023-11-13 22:30\n"
      "cpuagg: The records begin at 2023-11-14 22:13; nothing is known about the time before.\n");
  run = RunRecords({"--at=tomorrow", pacct_});
  EXPECT_TRUE(absl::StrContains(run.err, "The records end at 2023-11-14 23:13")) << run.err;
}

TEST_F(ChosenRecordsCliTest, OfAPeriodThatHasAName) {
  Finished run = RunRecords({"--period=2023-11-14", "--csv", "--pid=106", pacct_});
  EXPECT_EQ(ParseCsv(run.out).size(), 1u) << run.out;
  run = RunRecords({"--period=2023-11-15", "--csv", pacct_});
  EXPECT_EQ(ParseCsv(run.out).size(), 0u) << run.out;
  run = RunRecords({"--period=since-last", pacct_});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(run.err, "--period: since-last is what was collected")) << run.err;
}

TEST_F(ChosenRecordsCliTest, WithOtherChoices) {
  EXPECT_EQ(Commands({"--failed", "-u", "1001", "--command=c*"}), "crash ");
}

TEST_F(ChosenRecordsCliTest, SortedByAKeyTheLargestComeFirst) {
  const std::string more = dir_.Write(
      "more",
      absl::StrCat(Process("a").UserTime(500).Elapsed(100).Memory(70).Bytes(),
                   Process("b").SystemTime(600).Elapsed(300).Memory(50).Bytes(),
                   Process("c").UserTime(100).SystemTime(450).Elapsed(200).Memory(60).Bytes(),
                   Process("d").BeginTime(kBegin - 100).UserTime(500).Bytes()));
  const auto sorted = [&](Strings arguments) {
    arguments.insert(arguments.begin(), {"--csv"});
    arguments.push_back(more);
    const Finished run = RunRecords(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::string commands;
    for (const auto& row : ParseCsv(run.out)) commands += row.at("command");
    return commands;
  };
  EXPECT_EQ(sorted({"-s", "cpu"}), "bcad");
  EXPECT_EQ(sorted({"--sort=user-time"}), "adcb");
  EXPECT_EQ(sorted({"--sort=system-time"}), "bcad");
  EXPECT_EQ(sorted({"--sort=elapsed"}), "bcad");
  EXPECT_EQ(sorted({"--sort=memory"}), "acbd");
  EXPECT_EQ(sorted({"--sort=time"}), "dacb");
  EXPECT_EQ(sorted({}), "abcd");
  EXPECT_EQ(sorted({"-n", "2"}), "ab");
  EXPECT_EQ(sorted({"-n", "2", "--command=[bcd]"}), "bc");
  EXPECT_EQ(sorted({"-n", "9"}), "abcd");
  EXPECT_EQ(sorted({"-n", "2", "-s", "cpu"}), "bc");
  EXPECT_EQ(sorted({"-n", "1", "-s", "memory"}), "a");
  EXPECT_EQ(sorted({"-n", "3", "-s", "user-time"}), "adc");
  EXPECT_EQ(sorted({"-n", "100", "-s", "time"}), "dacb");
}

TEST_F(ChosenRecordsCliTest, TheOrderOfTimeHoldsAcrossFiles) {
  const std::string late = dir_.Write("late", Process("late").BeginTime(kBegin + 1).Bytes());
  const std::string early = dir_.Write("early", Process("early").BeginTime(kBegin - 1).Bytes());
  const Finished run = RunRecords({"--csv", "-s", "time", late, early});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::string commands;
  for (const auto& row : ParseCsv(run.out)) commands += row.at("command") + " ";
  EXPECT_EQ(commands, "early late ");
}

TEST_F(ChosenRecordsCliTest, TheFirstOnesMayBeInSeveralFiles) {
  const std::string late = dir_.Write("late", Process("late").BeginTime(kBegin + 1).Bytes() +
                                                  Process("last").BeginTime(kBegin + 2).Bytes());
  const std::string early = dir_.Write("early", Process("early").BeginTime(kBegin - 1).Bytes());
  const Finished run = RunRecords({"--csv", "--columns=command", "-n2", late, early});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "command\nearly\nlate\n");
  // All of them are read, so that damage after the first is reported.
  const Finished damaged =
      RunRecords({"-n1", early, dir_.Write("torn", Process("x").Bytes() + "torn")});
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(damaged.err, "torn: ")) << damaged.err;
}

TEST_F(ChosenRecordsCliTest, RecordsWithoutIdsAreNotSoughtByThem) {
  const std::string old = dir_.Write("old", RecordBuilder(2).Uid(1001).Bytes());
  for (const char* const flag : {"--pid", "--parent"}) {
    const Finished run = RunRecords({flag, "1", old});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_TRUE(
        absl::StrContains(run.err, " no process ids: only version 3 of the format has them\n"))
        << run.err;
    EXPECT_TRUE(absl::StrContains(run.err, absl::StrCat("cpuagg: ", flag, ": "))) << run.err;
  }
  EXPECT_EQ(RunRecords({"--pid=100", pacct_}).err, "");
  EXPECT_FALSE(absl::StrContains(RunRecords({"--failed", old}).err, "process ids"));
}

TEST_F(ChosenRecordsCliTest, IfNoneMatchesItIsSaidWhatWasAskedFor) {
  Finished run = RunRecords({"--pid=2367", "--failed", pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "cpuagg: none of 7 records matches --pid=2367, --failed\n");
  run = RunRecords({"--pid=2367", "--user=1001", "--command=ls", pacct_});
  EXPECT_EQ(run.err, "cpuagg: none of 1 record matches --pid=2367\n");
  // What others were asked for exists, although none of it failed.
  run = RunRecords({"--failed", "--command=ls", pacct_});
  EXPECT_EQ(run.err, "cpuagg: none of 1 record matches --failed\n");
}

TEST_F(ChosenRecordsCliTest, WhatIsNoneIsRefusedWithTheFlag) {
  struct Case {
    const char* flag;
    const char* says;
  };
  const Case cases[] = {
      {"--pid=-1", "--pid: '-1' is not a number from 0 to 2147483647"},
      {"--parent=x", "--parent: 'x' is not a number"},
      {"--status=256", "--status: '256' is not a number from 0 to 255"},
      {"--signal=SEGVX", "--signal: 'SEGVX' is not a signal; write SEGV, SIGKILL or 9"},
      {"--signal=65", "--signal: '65' is not a signal"},
      {"--signal=", "--signal: is empty"},
      {"--since=", "--since: is empty"},
      {"--tty=pts/9999", "--tty: 'pts/9999' is not a terminal; write pts/3, tty1, ttyS0 or none"},
      {"--min-cpu=1", "--min-cpu: '1' is not a length of time; write 30s"},
      {"--min-elapsed=-1h", "--min-elapsed: '-1h' is not a length of time"},
      {"--min-memory=4", "--min-memory: '4' is not a size; write 300K, 512M or 4G"},
      {"--min-memory=99999999999999T", "--min-memory: '99999999999999T' is not a size"},
      {"--at=never", "--at: 'never' is not a time"},
      {"--sort=memroy",
       "--sort: 'memroy' is not one of cpu, user-time, system-time, elapsed, "
       "memory, time; did you mean memory?"},
  };
  for (const Case& c : cases) {
    const Finished run = RunRecords({c.flag, pacct_});
    EXPECT_EQ(run.exit_code, 2) << c.flag;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StrContains(run.err, c.says)) << run.err;
  }
}

}  // namespace
}  // namespace cpuagg::tools
