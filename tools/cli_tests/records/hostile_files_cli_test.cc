// The built binary on files that are compressed, out of reach or too large, and on output that
// cannot be written: hostile cases 26 to 30 of docs/hostile_cases.md.

#include <sys/stat.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/records/hostile_case.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

TEST_F(HostileCases, Case26_CompressedWhateverItIsCalledAndCutOff) {
  struct Case {
    const char* pack;
    const char* kind;
  };
  for (const Case& c : {Case{"gzip -c", "gzip"}, Case{"xz -c", "xz"}, Case{"bzip2 -c", "bzip2"},
                        Case{"zstd -qc", "zstd"}}) {
    SCOPED_TRACE(c.kind);
    dir_.Write("plain", alice_ + bob_ + carol_);
    // One name suggests another format, and the other name none.
    ASSERT_EQ(RunInShell(absl::StrCat(c.pack, " < $dir/plain > $file; cp $file $dir/pacct.1.xz"))
                  .exit_code,
              0);
    for (const std::string& path : {pacct_, dir_.Path("pacct.1.xz")}) {
      const Finished run = RunMasked({"report", "--format=json", "--passwd", passwd_, path});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      EXPECT_EQ(Read(run).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
    }
    const std::string packed = acct::testing::ReadFile(pacct_);
    const Reported cut = Report(packed.substr(0, packed.size() - 5));
    EXPECT_EQ(cut.exit_code, 3);
    EXPECT_NE(cut.err.find(absl::StrFormat("the %s data is cut off", c.kind)), std::string::npos)
        << cut.err;
    EXPECT_EQ(cut.whole["input"]["cut_short"].size(), 1u);
    const Finished lines = SaLines(packed);
    EXPECT_EQ(lines.exit_code, 0) << "sa cannot; cpuagg sa says what sa says of what is in it";
    EXPECT_EQ(lines.out.find(absl::StrCat(kAliceLine, kBobLine)), 0u);
  }
  // A name proves nothing.
  EXPECT_EQ(Report(alice_).rows, "1001 alice 1 3.25\n");
  const std::string plain = dir_.Write("pacct.2.gz", alice_);
  EXPECT_EQ(Read(RunMasked({"report", "--format=json", "--passwd", passwd_, plain})).rows,
            "1001 alice 1 3.25\n");
}

TEST_F(HostileCases, Case28_WhatCannotBeReadIsAFailureThatNamesIt) {
  const std::string good = dir_.Write("good", alice_);
  ASSERT_EQ(chmod(dir_.Write("secret", alice_).c_str(), 0), 0);
  struct Case {
    std::string path;
    std::string err;
  };
  const Case cases[] = {
      {dir_.Path("none"), ": cannot open: No such file or directory\n"},
      {dir_.Path("secret"), ": cannot open: Permission denied\n"},
      // Nothing is mapped at the beginning of a process's memory.
      {"/proc/self/mem", ": cannot read at offset 0: Input/output error\n"},
  };
  for (const Case& c : cases) {
    for (const Strings& command :
         {Strings{"report", good}, {"records"}, {"sa", "-u"}, {"sa", "-m"}}) {
      Program program = Cpuagg(command);
      program.argv.push_back(c.path);
      program.obey_file_modes = true;
      const Finished run = RunProgram(program);
      EXPECT_EQ(run.exit_code, 1) << c.path;
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", c.path, c.err));
      if (command[0] != "records") {
        EXPECT_EQ(run.out, "");
      }
    }
  }
  // A named pipe is a file like any other.
  const Finished piped =
      RunInShell("$cpuagg report --format=json --passwd $passwd <(cat $dir/good)");
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(Read(piped).rows, "1001 alice 1 3.25\n");
}

TEST_F(HostileCases, Case29_RecordsThatLookAlikeAllCount) {
  // When accounting ends with its namespace, the last process is recorded twice, and a rotation
  // leaves stubs of accton. sa counts them all, and so does cpuagg: they cannot be distinguished
  // from two processes.
  const std::string stub = RecordBuilder().Uid(0).Command("accton").Bytes();
  const std::string file = alice_ + alice_ + stub + stub;
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 2 6.5\n0 root 2 0\n");
  EXPECT_EQ(
      SaLines(file).out,
      absl::StrCat(kAliceLine, kAliceLine,
                   Repeat("root       0.00 cpu        0k mem      0 io accton          \n", 2)));
}

TEST_F(HostileCases, Case30_OutputThatCannotBeWritten) {
  dir_.Write("pacct", alice_);
  for (const char* const command :
       {"report", "report --format=csv", "report --format=json", "records", "sa -u", "sa -m",
        "report --chart=-", "check", "check --json", "report --help", "--help"}) {
    SCOPED_TRACE(command);
    const Finished full = RunInShell(absl::StrCat("$cpuagg ", command, " $file > /dev/full"));
    EXPECT_EQ(full.exit_code, absl::StartsWith(command, "check") ? 3 : 1);
    EXPECT_EQ(full.err, "cpuagg: standard output: cannot write: No space left on device\n");
    // A pipe without a reader.
    const Finished closed = RunInShell(absl::StrCat(
        "rm -f $dir/fifo; mkfifo $dir/fifo; exec 3<>$dir/fifo 4>$dir/fifo 3>&-; $cpuagg ", command,
        " $file >&4"));
    EXPECT_EQ(closed.exit_code, 141);
    EXPECT_EQ(closed.err, "");
  }
}

TEST_F(HostileCases, Case30_MoreThanFourGibibytes) {
  if (!acct::testing::SanitizerOfProgram().empty()) {
    GTEST_SKIP() << "takes minutes with a sanitizer, for which Case30_ASparseFile suffices: "
                    "run it without";
  }
  // Compressed, because the hole of a sparse file would fill the page cache.
  dir_.Write("pacct", "");
  ASSERT_EQ(RunInShell("head -c 64MiB /dev/zero | gzip -1 > $dir/zeros").exit_code, 0);
  dir_.Write("record", bob_);
  ASSERT_EQ(RunInShell("gzip $dir/record; for i in {1..65}; do cat $dir/zeros; done > $file; "
                       "cat $dir/record.gz >> $file")
                .exit_code,
            0);
  const Finished run = RunMasked({"records", "--format=csv", pacct_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("\n%,4362076160,3,little,su,1002,"), std::string::npos) << run.out;
  EXPECT_EQ(run.err,
            "cpuagg: %: skipped 4,362,076,160 bytes at offset 0: zeros where records should be\n");
}

TEST_F(HostileCases, Case30_ASparseFile) {
  dir_.Write("pacct", alice_);
  ASSERT_EQ(RunInShell("truncate -s 64MiB $file").exit_code, 0);
  dir_.Append("pacct", bob_);
  const Finished run = RunMasked({"report", "--format=json", "--passwd", passwd_, pacct_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.err, Skipped("67,108,800", 64, "zeros where records should be"));
  EXPECT_EQ(Read(run).rows, "1001 alice 1 3.25\n1002 bob 1 2\n");
}

TEST_F(HostileCases, Case30_ClocksThatWereNeverSetOrAreFarAhead) {
  const std::string never_set = RecordBuilder().Uid(1002).UserTime(200).BeginTime(0).Bytes();
  const std::string far_ahead =
      RecordBuilder().Uid(1003).UserTime(100).BeginTime(4294967295u).Elapsed(200).Bytes();
  // Records are in the order in which processes end, and clocks may be set back, so their times are
  // not in order.
  const Reported report = Report(far_ahead + alice_ + never_set + far_ahead + alice_);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 2 6.5\n1002 bob 1 2\n1003 carol 2 2\n");
  EXPECT_EQ(report.whole["period"]["start"], "1970-01-01T00:00:00Z");
  EXPECT_EQ(report.whole["period"]["end"], "2106-02-07T06:28:18Z");
}

TEST_F(HostileCases, Case30_WhatCountsForAPeriodIsWhenAProcessEnded) {
  // It began at 22:13:20 and ran for two hours.
  const std::string file = RecordBuilder().Uid(1001).UserTime(100).Elapsed(720'000).Bytes() +
                           RecordBuilder().Uid(1002).UserTime(200).Bytes();
  EXPECT_EQ(Report(file, {"--since", "2023-11-15"}).rows, "1001 alice 1 1\n");
  EXPECT_EQ(Report(file, {"--until", "2023-11-15"}).rows, "1002 bob 1 2\n");
}

}  // namespace
}  // namespace cpuagg::tools
