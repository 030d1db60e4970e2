#include "tools/testing/terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::testing {

TerminalProgram::TerminalProgram(Program program)
    : timeout_(program.timeout), deadline_(absl::Now() + timeout_) {
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* const value = std::getenv(name)) {
      program.environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  std::vector<char*> argv = Pointers(program.argv);
  std::vector<char*> environment = Pointers(program.environment);
  const winsize size = {.ws_row = 24, .ws_col = program.terminal_columns};
  child_ = forkpty(&terminal_, nullptr, nullptr, program.terminal_columns > 0 ? &size : nullptr);
  if (child_ == 0) {
    execve(argv[0], argv.data(), environment.data());
    _exit(127);
  }
  EXPECT_GT(child_, 0);
}

TerminalProgram::~TerminalProgram() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (terminal_ >= 0) close(terminal_);
}

bool TerminalProgram::ReadSome() {
  pollfd polled = {terminal_, POLLIN, 0};
  const int64_t left = absl::ToInt64Milliseconds(deadline_ - absl::Now());
  if (left <= 0 || poll(&polled, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 4096> buffer;
  // A terminal reports an error if nobody has it open any more.
  const ssize_t count = read(terminal_, buffer.data(), buffer.size());
  if (count <= 0) return false;
  shown_.append(buffer.data(), static_cast<size_t>(count));
  return true;
}

bool TerminalProgram::Shows(const std::string& words) {
  for (;;) {
    const size_t found = shown_.find(words, looked_at_);
    if (found != std::string::npos) {
      looked_at_ = found + words.size();
      return true;
    }
    if (!ReadSome()) return false;
  }
}

void TerminalProgram::Type(const std::string& keys) {
  EXPECT_EQ(write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

bool TerminalProgram::Echoes() const {
  termios settings = {};
  EXPECT_EQ(tcgetattr(terminal_, &settings), 0);
  return (settings.c_lflag & ECHO) != 0;
}

Finished TerminalProgram::Wait() {
  while (ReadSome()) {
  }
  Finished finished;
  if (absl::Now() >= deadline_) {
    kill(child_, SIGKILL);
    ADD_FAILURE() << "did not end in time; the terminal shows\n" << shown_;
  }
  int status = 0;
  EXPECT_EQ(waitpid(child_, &status, 0), child_);
  child_ = -1;
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  finished.out = shown_;
  return finished;
}

}  // namespace cpuagg::tools::testing
