#include "tools/installation/context/interruption.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace cpuagg::tools {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Global, because a signal handler has no other way to get them. They change only while no signal
// is handled.
const char* last_words = nullptr;
int hidden_fd = -1;
termios saved_terminal;
volatile sig_atomic_t is_input_hidden = 0;

// Calls only async-signal-safe functions (signal-safety(7)).
void EndBySignal(int number) {
  if (is_input_hidden != 0) (void)tcsetattr(hidden_fd, TCSANOW, &saved_terminal);
  if (last_words != nullptr) (void)!write(STDERR_FILENO, last_words, strlen(last_words));
  // Because of SA_RESETHAND, it ends the program as soon as this function returns.
  raise(number);
}

}  // namespace

Interruption::Interruption(const char* words) {
  last_words = words;
  struct sigaction action = {};
  action.sa_handler = EndBySignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : kSignals) {
    struct sigaction before;
    // A signal that the caller ignores (nohup) stays ignored.
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(number, &action, nullptr);
    }
  }
}

Interruption::~Interruption() {
  for (const int number : kSignals) {
    struct sigaction now;
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == EndBySignal) {
      signal(number, SIG_DFL);
    }
  }
  last_words = nullptr;
}

HiddenInput::HiddenInput(int fd) {
  termios before;
  if (tcgetattr(fd, &before) != 0) return;
  saved_terminal = before;
  hidden_fd = fd;
  is_input_hidden = 1;
  termios hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  hidden.c_lflag |= ECHONL;  // echoing the newline shows that the input was received
  hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
  is_hidden_ = tcsetattr(fd, TCSAFLUSH, &hidden) == 0;
}

HiddenInput::~HiddenInput() {
  if (is_input_hidden == 0) return;
  tcsetattr(hidden_fd, TCSANOW, &saved_terminal);
  is_input_hidden = 0;
}

}  // namespace cpuagg::tools
