// Runs a program to its end and keeps what it said.
//
//   const Finished run = RunProgram({.argv = {"tools/cpuagg", "--version"}});
//   EXPECT_EQ(run.exit_code, 0);

#ifndef CPUAGG_TOOLS_TESTING_PROCESS_H_
#define CPUAGG_TOOLS_TESTING_PROCESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace cpuagg::tools::testing {

struct Finished {
  int exit_code = -1;  // -1 if a signal ended it
  int signal = 0;
  std::string out;
  std::string err;
};

struct Program {
  std::vector<std::string> argv;  // argv[0] is the path
  // The whole environment, as "NAME=value"; PATH and the sanitizers' options are added.
  std::vector<std::string> environment;
  std::string standard_input;
  // When standard input ends after that, asked many times a second of what the program has said so
  // far; if empty, at once.
  std::function<bool(const Finished&)> standard_input_ends;
  // A file to write standard output to instead of keeping it, for example /dev/full.
  std::string standard_output_path;
  // If not zero, standard error is a terminal of so many columns, which shows bytes as they are.
  uint16_t terminal_columns = 0;
  // Where it runs; empty for here.
  std::string directory;
  // Takes from root the power to read what a file's mode forbids.
  bool obey_file_modes = false;
  // It is killed, and the test fails, when it runs longer.
  absl::Duration timeout = absl::Seconds(60);
};

Finished RunProgram(const Program& program);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_PROCESS_H_
