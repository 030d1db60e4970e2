// TerminalProgram: runs a program in a pseudo-terminal, like a person who reads and types.
//
//   TerminalProgram setup({.argv = {"/usr/bin/cpuagg", "setup"}});
//   ASSERT_TRUE(setup.Shows("Turn it on"));
//   setup.Type("y\n");
//   EXPECT_EQ(setup.Wait().exit_code, 0);

#ifndef CPUAGG_TOOLS_TESTING_TERMINAL_H_
#define CPUAGG_TOOLS_TESTING_TERMINAL_H_

#include <sys/types.h>

#include <string>

#include "absl/time/time.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

class TerminalProgram {
 public:
  // Uses only the command line, the environment, the terminal's columns and the timeout of
  // `program`. Adds PATH.
  explicit TerminalProgram(Program program);
  // Kills the program if Wait() was never called.
  ~TerminalProgram();
  TerminalProgram(const TerminalProgram&) = delete;
  TerminalProgram& operator=(const TerminalProgram&) = delete;

  // Waits for this text in the terminal, after the text found before. False if it does not appear.
  bool Shows(const std::string& words);
  void Type(const std::string& keys);
  // Whether the terminal echoes input.
  bool Echoes() const;

  // Waits for the end. `out` is everything that the terminal has shown.
  Finished Wait();
  const std::string& shown() const { return shown_; }

 private:
  // False if there is no more output, or if the time is over.
  bool ReadSome();

  const absl::Duration timeout_;
  absl::Time deadline_;
  pid_t child_ = -1;
  int terminal_ = -1;
  std::string shown_;
  size_t looked_at_ = 0;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_TERMINAL_H_
