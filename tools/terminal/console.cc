#include "tools/terminal/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "acct/io/file.h"
#include "notify/telegram/secret.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

// Messages may quote file names, file contents and user input. None of these may control the
// terminal, or contain a bot's token in the wrong place.
void WriteLine(absl::string_view message) {
  const std::string line = notify::Printable(notify::RedactTokens(message));
  std::fprintf(stderr, "cpuagg: %s\n", line.c_str());
}

}  // namespace

absl::Status Console::Print(absl::string_view data) {
  errno = 0;
  if (std::fwrite(data.data(), 1, data.size(), stdout) != data.size() || std::fflush(stdout) != 0) {
    reader_is_gone_ = errno == EPIPE;
    return acct::ErrnoStatus(errno, "standard output", "write");
  }
  return absl::OkStatus();
}

void Console::Error(absl::string_view message) { WriteLine(message); }

void Console::Warn(absl::string_view message) {
  if (verbosity_ != Verbosity::kQuiet) WriteLine(message);
}

void Console::Detail(absl::string_view message) {
  if (verbosity_ == Verbosity::kVerbose) WriteLine(message);
}

void Console::Tell(absl::string_view message) {
  if (verbosity_ != Verbosity::kQuiet && isatty(STDERR_FILENO) != 0) WriteLine(message);
}

bool Console::ShowsProgress() const {
  if (verbosity_ == Verbosity::kQuiet || isatty(STDERR_FILENO) == 0) return false;
  const char* const terminal = std::getenv("TERM");
  return terminal == nullptr || absl::string_view(terminal) != "dumb";
}

}  // namespace cpuagg::tools
