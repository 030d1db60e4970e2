// Runs a program in a terminal of its own, as a person does who reads and types.
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
  // Of `program` what it runs, its environment and its time-out are used. PATH is added.
  explicit TerminalProgram(Program program);
  // Kills it, if nobody has waited for it.
  ~TerminalProgram();
  TerminalProgram(const TerminalProgram&) = delete;
  TerminalProgram& operator=(const TerminalProgram&) = delete;

  // Whether the terminal comes to show this, behind what it was asked for before.
  bool Shows(const std::string& words);
  void Type(const std::string& keys);
  // Whether what is typed is shown.
  bool Echoes() const;

  // Until it has ended; everything that the terminal has shown is `out`.
  Finished Wait();
  const std::string& shown() const { return shown_; }

 private:
  // False when there is nothing more to come, or it is too late.
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
