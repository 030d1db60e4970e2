// The built binary, `cpuagg records`: which records it prints, how, and its exit status.

#include <sys/resource.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::Program;
using testing::RunProgram;

class RecordsCliTest : public testing::CliTest {
 protected:
  // In messages and output, "%" replaces the test's directory.
  Finished RunRecords(Strings arguments, const std::string& standard_input = "") const {
    arguments.insert(arguments.begin(), {"records", "--passwd", passwd_});
    Program program = Cpuagg(std::move(arguments));
    program.standard_input = standard_input;
    Finished run = RunProgram(program);
    run.out = absl::StrReplaceAll(run.out, {{dir_.path(), "%"}});
    run.err = absl::StrReplaceAll(run.err, {{dir_.path(), "%"}});
    return run;
  }

  // The commands of the printed records, each followed by a blank.
  std::string Commands(Strings arguments, const std::string& said = "") const {
    arguments.push_back("--format=csv");
    const Finished run = RunRecords(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, said);
    std::string commands;
    const CsvRows rows = ParseCsv(run.out);
    for (const auto& row : rows) absl::StrAppend(&commands, row.at("command"), " ");
    return commands;
  }

  // Runs a shell command, in which $dir is the test's directory. Kills a whole pipeline that does
  // not end.
  Finished RunInShell(const std::string& command) const {
    return RunProgram({.argv = {"/usr/bin/timeout", "50", "/bin/bash", "-c", command},
                       .environment = {"TZ=UTC", "dir=" + dir_.path()}});
  }

  std::string passwd_ = dir_.Write("passwd",
                                   "alice:x:1001:1001::/home/alice:/bin/sh\n"
                                   "bob:x:1002:1002::/home/bob:/bin/sh\n");
};

// A record of every version, with a different number in every field.
std::string AllVersions() {
  const auto full = [](int version, RecordBuilder::Order order) {
    return RecordBuilder(version, order)
        .Flags(3)
        .Tty(0x8803)
        .ExitCode(7 << 8)
        .Uid(1001)
        .Gid(4'000'000'001)
        .Pid(4711)
        .ParentPid(4700)
        .Elapsed(1234)
        .UserTime(258)
        .SystemTime(67)
        .Memory(0x2001)
        .Io(11)
        .Blocks(12)
        .MinorFaults(13)
        .MajorFaults(14)
        .Swaps(15)
        .Command("gcc");
  };
  constexpr auto kLittle = RecordBuilder::kLittleEndian;
  constexpr auto kBig = RecordBuilder::kBigEndian;
  return full(3, kLittle).Bytes() + full(3, kBig).Uid(7).Bytes() +
         full(2, kLittle).Rate(1024).Bytes() + full(2, kBig).Rate(100).Bytes() +
         full(0, kLittle).Gid(4001).Bytes() + full(1, kBig).Bytes() + std::string(2, '\0');
}

TEST_F(RecordsCliTest, CsvHasEveryFieldOfEveryVersion) {
  const Finished run = RunRecords({"--format=csv", dir_.Write("pacct", AllVersions())});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  const std::string times = "2023-11-14T22:13:20Z,2023-11-14T22:13:32Z,12.34,2.58,0.67,3.25,";
  EXPECT_EQ(
      run.out,
      absl::StrCat("file,offset,version,byte_order,flags,uid,user,gid,group,pid,ppid,tty,command,"
                   "exit_status,signal,begin,end,elapsed_seconds,user_seconds,system_seconds,"
                   "cpu_seconds,memory_kib,io,blocks,minor_faults,major_faults,swaps\n"
                   "%/pacct,0,3,little,fork|su,1001,alice,4000000001,,4711,4700,pts/3,gcc,7,0,",
                   times,
                   "8,11,12,13,14,15\n"
                   "%/pacct,64,3,big,fork|su,7,,4000000001,,4711,4700,pts/3,gcc,7,0,",
                   times, "8,11,12,13,14,15\n") +
          absl::StrCat("%/pacct,128,2,little,fork|su,1001,alice,4000000001,,,,pts/3,gcc,7,0,"
                       "2023-11-14T22:13:20Z,2023-11-14T22:13:21Z,1.205078125,0.251953125,"
                       "0.0654296875,0.3173828125,8,11,12,13,14,15\n"
                       "%/pacct,192,2,big,fork|su,1001,alice,4000000001,,,,pts/3,gcc,7,0,",
                       times,
                       "8,11,12,13,14,15\n"
                       "%/pacct,256,0,little,fork|su,1001,alice,4001,,,,pts/3,gcc,7,0,",
                       times,
                       "8,11,12,13,14,15\n"
                       "%/pacct,320,1,big,fork|su,1001,alice,4000000001,,,,pts/3,gcc,7,0,",
                       times, "8,11,12,13,14,15\n"));
}

// docs/columns.md, for `report` as well.
TEST_F(RecordsCliTest, TheDocumentExplainsEachColumn) {
  const std::string document = ReadFile("docs/columns.md");
  const auto header_of = [](const Finished& run) {
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out.substr(0, run.out.find('\n'));
  };
  const std::string pacct = dir_.Write("pacct", AllVersions());
  const std::string records = header_of(RunRecords({"--format=csv", pacct}));
  const std::string report = header_of(
      Run({"report", "--format=csv", "--by=user,group,hour", "--passwd", passwd_, pacct}));
  for (const std::string& header : {records, report}) {
    for (absl::string_view name : absl::StrSplit(header, ',')) {
      EXPECT_TRUE(absl::StrContains(document, absl::StrCat("`", name, "`"))) << name;
    }
  }
  EXPECT_TRUE(absl::StrContains(absl::StrReplaceAll(document, {{"\n", " "}, {"`", ""}}),
                                absl::StrReplaceAll(records, {{",", ", "}})))
      << records;
}

TEST_F(RecordsCliTest, TheTableIsForPeople) {
  const std::string file = RecordBuilder()
                               .Flags(2)
                               .Uid(1001)
                               .Gid(4'000'000'001)
                               .Pid(4711)
                               .ParentPid(4700)
                               .Tty(0x0401)
                               .Elapsed(1234)
                               .UserTime(258)
                               .ExitCode(9)
                               .Command("gcc")
                               .Bytes();
  const Finished usual = RunRecords({dir_.Write("pacct", file)});
  EXPECT_EQ(usual.exit_code, 0);
  EXPECT_EQ(usual.err, "");
  EXPECT_EQ(
      usual.out,
      "END                 USER         COMMAND         CPU SECS ELAPSED SECS     MEM STATUS\n"
      "2023-11-14 22:13:32 alice        gcc                 2.58        12.34     0 B KILL\n");

  const Finished run = RunRecords({"--wide", dir_.Path("pacct")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out,
            "BEGIN                END                      ELAPSED    USER SECS     SYS SECS USER  "
            "           GROUP                PID     PPID TTY      COMMAND           EXIT SIG  "
            "MEMORY KIB           IO       BLOCKS       MINFLT   MAJFLT    SWAPS FLAGS\n"
            "2023-11-14 22:13:20  2023-11-14 22:13:32        12.34         2.58         0.00 alice "
            "           4000000001           4711     4700 tty1     gcc                  0   9    "
            "       0            0            0            0        0        0 su\n");
}

TEST_F(RecordsCliTest, JsonSaysTheSameAsCsv) {
  const std::string no_time =
      RecordBuilder().Elapsed(std::numeric_limits<float>::quiet_NaN()).Command("a,\"b\"").Bytes();
  const std::string path = dir_.Write("pacct", no_time + AllVersions());
  const CsvRows rows = ParseCsv(RunRecords({"--format=csv", path}).out);
  const Finished run = RunRecords({"--format=json", path});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "cpuagg: %/pacct: 1 record with an impossible elapsed time; their CPU time is "
            "counted\n");
  size_t row = 0;
  for (size_t begin = 0; begin < run.out.size(); ++row) {
    const size_t end = run.out.find('\n', begin);
    const json object = json::parse(run.out.substr(begin, end - begin));
    begin = end + 1;
    ASSERT_LT(row, rows.size());
    EXPECT_EQ(object.size(), rows[row].size());
    for (const auto& [name, cell] : rows[row]) {
      const json& value = object[name];
      if (value.is_null()) {
        EXPECT_EQ(cell, "") << name;
      } else if (value.is_array()) {
        std::string flags;
        for (const json& flag : value) {
          absl::StrAppend(&flags, flags.empty() ? "" : "|", flag.get<std::string>());
        }
        EXPECT_EQ(cell, flags);
      } else if (value.is_string()) {
        EXPECT_EQ(cell, value.get<std::string>()) << name;
      } else {
        EXPECT_EQ(json::parse(cell), value) << name;
      }
    }
  }
  EXPECT_EQ(row, 7u);
  EXPECT_EQ(rows[0].at("elapsed_seconds"), "");
  EXPECT_EQ(rows[0].at("command"), "a,\"b\"");
}

TEST_F(RecordsCliTest, HostileNamesAndCommandsStayInTheirCells) {
  const std::string hostile = "x\"; DROP,\x1b[2J\n\xff";
  std::string names = absl::StrReplaceAll(hostile, {{"\n", "\t"}});
  dir_.Write("passwd", names + ":x:1001:1001::/:/bin/sh\n");
  const std::string path =
      dir_.Write("pac,\"ct", RecordBuilder().Uid(1001).Command(hostile).Bytes() +
                                 RecordBuilder().Uid(1002).Bytes());
  const Finished csv = RunRecords({"--format=csv", path});
  const CsvRows rows = ParseCsv(csv.out);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("file"), "%/pac,\"ct");
  EXPECT_EQ(rows[0].at("user"), "x\"; DROP,\\x1b[2J\\t\\xff");
  EXPECT_EQ(rows[0].at("command"), "x\"; DROP,\\x1b[2J\\n\\xff");
  EXPECT_EQ(csv.out.find('\x1b'), std::string::npos);
  const std::string lines = RunRecords({"--format=json", path}).out;
  EXPECT_EQ(json::parse(lines.substr(0, lines.find('\n')))["command"], rows[0].at("command"));
  EXPECT_EQ(RunRecords({path}).out.find('\x1b'), std::string::npos);
}

TEST_F(RecordsCliTest, OffsetsAreThoseOfTheFileAlsoBehindDamage) {
  const std::string record = RecordBuilder().Pid(77).Bytes();
  const std::string file =
      record + "torn" + Repeat(record, 3) + std::string(64, '\xff') + record + "tail";
  const Finished run = RunRecords({"--format=csv", dir_.Write("pacct", file)});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(
      run.err,
      "cpuagg: %/pacct: skipped 4 bytes at offset 64: a torn record or stray bytes; reading "
      "resumed at the next record\n"
      "cpuagg: %/pacct: skipped 64 bytes at offset 260: not an accounting record\n"
      "cpuagg: %/pacct: the last 4 bytes, from offset 388, are not a whole record and were not "
      "counted\n");
  std::string offsets;
  const CsvRows rows = ParseCsv(run.out);
  for (const auto& row : rows) absl::StrAppend(&offsets, row.at("offset"), " ");
  EXPECT_EQ(offsets, "0 68 132 196 324 ");

  EXPECT_EQ(RunRecords({"--quiet", dir_.Path("pacct")}).err, "");
  EXPECT_EQ(RunRecords({"--quiet", dir_.Path("pacct")}).exit_code, 3);
}

TEST_F(RecordsCliTest, FiltersChooseRecords) {
  const auto record = [](uint32_t uid, const char* command, uint32_t begin, float ticks) {
    return RecordBuilder().Uid(uid).Command(command).BeginTime(begin).Elapsed(ticks).Bytes();
  };
  constexpr uint32_t kNoon = 1'700'049'600;  // 2023-11-15 12:00 UTC
  const std::string path = dir_.Write(
      "pacct", record(1001, "gcc", kNoon, 0) + record(1001, "g++", kNoon - 1, 0) +
                   record(1002, "ld", kNoon - 3600, 360'000) +
                   record(1003, "cc1", kNoon + 3600, 0) + record(0, "a/b", kNoon - 7200, 100));
  struct Case {
    Strings arguments;
    const char* commands;
    const char* said = "";
  };
  constexpr char kEnd[] =
      "cpuagg: The records end at 2023-11-15 13:00; nothing is known about the time after.\n";
  const Case cases[] = {
      {{}, "gcc g++ ld cc1 a/b "},
      {{"--user", "alice"}, "gcc g++ "},
      {{"--user", "1001"}, "gcc g++ "},
      {{"--user", "alice,1003"}, "gcc g++ cc1 "},
      {{"--user", "bob", "--user", "1003"}, "ld cc1 "},
      {{"--user", "nobody-like-that"},
       "",
       "cpuagg: There is no user \"nobody-like-that\": no account here and no user of this "
       "period has that name.\n"},
      {{"--ignore-user", "alice"}, "ld cc1 a/b "},
      {{"--ignore-user", "0,bob"}, "gcc g++ cc1 "},
      {{"--user", "alice,bob", "--ignore-user", "bob"}, "gcc g++ "},
      {{"--ignore-user", ""}, "gcc g++ ld cc1 a/b "},
      {{"--command", "gcc"}, "gcc "},
      {{"--command", "g*"}, "gcc g++ "},
      {{"--command", "g?c", "--command", "[kl]d"}, "gcc ld "},
      {{"--command", "*"}, "gcc g++ ld cc1 a/b "},
      {{"--command", "GCC"},
       "",
       "cpuagg: No command matches \"GCC\"; 1 process matches \"gcc\".\n"},
      // A process belongs to the time when it ended.
      {{"--since", "2023-11-15 12:00"}, "gcc ld cc1 ", kEnd},
      {{"--until", "2023-11-15 12:00"}, "g++ a/b "},
      {{"--since", "2023-11-15 11:59:59", "--until", "2023-11-15 12:00:01"}, "gcc g++ ld "},
      {{"--since", "2023-11-15 12:00", "--user", "alice", "--command", "*c"}, "gcc ", kEnd},
  };
  for (const Case& c : cases) {
    Strings arguments = c.arguments;
    arguments.push_back(path);
    EXPECT_EQ(Commands(arguments, c.said), c.commands) << ::testing::PrintToString(c.arguments);
  }
}

TEST_F(RecordsCliTest, SeveralFilesAreReadInTheirOrder) {
  const std::string a = dir_.Write("a", RecordBuilder().Command("first").Bytes());
  const std::string b = dir_.Write("b", RecordBuilder().Command("second").Bytes());
  EXPECT_EQ(Commands({a, b}), "first second ");
  EXPECT_EQ(Commands({b, a}), "second first ");
  const Finished run =
      RunRecords({"--format=csv", a, "-"}, RecordBuilder().Command("third").Bytes());
  const CsvRows rows = ParseCsv(run.out);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("file"), "%/a");
  EXPECT_EQ(rows[1].at("file"), "standard input");
  EXPECT_EQ(rows[1].at("command"), "third");
  EXPECT_EQ(rows[1].at("offset"), "0");
}

TEST_F(RecordsCliTest, FilesOfOneHistoryComeInTheOrderOfTimeHoweverTheyAreNamed) {
  const auto process = [](const char* command, uint32_t end) {
    return RecordBuilder().Command(command).BeginTime(end).Elapsed(0).Bytes();
  };
  const std::string older =
      dir_.Write("pacct.1", process("first", 1'700'000'000) + process("second", 1'700'000'100));
  const std::string newer = dir_.Write("pacct", process("third", 1'700'000'200));
  EXPECT_EQ(Commands({newer, older}), "first second third ");
  EXPECT_EQ(Commands({older, newer}), "first second third ");
  const Finished piped = RunRecords({"--format=csv", newer, "-"}, process("first", 1'600'000'000));
  const CsvRows rows = ParseCsv(piped.out);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("file"), "standard input");
}

TEST_F(RecordsCliTest, IfOneFileCannotBeOpenedNoneIsPrinted) {
  const std::string a = dir_.Write("a", RecordBuilder().Command("first").Bytes());
  const Finished run = RunRecords({"--format=csv", a, dir_.Path("none")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "cpuagg: %/none: cannot open: No such file or directory\n");
}

TEST_F(RecordsCliTest, AWrongCommandLineNamesTheFlag) {
  struct Case {
    Strings arguments;
    const char* says;
  };
  const Case cases[] = {
      {{"--by", "user"}, "--by"},
      {{"--top", "0"}, "--top: '0' is not a number from 1"},
      {{"-n", "0"}, "-n: '0' is not a number from 1"},
      {{"--accounting-file", "x", "pacct"},
       "--accounting-file: is for the accounting file of this machine, and the records are those "
       "of pacct; leave one of the two out"},
      {{"--rotated-dir", "x", "pacct"}, "--rotated-dir: is for the accounting file of this"},
      {{"web1=-"},
       "web1=-: there is no such file, and only cpuagg report takes HOST=FILE; write -"},
      {{"--store", "/var/lib/cpuagg"}, "--store"},
      {{"--format", "xml"},
       "--format: 'xml' is not one of table, csv, tsv, json, jsonl, markdown and proto"},
      {{"--since", "x"}, "--since: 'x' is not a time"},
      {{"--since", "today", "--until", "yesterday"}, "--until: is before --since"},
      {{"--since", "2026-11-22", "--until", "2026-11-22"}, "--until: is the same time as --since"},
      {{"--ahz", "0"}, "--ahz: '0' is not a number from 1 to 65535"},
  };
  for (const Case& c : cases) {
    const Finished run = RunRecords(c.arguments);
    EXPECT_EQ(run.exit_code, 2) << c.says;
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find(c.says), std::string::npos) << run.err;
  }
}

TEST_F(RecordsCliTest, AReaderThatHasSeenEnoughEndsIt) {
  // More than a pipe holds, and then an input that never ends.
  dir_.Write("part", Repeat(RecordBuilder().Bytes(), 16'384));
  const Finished run = RunInShell(
      "{ while cat $dir/part; do :; done 2> /dev/null | "
      "{ tools/cpuagg records --format=csv -; echo exit $? >&2; }; } | head -n 2 | tail -n 1");
  EXPECT_EQ(run.out.find("standard input,0,3,little,"), 0u) << run.out;
  EXPECT_EQ(run.err, "exit 141\n");
}

// The largest peak memory, in KiB, of any child process that was waited for.
int64_t LargestChild() {
  rusage usage = {};
  EXPECT_EQ(getrusage(RUSAGE_CHILDREN, &usage), 0);
  return usage.ru_maxrss;
}

TEST_F(RecordsCliTest, MemoryDoesNotGrowWithTheInput) {
  dir_.Write("mebibyte", Repeat(RecordBuilder().Uid(1001).Bytes(), 16'384));
  const auto run_with = [&](int mebibytes) {
    return RunInShell(absl::StrCat("for ((i = 0; i < ", mebibytes,
                                   "; ++i)); do cat $dir/mebibyte; done | "
                                   "tools/cpuagg records --format=csv - | wc -l"))
        .out;
  };
  EXPECT_EQ(run_with(64), "1048577\n");
  const int64_t small = LargestChild();
  EXPECT_EQ(run_with(256), "4194305\n");
  constexpr int64_t kSlackKib = 32 << 10;
  EXPECT_LT(LargestChild(), small + kSlackKib);
}

}  // namespace
}  // namespace cpuagg::tools
