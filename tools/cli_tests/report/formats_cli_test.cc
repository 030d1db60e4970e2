// The built binary: the formats of `cpuagg report`, beside the table.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_run.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class FormatsCliTest : public ReportRunTest {
 protected:
  Finished RunAs(const std::string& format, Strings arguments) const {
    arguments.insert(arguments.begin(), {"--format", format, "--passwd", passwd_});
    return RunReport(std::move(arguments));
  }

  // Alice, and two users without a name.
  std::string pacct_ = dir_.Write(
      "pacct", Repeat(record_, 3) + RecordBuilder().Uid(1002).UserTime(67).SystemTime(0).Bytes() +
                   RecordBuilder().Uid(1003).UserTime(33).SystemTime(0).Bytes());
};

TEST_F(FormatsCliTest, RowsForProgramsAddUpToTheTotal) {
  const json report = json::parse(RunAs("json", {"--top=1", pacct_}).out);
  const Finished jsonl = RunAs("jsonl", {"--top=1", pacct_});
  EXPECT_EQ(jsonl.exit_code, 0);
  EXPECT_EQ(jsonl.err, "") << "nothing is missing";
  double sum = 0;
  for (const absl::string_view line : absl::StrSplit(jsonl.out, '\n', absl::SkipEmpty())) {
    const json row = json::parse(line.begin(), line.end());
    EXPECT_EQ(row["host"], "lab01");
    EXPECT_EQ(row["period_start"], report["period"]["start"]);
    sum += row["cpu_seconds"].get<double>();
  }
  EXPECT_DOUBLE_EQ(sum, report["totals"]["cpu_seconds"].get<double>());
  EXPECT_NE(jsonl.out.find("\"others\": 2, "), std::string::npos) << jsonl.out;

  const Finished csv = RunAs("csv", {"--top=1", pacct_});
  EXPECT_EQ(csv.err, "");
  EXPECT_NE(csv.out.find("\n,+ 2 others,2,1.00,0.00,1.00,"), std::string::npos) << csv.out;
  Finished tsv = RunAs("tsv", {"--top=1", pacct_});
  EXPECT_EQ(tsv.err, "");
  std::replace(tsv.out.begin(), tsv.out.end(), '\t', ',');
  EXPECT_EQ(tsv.out, csv.out);
}

// Where the output has no place for them.
TEST_F(FormatsCliTest, NotesAndDamageReachTheReaderInEveryFormat) {
  const std::string damaged = dir_.Write("damaged", record_ + "torn");
  for (const char* const format : {"csv", "tsv", "jsonl"}) {
    const Finished run = RunAs(format, {"--ignore-user=alice", damaged, pacct_});
    EXPECT_EQ(run.exit_code, 3) << format;
    EXPECT_NE(run.err.find("Left out: 1 user with "), std::string::npos) << format << run.err;
    EXPECT_NE(run.err.find("damaged: the last 4 bytes"), std::string::npos) << format << run.err;
  }
  for (const char* const format : {"table", "json", "markdown", "html"}) {
    const Finished run = RunAs(format, {"--ignore-user=alice", damaged, pacct_});
    EXPECT_EQ(run.exit_code, 3) << format;
    EXPECT_NE(run.out.find("Left out: 1 user with "), std::string::npos) << format << run.out;
    EXPECT_NE(run.out.find("4 bytes of "), std::string::npos) << format << run.out;
    EXPECT_EQ(run.err.find("Left out"), std::string::npos) << format << run.err;
  }
}

TEST_F(FormatsCliTest, MarkdownIsATable) {
  const Finished run = RunAs("markdown", {pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out.find("## CPU by user on lab01\n\n2023-11-14 22:13:20 – 22:13:21 UTC, from "),
            0u)
      << run.out;
  EXPECT_NE(run.out.find("\n| alice | 0:00:09.75 |"), std::string::npos) << run.out;
}

TEST_F(FormatsCliTest, ThePageHasItsChart) {
  const Finished run = RunAs("html", {pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out.find("<!DOCTYPE html>\n"), 0u);
  EXPECT_NE(run.out.find("<figure>\n<svg role=\"img\""), std::string::npos);
  EXPECT_EQ(run.out.find("<?xml"), std::string::npos);
  EXPECT_TRUE(absl::EndsWith(run.out, "</html>\n"));
}

TEST_F(FormatsCliTest, WithoutFontsThePageHasNoChartAndAWarningSaysSo) {
  Program program = Report({"--format=html", "--passwd", passwd_, pacct_});
  program.environment.push_back("FONTCONFIG_FILE=" +
                                dir_.Write("fonts.conf", "<fontconfig></fontconfig>"));
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err.find("cpuagg: the page has no chart: no font is installed"), 0u) << run.err;
  EXPECT_EQ(run.out.find("<figure>"), std::string::npos);
  EXPECT_NE(run.out.find("<bdi>alice</bdi>"), std::string::npos);
}

TEST_F(FormatsCliTest, APageWithoutRowsNeedsNoChart) {
  const Finished run = RunAs("html", {"--since=2000-01-01", "--until=2000-01-02", pacct_});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_NE(run.out.find("<p>No CPU usage.</p>"), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("<figure>"), std::string::npos);
}

TEST_F(FormatsCliTest, OutputThatCannotBeWrittenIsAFailureInEveryFormat) {
  for (const char* const format : {"csv", "tsv", "json", "jsonl", "markdown", "html"}) {
    Program program = Report({"--format", format, pacct_});
    program.standard_output_path = "/dev/full";
    const Finished run = RunProgram(program);
    EXPECT_EQ(run.exit_code, 1) << format;
    EXPECT_EQ(run.err, "cpuagg: standard output: cannot write: No space left on device\n")
        << format;
  }
}

TEST_F(FormatsCliTest, AReaderThatGoesAwayCausesNoMessage) {
  for (const char* const format : {"csv", "tsv", "jsonl", "markdown", "html"}) {
    const Finished run =
        RunProgram({.argv = {"/bin/bash", "-c",
                             std::string("{ sleep 0.1; tools/cpuagg report --format ") + format +
                                 " " + pacct_ + "; echo exit $? >&2; } | true"}});
    EXPECT_EQ(run.err, "exit 141\n") << format;
  }
}

TEST_F(FormatsCliTest, AnUnknownFormatIsAnsweredWithTheKnownOnes) {
  const Finished run = RunAs("markdwon", {pacct_});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "cpuagg: --format: 'markdwon' is not one of table, csv, tsv, json, jsonl, markdown and "
            "html; did you mean markdown?\n");
  const Finished records = Run({"records", "--format=html", pacct_});
  EXPECT_EQ(records.exit_code, 2);
  EXPECT_EQ(records.out, "");
  EXPECT_EQ(records.err,
            "cpuagg: --format: html is of reports only; records are printed as one of table, csv, "
            "tsv, json, jsonl, markdown and proto\n");
}

}  // namespace
}  // namespace cpuagg::tools
