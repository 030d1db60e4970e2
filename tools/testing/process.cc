#include "tools/testing/process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::testing {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(fds.data(), O_CLOEXEC), 0); }
  // A terminal instead of a pipe: the program gets the terminal, and the test reads its output.
  explicit Pipe(uint16_t columns) {
    termios as_it_is = {};
    cfmakeraw(&as_it_is);
    const winsize size = {.ws_row = 24, .ws_col = columns};
    EXPECT_EQ(openpty(&fds[0], &fds[1], nullptr, &as_it_is, &size), 0);
    for (const int fd : fds) fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseReader() { Close(fds[0]); }
  void CloseWriter() { Close(fds[1]); }
  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  std::array<int, 2> fds = {-1, -1};
};

namespace {

// Only system calls, in the new process: another thread of the test, such as one of its server, may
// have held a lock of the library or of the sanitizer's allocator when it forked.
[[noreturn]] void Exec(const Program& program, char* const* argv, char* const* environment, int in,
                       int out, int err) {
  if (!program.standard_output_path.empty()) {
    out = open(program.standard_output_path.c_str(), O_WRONLY | O_CREAT, 0644);
  }
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  if (program.obey_file_modes) {
    // Fails for users who do not have the capability anyway.
    (void)prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    (void)prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
  }
  if (!program.directory.empty() && chdir(program.directory.c_str()) != 0) _exit(126);
  if (program.user.has_value()) {
    const uid_t user = *program.user;
    if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setresgid, user, user, user) != 0 ||
        syscall(SYS_setresuid, user, user, user) != 0) {
      _exit(126);
    }
  }
  execve(argv[0], argv, environment);
  _exit(127);
}

// Transfers bytes between the pipes and the program until it has closed its ends. False on timeout.
bool Converse(const Program& program, Pipe& in, Pipe& out, Pipe& err, Finished& finished) {
  const absl::Time deadline = absl::Now() + program.timeout;
  size_t written = 0;
  fcntl(in.fds[1], F_SETFL, O_NONBLOCK);
  while (out.fds[0] >= 0 || err.fds[0] >= 0) {
    const bool all_written = written == program.standard_input.size();
    if (all_written && (!program.standard_input_ends || program.standard_input_ends(finished))) {
      in.CloseWriter();
    }
    std::array<pollfd, 3> polled = {{{all_written ? -1 : in.fds[1], POLLOUT, 0},
                                     {out.fds[0], POLLIN, 0},
                                     {err.fds[0], POLLIN, 0}}};
    int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0) return false;
    if (in.fds[1] >= 0) left = std::min<int64_t>(left, 50);
    if (poll(polled.data(), polled.size(), static_cast<int>(left)) <= 0) continue;
    if (polled[0].revents != 0) {
      const ssize_t count = write(in.fds[1], program.standard_input.data() + written,
                                  program.standard_input.size() - written);
      if (count < 0 && errno != EAGAIN) written = program.standard_input.size();
      if (count > 0) written += static_cast<size_t>(count);
    }
    const auto read_some = [](Pipe& pipe, const pollfd& entry, std::string& text) {
      if (entry.revents == 0) return;
      std::array<char, 4096> buffer;
      const ssize_t count = read(pipe.fds[0], buffer.data(), buffer.size());
      if (count <= 0) pipe.CloseReader();
      if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
    };
    read_some(out, polled[1], finished.out);
    read_some(err, polled[2], finished.err);
  }
  return true;
}

}  // namespace

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct StartedProgram::Pipes {
  Pipe in;
  Pipe out;
  Pipe err;
};

StartedProgram::StartedProgram(Program program)
    : program_(std::move(program)),
      pipes_(program_.terminal_columns > 0 ? new Pipes{.err = Pipe(program_.terminal_columns)}
                                           : new Pipes) {
  std::vector<std::string> argv = program_.argv;
  argv[0] = std::filesystem::absolute(argv[0]).string();
  std::vector<std::string> environment = program_.environment;
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                           "LLVM_PROFILE_FILE", "FONTCONFIG_FILE"}) {
    // Of two values of a variable a program takes the first, and a shell the last.
    const bool is_set =
        std::any_of(environment.begin(), environment.end(), [&](const std::string& variable) {
          return absl::StartsWith(variable, absl::StrCat(name, "="));
        });
    if (const char* const value = std::getenv(name); value != nullptr && !is_set) {
      environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  // A directory in which fontconfig may write; otherwise it complains on standard error.
  if (const char* const directory = std::getenv("TEST_TMPDIR")) {
    environment.push_back(absl::StrCat("XDG_CACHE_HOME=", directory));
  }
  signal(SIGPIPE, SIG_IGN);
  const std::vector<char*> argv_pointers = Pointers(argv);
  const std::vector<char*> environment_pointers = Pointers(environment);
  child_ = fork();
  if (child_ == 0) {
    Exec(program_, argv_pointers.data(), environment_pointers.data(), pipes_->in.fds[0],
         pipes_->out.fds[1], pipes_->err.fds[1]);
  }
  EXPECT_GT(child_, 0);
  pipes_->in.CloseReader();
  pipes_->out.CloseWriter();
  pipes_->err.CloseWriter();
}

StartedProgram::~StartedProgram() {
  if (child_ <= 0) return;
  Kill();
  waitpid(child_, nullptr, 0);
}

void StartedProgram::Kill() { Signal(SIGKILL); }

void StartedProgram::Signal(int signal) {
  if (child_ > 0) kill(child_, signal);
}

Finished StartedProgram::Wait() {
  Finished finished;
  if (child_ <= 0) return finished;
  if (!Converse(program_, pipes_->in, pipes_->out, pipes_->err, finished)) {
    Kill();
    ADD_FAILURE() << program_.argv[0] << " did not end in time";
  }
  int status = 0;
  EXPECT_EQ(waitpid(child_, &status, 0), child_);
  child_ = -1;
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) {
    finished.signal = WTERMSIG(status);
    finished.left_core = WCOREDUMP(status);
  }
  return finished;
}

Finished RunProgram(const Program& program) { return StartedProgram(program).Wait(); }

}  // namespace cpuagg::tools::testing
