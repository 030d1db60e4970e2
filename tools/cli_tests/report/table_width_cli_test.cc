// The built binary in a terminal: how wide the tables of `report` and `records` are, which columns
// they have, and their colors.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "notify/words/text.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"
#include "tools/testing/terminal.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::Finished;
using testing::Program;
using testing::TerminalProgram;

class TableWidthCliTest : public testing::CliTest {
 protected:
  // What a terminal with so many columns shows.
  std::string Shown(uint16_t columns, Strings argv, const Strings& environment = {}) const {
    argv.insert(argv.end(), {"--passwd", passwd_, pacct_});
    Program program = Cpuagg(std::move(argv), environment);
    program.terminal_columns = columns;
    const Finished run = TerminalProgram(program).Wait();
    EXPECT_EQ(run.exit_code, 0) << run.out;
    return absl::StrReplaceAll(run.out, {{"\r\n", "\n"}});
  }
  // What a pipe gets.
  std::string Piped(Strings argv, const Strings& environment = {}) const {
    argv.insert(argv.end(), {"--passwd", passwd_, pacct_});
    return OutputOf(std::move(argv), environment);
  }

  const std::string passwd_ =
      dir_.Write("passwd",
                 "alice:x:1001:1001::/:/bin/sh\n"
                 "王小明:x:1002:1001::/:/bin/sh\n"
                 "محمد-عبدالله:x:1003:1001::/:/bin/sh\n"
                 "carolinelongname-department-of-physics-1:x:1004:1001::/:/bin/sh\n"
                 "carolinelongname-department-of-physics-2:x:1005:1001::/:/bin/sh\n");
  const std::string written_ = dir_.Write("pacct", [] {
    std::string records;
    for (uint32_t uid = 1001; uid < 1030; ++uid) {
      records += RecordBuilder().Uid(uid).UserTime(100).Command("gcc").Bytes();
      records +=
          RecordBuilder().Uid(uid).ExitCode(11).Flags(0x18).Command("a-long-command1").Bytes();
    }
    return records;
  }());
};

TEST_F(TableWidthCliTest, NoLineIsWiderThanTheTerminal) {
  for (const Strings& argv : {Strings{"report"}, {"report", "--by=user,command"}, {"records"}}) {
    for (const uint16_t columns : std::vector<uint16_t>{40, 80, 120, 200}) {
      const std::string shown = Shown(columns, argv);
      EXPECT_TRUE(absl::StrContains(shown, "王小明")) << shown;
      for (const std::string& line : std::vector<std::string>(absl::StrSplit(shown, '\n'))) {
        // Sentences on standard error are not part of the table, and words are not cut.
        if (absl::StartsWith(line, "cpuagg: ") || line == pacct_) continue;
        EXPECT_LE(notify::DisplayWidth(line), columns) << line;
      }
    }
  }
}

TEST_F(TableWidthCliTest, AWiderTerminalHasMoreColumns) {
  EXPECT_FALSE(absl::StrContains(Shown(40, {"report"}), "PROCESSES"));
  EXPECT_TRUE(absl::StrContains(Shown(80, {"report"}), "PROCESSES"));
  EXPECT_FALSE(absl::StrContains(Shown(80, {"records"}), " PID "));
  EXPECT_TRUE(absl::StrContains(Shown(120, {"records"}), " PID "));
  // COLUMNS says nothing about the terminal.
  EXPECT_EQ(Shown(80, {"report"}, {"COLUMNS=200"}), Shown(80, {"report"}));
}

TEST_F(TableWidthCliTest, APipeHasWholeNamesAndNoColor) {
  const Strings colorful = {"TERM=xterm"};
  for (const char* const command : {"report", "records"}) {
    const std::string piped = Piped({command}, colorful);
    EXPECT_TRUE(absl::StrContains(piped, "\ncarolinelongname-department-of-physics-1 ") ||
                absl::StrContains(piped, " carolinelongname-department-of-physics-1 "))
        << piped;
    EXPECT_FALSE(absl::StrContains(piped, "…"));
    EXPECT_FALSE(absl::StrContains(piped, "\x1b"));
    EXPECT_EQ(Piped({command}, {"COLUMNS=40"}), piped);
  }
}

TEST_F(TableWidthCliTest, WideHasEverything) {
  const std::string report = Shown(80, {"report", "--wide"});
  EXPECT_TRUE(absl::StrContains(report, "\ncarolinelongname-department-of-physics-1  1004  "));
  EXPECT_TRUE(absl::StrContains(report, "  LARGEST SIZE\n")) << "and nothing that is empty";
  EXPECT_TRUE(absl::StrContains(Piped({"report", "--wide"}), "  MAJOR FAULTS  IO\n"));
  EXPECT_EQ(Shown(80, {"records", "--wide"}), Piped({"records", "--wide"}));
}

TEST_F(TableWidthCliTest, ColumnsAreThoseThatAreNamed) {
  EXPECT_TRUE(absl::StrContains(Shown(80, {"report", "--columns=share,user,io", "-n1"}),
                                "\n\nSHARE  USER         IO\n"));
  EXPECT_TRUE(absl::StartsWith(Piped({"records", "--columns", "pid,status,user"}),
                               "    PID STATUS      USER\n      0 ok          alice\n"));
  EXPECT_TRUE(absl::StartsWith(Piped({"records", "--csv", "--columns", "user,uid,signal"}),
                               "user,uid,signal\nalice,1001,0\nalice,1001,11\n"));
  EXPECT_TRUE(absl::StartsWith(Piped({"report", "--csv", "--columns", "processes,share"}),
                               "processes,share\n2,"));
  EXPECT_TRUE(absl::StartsWith(Piped({"report", "--format=tsv", "--columns", "processes,uid"}),
                               "processes\tuid\n2\t"));
  EXPECT_TRUE(absl::StrContains(
      Piped({"report", "--format=markdown", "--columns", "processes,user", "-n1"}),
      "\n\n| PROCESSES | USER        |\n| --------: | ----------- |\n|         2 | alice       "
      "|\n"));
  EXPECT_TRUE(absl::StartsWith(
      Piped({"records", "--format=markdown", "--columns", "status,user,pid"}),
      "| STATUS      | USER         |     PID |\n| ----------- | ------------ | ------: |\n"
      "| ok          | alice        |       0 |\n| SEGV (core) | alice        |       0 |\n"));
  const std::string page = Piped({"report", "--format=html", "--columns", "share,user", "-n1"});
  EXPECT_TRUE(absl::StrContains(page, ">SHARE</th><th scope=\"col\">USER</th></tr>")) << page;
  EXPECT_FALSE(absl::StrContains(page, "\" aria-sort=\"")) << "CPU TIME is not there";
  const std::string nameless =
      dir_.Write("nameless", EndedAt(absl::UnixEpoch() + absl::Hours(24 * 20'000)).Uid(7).Bytes());
  EXPECT_EQ(Run({"report", "--csv", "--columns=user", "--passwd=/dev/null", nameless}).err,
            "cpuagg: --columns: users without a name are empty; add uid to tell them apart\n");
  EXPECT_EQ(Run({"report", "--csv", "--columns=user,uid", "--passwd=/dev/null", nameless}).err, "");
  struct Case {
    Strings argv;
    const char* says;
  };
  for (const Case& c :
       {Case{{"report", "--columns=uesr"}, "--columns: 'uesr' is not one of user, uid, cpu_sec"},
        Case{{"report", "--columns=uesr"}, "; did you mean user?\n"},
        Case{{"report", "--columns=command"}, "--columns: 'command' is not one of "},
        Case{{"report", "--columns=change", "--csv"}, "--columns: 'change' is not one of uid, "},
        Case{{"records", "--columns=pod"}, "; did you mean pid?\n"},
        Case{{"records", "--columns=status", "--csv"}, "--columns: 'status' is not one of file"},
        Case{{"records", "--columns=pid", "--json"}, "--columns: is for tables, CSV, TSV, "},
        Case{{"report", "--columns=,"}, "--columns: names no column"},
        Case{{"report", "--wide", "--columns=user"}, "--wide: asks for all columns"},
        Case{{"report", "--wide", "--csv"}, "--wide: is for tables"},
        Case{{"report", "--color=yes"}, "--color: 'yes' is not one of auto, always and never"}}) {
    Strings argv = c.argv;
    argv.push_back(pacct_);
    const Finished run = Run(argv);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StrContains(run.err, c.says)) << run.err;
  }
}

TEST_F(TableWidthCliTest, MarkdownIsAsciiWhereTheTableIs) {
  for (const Strings& argv : {Strings{"report"},
                              {"report", "--by=user,hour"},
                              {"records"},
                              {"records", "--columns=user,command"}}) {
    Strings markdown = argv;
    markdown.emplace_back("--format=markdown");
    EXPECT_TRUE(absl::StrContains(Piped(markdown), "王小明"));
    const std::string ascii = Piped(markdown, {"LC_ALL=C"});
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(), [](char c) {
      return absl::ascii_isascii(static_cast<unsigned char>(c));
    })) << ascii;
    EXPECT_TRUE(absl::StrContains(ascii, R"(| \\u738b\\u5c0f\\u660e )")) << ascii;
  }
}

TEST_F(TableWidthCliTest, ColorIsForTerminalsThatWantIt) {
  struct Case {
    Strings flags;
    Strings environment;
    bool in_terminal;
    bool in_pipe;
  };
  for (const Case& c :
       {Case{{}, {"TERM=xterm"}, true, false}, Case{{}, {"TERM=xterm", "NO_COLOR="}, true, false},
        Case{{}, {"TERM=xterm", "NO_COLOR=1"}, false, false}, Case{{}, {"TERM=dumb"}, false, false},
        Case{{}, {}, false, false}, Case{{"--color=never"}, {"TERM=xterm"}, false, false},
        Case{{"--color=always"}, {"TERM=dumb", "NO_COLOR=1"}, true, true}}) {
    Strings argv = {"records"};
    argv.insert(argv.end(), c.flags.begin(), c.flags.end());
    const auto is_red = [](const std::string& text) {
      return absl::StrContains(text, "\x1b[31mSEGV (core)\x1b[0m");
    };
    EXPECT_EQ(is_red(Shown(80, argv, c.environment)), c.in_terminal)
        << ::testing::PrintToString(c.environment);
    EXPECT_EQ(is_red(Piped(argv, c.environment)), c.in_pipe);
  }
}

TEST_F(TableWidthCliTest, ALocaleWithoutUtf8HasAsciiOnly) {
  struct Case {
    Strings environment;
    bool is_ascii;
  };
  for (const Case& c : {Case{{"LC_ALL=C"}, true}, Case{{"LC_ALL=POSIX", "LANG=C.UTF-8"}, true},
                        Case{{"LC_CTYPE=de_DE@euro"}, true}, Case{{"LANG=C.UTF-8"}, false},
                        Case{{"LC_ALL=en_US.utf8", "LANG=C"}, false}, Case{{}, false}}) {
    for (const Strings& argv : {Strings{"report"}, {"records"}, {"records", "--wide"}}) {
      const std::string text = Piped(argv, c.environment);
      EXPECT_EQ(absl::StrContains(text, "\\u738b\\u5c0f\\u660e"), c.is_ascii) << text;
      EXPECT_EQ(absl::StrContains(text, "王小明"), !c.is_ascii) << text;
      bool has_other = false;
      for (const char letter : text) has_other |= static_cast<unsigned char>(letter) >= 0x80;
      EXPECT_EQ(has_other, !c.is_ascii);
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools
