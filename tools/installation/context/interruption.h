// Interruption: cleans up when a signal ends the program. The terminal echoes input again, and a
// message says what has been done.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_

#include <termios.h>

namespace cpuagg::tools {

// While this object exists, SIGINT, SIGTERM, SIGHUP and SIGQUIT still end the program, but first
// print `words` on standard error. `words` must outlive this object. Only one may exist at a time.
class Interruption {
 public:
  explicit Interruption(const char* words);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
};

// While this object exists, the terminal `fd` does not echo input, and the program cannot be
// suspended from it. The destructor, or an Interruption that ends the program, restores the
// terminal.
class HiddenInput {
 public:
  explicit HiddenInput(int fd);
  ~HiddenInput();
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  // Whether echo is off, because `fd` is a terminal.
  bool is_hidden() const { return is_hidden_; }

 private:
  bool is_hidden_ = false;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_INTERRUPTION_H_
