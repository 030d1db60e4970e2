#include "tools/system/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "acct/io/file.h"

namespace cpuagg::tools {
namespace {

constexpr char kPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// The interval of checks whether the program has ended. For most programs the end of the output
// shows that.
constexpr absl::Duration kLook = absl::Milliseconds(20);
// How long to wait after a request to end, or a kill. A program that hangs in the kernel does not
// end then either, and is abandoned.
constexpr absl::Duration kGrace = absl::Seconds(1);

absl::Duration Stopwatch() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// Reads the output of a program.
class OutputPipe {
 public:
  ~OutputPipe() {
    CloseReader();
    CloseWriter();
  }
  // Returns 0 or the errno.
  int Open() { return pipe2(fds_.data(), O_CLOEXEC) == 0 ? MakeReaderNonBlocking() : errno; }
  int reader() const { return fds_[0]; }
  int writer() const { return fds_[1]; }
  void CloseWriter() { Close(fds_[1]); }

  // Reads what is available, without blocking. Closes the reader at the end.
  void ReadSome(size_t most_bytes, std::string& text, bool& is_cut) {
    std::array<char, 4096> buffer;
    while (fds_[0] >= 0) {
      const ssize_t count = read(fds_[0], buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return CloseReader();
      const size_t kept = std::min(static_cast<size_t>(count), most_bytes - text.size());
      text.append(buffer.data(), kept);
      is_cut |= kept < static_cast<size_t>(count);
      // A program that writes without end must not keep us from checking the clock.
      if (is_cut) return;
    }
  }

 private:
  static void Close(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  void CloseReader() { Close(fds_[0]); }
  int MakeReaderNonBlocking() { return fcntl(fds_[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno; }

  std::array<int, 2> fds_ = {-1, -1};
};

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts the program. Returns 0 or the errno.
int Spawn(const ProgramCall& call, int out, int err, pid_t& child) {
  posix_spawn_file_actions_t files;
  if (const int error = posix_spawn_file_actions_init(&files); error != 0) return error;
  const absl::Cleanup destroy_files = [&] { posix_spawn_file_actions_destroy(&files); };
  posix_spawnattr_t attributes;
  if (const int error = posix_spawnattr_init(&attributes); error != 0) return error;
  const absl::Cleanup destroy_attributes = [&] { posix_spawnattr_destroy(&attributes); };

  // Gives the program default signal handling, even for signals that are ignored here.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  for (const int error :
       {posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO),
        posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO),
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
        posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1),
        posix_spawn_file_actions_addchdir_np(&files, "/"),
        posix_spawnattr_setsigmask(&attributes, &none),
        posix_spawnattr_setsigdefault(&attributes, &all),
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)}) {
    if (error != 0) return error;
  }
  std::vector<std::string> argv = {call.path};
  argv.insert(argv.end(), call.arguments.begin(), call.arguments.end());
  std::vector<std::string> environment = {kPath, "LC_ALL=C"};
  environment.insert(environment.end(), call.more_environment.begin(), call.more_environment.end());
  return posix_spawn(&child, call.path.c_str(), &files, &attributes, Pointers(argv).data(),
                     Pointers(environment).data());
}

// A child process, for which nobody else waits.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}

  // Whether it has ended. Sets `error_` if that cannot be found out.
  bool HasEnded() {
    if (wait_status_.has_value() || error_ != 0) return true;
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) wait_status_ = status;
    if (ended < 0 && errno != EINTR) error_ = errno;
    return ended == pid_ || error_ != 0;
  }
  void EndWith(int signal) {
    if (!HasEnded()) kill(pid_, signal);
    for (const absl::Duration until = Stopwatch() + kGrace; !HasEnded() && Stopwatch() < until;) {
      absl::SleepFor(kLook);
    }
  }
  // Set once it has ended; nullopt if SIGCHLD is ignored, so that the status is unknown.
  std::optional<int> wait_status() const { return wait_status_; }

 private:
  const pid_t pid_;
  std::optional<int> wait_status_;
  int error_ = 0;
};

// Keeps the output until the child has ended. False if it does not end in time.
bool Follow(const ProgramCall& call, Child& child, OutputPipe& out, OutputPipe& err,
            ProgramResult& result) {
  const absl::Duration deadline = Stopwatch() + call.time_limit;
  const auto read_some = [&] {
    out.ReadSome(call.most_bytes, result.out, result.is_cut);
    err.ReadSome(call.most_bytes, result.err, result.is_cut);
  };
  while (!child.HasEnded()) {
    if (Stopwatch() >= deadline) return false;
    // poll() ignores a descriptor of -1, and with two of these it only sleeps. At the end of both
    // outputs the program is about to end too.
    const bool is_at_end = out.reader() < 0 && err.reader() < 0;
    std::array<pollfd, 2> polled = {{{out.reader(), POLLIN, 0}, {err.reader(), POLLIN, 0}}};
    poll(polled.data(), polled.size(),
         is_at_end ? 1 : static_cast<int>(absl::ToInt64Milliseconds(kLook)));
    read_some();
  }
  read_some();
  return true;
}

}  // namespace

absl::StatusOr<ProgramResult> RunProgram(const ProgramCall& call) {
  if (call.path.empty() || call.path[0] != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat("'", call.path, "': is not the whole path of a program"));
  }
  OutputPipe out;
  OutputPipe err;
  if (!call.shows_output) {
    for (OutputPipe* pipe : {&out, &err}) {
      if (const int error = pipe->Open(); error != 0) {
        return acct::ErrnoStatus(error, call.path, "make a pipe for");
      }
    }
  }
  pid_t pid = -1;
  const int error = call.shows_output ? Spawn(call, STDERR_FILENO, STDERR_FILENO, pid)
                                      : Spawn(call, out.writer(), err.writer(), pid);
  if (error != 0) return acct::ErrnoStatus(error, call.path, "run");
  out.CloseWriter();
  err.CloseWriter();
  Child child(pid);
  ProgramResult result;
  if (!Follow(call, child, out, err, result)) {
    child.EndWith(SIGTERM);
    child.EndWith(SIGKILL);
    return absl::DeadlineExceededError(
        absl::StrCat(call.path, ": did not end within ", absl::FormatDuration(call.time_limit)));
  }
  const std::optional<int> status = child.wait_status();
  if (!status.has_value()) {
    return absl::UnknownError(absl::StrCat(call.path, ": how it ended is unknown"));
  }
  if (WIFEXITED(*status)) result.exit_status = WEXITSTATUS(*status);
  if (WIFSIGNALED(*status)) result.signal = WTERMSIG(*status);
  return result;
}

}  // namespace cpuagg::tools
