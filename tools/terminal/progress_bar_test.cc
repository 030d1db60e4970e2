// Tests the bar as a user of the built binary sees it, on a pseudo-terminal.

#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "notify/words/text.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using testing::Finished;
using testing::Program;
using testing::RunProgram;
using testing::StartedProgram;

constexpr absl::string_view kErased = "\r\x1b[K";

Program ReportOnTerminal(uint16_t columns) {
  return {.argv = {"tools/cpuagg", "report", "-"},
          .environment = {"CPUAGG_HOST_NAME=lab01", "TZ=UTC", "TERM=xterm"},
          .standard_input = RecordBuilder().Bytes(),
          .terminal_columns = columns};
}

// Ends the input once the bar has appeared, however long that takes.
bool BarIsShown(const Finished& so_far) { return absl::StrContains(so_far.err, "64 B, "); }

TEST(ProgressBarTest, IsOnTheTerminalWhileTheInputIsSlowAndGoneAtTheEnd) {
  for (const uint16_t columns : std::initializer_list<uint16_t>{80, 34, 10}) {
    Program program = ReportOnTerminal(columns);
    program.standard_input_ends = BarIsShown;
    const Finished run = RunProgram(program);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_TRUE(absl::StrContains(run.out, "total")) << run.out;
    EXPECT_TRUE(absl::EndsWith(run.err, kErased)) << run.err;
    EXPECT_EQ(absl::StrContains(run.err, "reading standard input"), columns == 80) << run.err;
    for (const absl::string_view line : absl::StrSplit(run.err, '\r')) {
      EXPECT_EQ(line.find('\n'), absl::string_view::npos);
      EXPECT_LT(notify::DisplayWidth(line.substr(0, line.find('\x1b'))), columns);
    }
  }
}

TEST(ProgressBarTest, IsGoneAfterCtrlC) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Program program = ReportOnTerminal(80);
    StartedProgram* started = nullptr;
    program.standard_input_ends = [&](const Finished& so_far) {
      if (BarIsShown(so_far)) started->Signal(signal);
      return false;
    };
    StartedProgram report(program);
    started = &report;
    const Finished run = report.Wait();
    EXPECT_EQ(run.signal, signal);
    EXPECT_TRUE(absl::EndsWith(run.err, kErased)) << run.err;
  }
}

TEST(ProgressBarTest, MakesRoomForMessages) {
  Program program = ReportOnTerminal(80);
  program.standard_input += "0123456789";
  program.standard_input_ends = [](const Finished& so_far) {
    return absl::StrContains(so_far.err, "74 B, ");
  };
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(run.err, "\r\x1b[Kcpuagg: standard input: the last 10 bytes"))
      << run.err;
  EXPECT_TRUE(absl::EndsWith(run.err, "were not counted\n")) << run.err;
}

TEST(ProgressBarTest, NothingIsShownToPipesTerminalsThatCannotEraseAndWhoeverWantsQuiet) {
  struct Case {
    const char* name;
    uint16_t columns;
    const char* terminal;
    std::vector<std::string> flags;
  };
  const Case cases[] = {{"pipe", 0, "xterm", {}},
                        {"quiet", 80, "xterm", {"--quiet"}},
                        {"dumb terminal", 80, "dumb", {}}};
  for (const Case& c : cases) {
    Program program = ReportOnTerminal(c.columns);
    program.environment.back() = std::string("TERM=") + c.terminal;
    program.argv.insert(program.argv.end(), c.flags.begin(), c.flags.end());
    program.standard_input_ends = [begin = absl::Now()](const Finished&) {
      return absl::Now() - begin > absl::Milliseconds(2500);
    };
    const Finished run = RunProgram(program);
    EXPECT_EQ(run.exit_code, 0) << c.name;
    EXPECT_EQ(run.err, "") << c.name;
  }
}

}  // namespace
}  // namespace cpuagg::tools
