// Runs a program to its end, or beside the test, and keeps what it said.
//
//   const Finished run = RunProgram({.argv = {"tools/cpuagg", "--version"}});
//   EXPECT_EQ(run.exit_code, 0);
//
//   StartedProgram collect({.argv = {"tools/cpuagg", "collect"}});
//   collect.Kill();
//   EXPECT_EQ(collect.Wait().signal, SIGKILL);

#ifndef CPUAGG_TOOLS_TESTING_PROCESS_H_
#define CPUAGG_TOOLS_TESTING_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace cpuagg::tools::testing {

struct Finished {
  int exit_code = -1;  // -1 if a signal ended it
  int signal = 0;
  bool left_core = false;  // wherever the system keeps it
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
  // Whose it is, with the group of the same number; the test's own if not set. Needs root.
  std::optional<uid_t> user;
  // It is killed, and the test fails, when it runs longer. Far more than anything takes, so that it
  // holds for sanitizers on a busy machine as well.
  absl::Duration timeout = absl::Minutes(3);
};

Finished RunProgram(const Program& program);

// A program that has been started. It is killed if nobody waits for it.
class StartedProgram {
 public:
  explicit StartedProgram(Program program);
  ~StartedProgram();
  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  void Kill();
  void Signal(int signal);
  // Until it has ended and nobody can write to its standard output and error any more. The time of
  // `timeout` begins here.
  Finished Wait();

 private:
  struct Pipes;

  const Program program_;
  const std::unique_ptr<Pipes> pipes_;
  pid_t child_ = -1;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_PROCESS_H_
