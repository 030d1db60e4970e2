// The built binary, `cpuagg report`: its output, its status, and all errors of its command line.

#include <sys/stat.h>

#include <string>
#include <vector>

#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_run.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class ReportCliTest : public ReportRunTest {};

TEST_F(ReportCliTest, PrintsATableOnStandardOutputAlone) {
  const std::string file = dir_.Write("pacct", Repeat(record_, 2));
  const Finished run = RunReport({"--passwd", passwd_, file});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, "CPU by user on lab01, 2023-11-14 22:13:20 – 22:13:21 UTC\nfrom " + file +
                         "\n\n"
                         "USER     CPU TIME  SHARE  PROCESSES   MEAN TIME     LARGEST\n"
                         "alice  0:00:06.50   100%          2  0:00:03.25  0:00:03.25\n"
                         "total  0:00:06.50   100%          2  0:00:03.25  0:00:03.25\n");
}

TEST_F(ReportCliTest, ReadsStandardInputAndSeveralFilesAsOneHistory) {
  Program program = Report({"--format=json", "--passwd", passwd_, dir_.Write("a", record_), "-"});
  program.standard_input = Repeat(record_, 3);
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["input"]["files"], 2);
  EXPECT_EQ(report["source"], dir_.Path("a") + ", standard input");
  EXPECT_EQ(report["rows"][0]["processes"], 4);
  EXPECT_EQ(report["rows"][0]["cpu_seconds"], 13.00);
}

// As when ssh fails in `ssh host cat pacct | cpuagg report -`.
TEST_F(ReportCliTest, APipeWithoutBytesIsNotTakenForAnIdleMachine) {
  constexpr char kWarning[] =
      "cpuagg: standard input: has no bytes; has the command that writes to it failed?\n";
  for (const Strings& argv : {Strings{"report", "-"}, Strings{"records", "-"},
                              Strings{"sa", "-u", "-"}, Strings{"report", pacct_, "-"}}) {
    dir_.Write("pacct", record_);
    const Finished run = Run(argv);
    EXPECT_EQ(run.exit_code, 3) << argv[0];
    EXPECT_NE(run.err.find(kWarning), std::string::npos) << run.err;
  }
  const Finished check = Run({"check", "-"});
  EXPECT_EQ(check.exit_code, 1) << check.out;
  // An empty file is as after a rotation.
  const Finished file = RunProgram(Report({dir_.Write("empty", "")}));
  EXPECT_EQ(file.exit_code, 0);
  EXPECT_EQ(file.err, "");
}

TEST_F(ReportCliTest, AFolderAsAFileOfAccountsIsAnError) {
  const Finished run = RunProgram(Report({"--passwd", dir_.path(), dir_.Write("pacct", record_)}));
  EXPECT_NE(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "cpuagg: --passwd " + dir_.path() + ": is a directory; name a file like /etc/passwd\n");
}

TEST_F(ReportCliTest, OutputThatCannotBeWrittenIsAFailure) {
  Program program = Report({dir_.Write("pacct", record_)});
  program.standard_output_path = "/dev/full";
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "cpuagg: standard output: cannot write: No space left on device\n");
}

TEST_F(ReportCliTest, AWrongCommandLineNamesTheFlagAndTheFix) {
  struct Case {
    Strings arguments;
    std::string says;
  };
  const Case cases[] = {
      {{"--bogus"}, "--bogus"},
      {{"--format", "xml"},
       "--format: 'xml' is not one of table, csv, tsv, json, jsonl, markdown and html"},
      {{"--top", "x"}, "--top: 'x' is not a number from 1 to"},
      {{"--top", "0"}, "--top: '0' is not a number from 1 to"},
      {{"--threads", "-1"}, "--threads: '-1' is not a number from 1 to"},
      {{"--sort", "x"}, "--sort: 'x' is not one of cpu"},
      {{"--since", "x"}, "--since: 'x' is not a time; write 2026-11-22"},
      {{"--since", "today", "--until", "yesterday"}, "--until: is before --since"},
      {{"--since", "2026-11-22", "--until", "2026-11-22"}, "--until: is the same time as --since"},
      {{"--period", "x"}, "--period: 'x' is not a period; it must be one of today, yesterday"},
      {{"--period", "last-x"}, "--period: 'last-x' is not a period"},
      {{"--period", "day", "--since", "today"}, "--period: cannot be combined with --since"},
      {{"--quiet", "--verbose"}, "--quiet: cannot be combined with --verbose"},
      {{"--passwd"}, "--passwd"},
      // For example from an unset variable.
      {{"--since", ""}, "--since: is empty"},
      {{"--store", ""}, "--store: is empty"},
      {{"--accounting-file", ""}, "--accounting-file: is empty"},
      {{"--period", ""}, "--period: is empty"},
      {{"--command", ""}, "--command: is empty"},
  };
  for (const Case& c : cases) {
    const Finished run = RunReport(c.arguments);
    EXPECT_EQ(run.exit_code, 2) << c.says;
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find(c.says), std::string::npos) << run.err;
  }
}

TEST_F(ReportCliTest, ANameOfAPeriodInPlaceOfAFileIsMeantForPeriod) {
  for (const char* command : {"report", "records"}) {
    const Finished run = Run({command, "last-week"});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("No such file or directory; did you mean --period last-week?\n"),
              std::string::npos)
        << run.err;
  }
  EXPECT_EQ(RunReport({"lastweek"}).err.find("did you mean"), std::string::npos);
}

TEST_F(ReportCliTest, AConfigurationThatOnlyRootMayReadIsDoneWithout) {
  dir_.Write(".env", "STORE=x\n");
  ASSERT_EQ(chmod(dir_.Path(".env").c_str(), 0), 0);
  Program program = Report({dir_.Write("pacct", record_)});
  program.directory = dir_.path();
  program.obey_file_modes = true;
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "cpuagg: ./.env: cannot open: Permission denied; going on without it\n");

  program.argv.insert(program.argv.end(), {"--config", ".env"});
  EXPECT_EQ(RunProgram(program).exit_code, 2);
}

TEST_F(ReportCliTest, HelpAndVersionGoToStandardOutput) {
  for (const char* flag : {"--help", "--version"}) {
    const Finished run = RunProgram({.argv = {"tools/cpuagg", flag}});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    EXPECT_NE(run.out.find("cpuagg"), std::string::npos);
  }
  EXPECT_NE(RunReport({"--help"}).out.find("--format"), std::string::npos);
  EXPECT_EQ(RunProgram({.argv = {"tools/cpuagg"}}).exit_code, 2);
  EXPECT_EQ(RunProgram({.argv = {"tools/cpuagg", "bogus"}}).exit_code, 2);
}

TEST_F(ReportCliTest, PathsAreRelativeToWhereTheUserTypedThem) {
  dir_.Write("pacct", record_);
  Program program = Report({"pacct"});
  program.environment.push_back("BUILD_WORKING_DIRECTORY=" + dir_.path());
  EXPECT_EQ(RunProgram(program).exit_code, 0);
}

TEST_F(ReportCliTest, HostileNamesDoNotReachTheTerminal) {
  const std::string path = dir_.Path("no\x1b[2Jne\n");
  const Finished run = RunReport({path});
  EXPECT_EQ(run.err.find('\x1b'), std::string::npos);
  EXPECT_NE(run.err.find("no\\x1b[2Jne\\n: cannot open"), std::string::npos) << run.err;
}

TEST_F(ReportCliTest, WritesTheChartToAFile) {
  const std::string chart = dir_.Path("chart.png");
  const Finished run = RunReport({"--chart", chart, dir_.Write("pacct", record_)});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(acct::testing::ReadFile(chart).substr(0, 8), "\x89PNG\r\n\x1a\n");
}

TEST_F(ReportCliTest, WithoutFilesReadsTheStoreThatIsConfigured) {
  const std::string pacct = dir_.Write("pacct", record_);
  const std::string store = dir_.Path("store");
  Program program = Report({});
  program.environment.push_back("CPUAGG_STORE=" + store);
  program.environment.push_back("CPUAGG_ACCOUNTING_FILE=" + pacct);
  const Finished without = RunProgram(program);
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_EQ(without.out, "");
  EXPECT_NE(without.err.find(store + ": there is no store here; `cpuagg collect` makes one"),
            std::string::npos)
      << without.err;

  Program collect = program;
  collect.argv[1] = "collect";
  collect.argv.emplace_back("--no-running");
  EXPECT_EQ(RunProgram(collect).exit_code, 0);
  EXPECT_NE(RunProgram(program).out.find("from the store " + store + "\n"), std::string::npos);
  const Finished empty = RunReport({"--store", dir_.Path("empty")});
  EXPECT_EQ(empty.exit_code, 1);
  EXPECT_NE(empty.err.find(dir_.Path("empty") + ": there is no store here"), std::string::npos);
  const Finished both = RunReport({"--store", store, "--accounting-file", pacct});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_NE(both.err.find("--accounting-file: a report is either from this file or from the"),
            std::string::npos);
}

TEST_F(ReportCliTest, FlagsWithoutAnEffectAreRefused) {
  const std::string pacct = dir_.Write("pacct", record_);
  const std::string store = dir_.Path("store");
  ASSERT_EQ(RunProgram({.argv = {"tools/cpuagg", "collect", "--no-running", "--store", store,
                                 "--accounting-file", pacct}})
                .exit_code,
            0);
  const std::string of_store =
      ": is for accounting files, and this report is from the store " + store;
  const std::string of_hosts = ": is for the accounting file of this machine, and HOST=FILE names";
  struct Case {
    std::vector<std::string> flags;
    std::string says;
  };
  const Case cases[] = {
      {{"--store", store, "--ahz", "50"}, "--ahz" + of_store},
      {{"--store", store, "--rotated-dir", "x"}, "--rotated-dir" + of_store},
      {{"--store", store, "--big-endian-v0"}, "--big-endian-v0" + of_store},
      {{"--rotated-dir", "x", "web1=" + pacct}, "--rotated-dir" + of_hosts},
      {{"--accounting-file", pacct, "web1=" + pacct}, "--accounting-file" + of_hosts},
      {{"--chart=-", "--wide", pacct}, "--wide: is for the table, and standard output takes"},
      {{"--chart=-", "--columns=user", pacct}, "--columns: is for the table, and standard output"},
      {{"-s", "xyz", pacct}, "-s: 'xyz' is not one of"},
  };
  for (const Case& c : cases) {
    const Finished run = RunReport(c.flags);
    EXPECT_EQ(run.exit_code, 2) << c.says;
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err.find("cpuagg: " + c.says), 0u) << run.err;
  }
  // Also if the store is not named.
  Program configured = Report({"--ahz=50"});
  configured.environment.push_back("CPUAGG_STORE=" + store);
  EXPECT_EQ(RunProgram(configured).err.find("cpuagg: --ahz" + of_store), 0u);
  // A limit is not an error, and files take the others.
  EXPECT_EQ(RunReport({"--store", store, "--threads=2"}).exit_code, 0);
  EXPECT_EQ(RunReport({"--ahz=50", "--threads=2", "web1=" + pacct, "-q"}).exit_code, 0);
}

TEST_F(ReportCliTest, RefusesAStoreBesideFiles) {
  const std::string pacct = dir_.Write("pacct", record_);
  const Finished run = RunReport({"--store", dir_.Path("store"), pacct});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("--store: a report is either from the store or from files, such as " +
                         pacct + "; leave one of them out"),
            std::string::npos)
      << run.err;
}

}  // namespace
}  // namespace cpuagg::tools
