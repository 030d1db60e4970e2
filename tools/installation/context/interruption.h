// Interruption: what a signal that ends the program leaves behind: a terminal that shows what is
// typed, and a word about what is done.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_

#include <termios.h>

namespace cpuagg::tools {

// While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT end the program as ever, after `words`, which
// outlive it, are on standard error. No more than one at a time.
class Interruption {
 public:
  explicit Interruption(const char* words);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
};

// While it lives, the terminal `fd` does not show what is typed, and the program cannot be
// suspended from it. Afterwards, or when an Interruption ends the program, it is as it was before.
class HiddenInput {
 public:
  explicit HiddenInput(int fd);
  ~HiddenInput();
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  // Whether it does so: `fd` is a terminal.
  bool is_hidden() const { return is_hidden_; }

 private:
  bool is_hidden_ = false;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_
