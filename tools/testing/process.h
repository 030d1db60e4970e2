// Runs a program to its end, or in parallel with the test, and keeps its output.
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
  bool left_core = false;  // wherever the system puts it
  std::string out;
  std::string err;
};

struct Program {
  std::vector<std::string> argv;  // argv[0] is the path
  // The whole environment, as "NAME=value" strings. PATH, the fonts of tests, and the options of
  // the sanitizers are added.
  std::vector<std::string> environment;
  std::string standard_input;
  // Whether standard input ends, after `standard_input`. Called many times per second with the
  // output so far. If empty, the input ends at once.
  std::function<bool(const Finished&)> standard_input_ends;
  // A file for standard output, which is then not kept: for example /dev/full.
  std::string standard_output_path;
  // If not zero, standard error is a terminal with this many columns, which does not change bytes.
  uint16_t terminal_columns = 0;
  // The working directory; empty for the current one.
  std::string directory;
  // Removes root's capability to read files in spite of their mode.
  bool obey_file_modes = false;
  // The user that runs it, with the group of the same number; the test's own user if not set. Needs
  // root.
  std::optional<uid_t> user;
  // If it runs longer, it is killed and the test fails. Far more than anything takes, so that it
  // suffices for sanitizers on a busy machine.
  absl::Duration timeout = absl::Minutes(3);
};

// What execve(2) takes: pointers to the words, and a null.
std::vector<char*> Pointers(std::vector<std::string>& words);

Finished RunProgram(const Program& program);

// A program that has been started. It is killed if Wait() is never called.
class StartedProgram {
 public:
  explicit StartedProgram(Program program);
  ~StartedProgram();
  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  void Kill();
  void Signal(int signal);
  // Waits until it has ended, and until nobody can write to its standard output and error any more.
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
