// Console: the program's output. Data goes to standard output, everything else to standard error.

#ifndef CPUAGG_TOOLS_TERMINAL_CONSOLE_H_
#define CPUAGG_TOOLS_TERMINAL_CONSOLE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

enum class Verbosity { kQuiet, kNormal, kVerbose };

class Console {
 public:
  explicit Console(Verbosity verbosity) : verbosity_(verbosity) {}

  // Writes all of `data` to standard output. A full disk or a closed pipe is an error.
  absl::Status Print(absl::string_view data);

  // Whether Print() has failed because nobody reads the pipe any more, as after `| head`. No
  // message is needed then.
  bool reader_is_gone() const { return reader_is_gone_; }

  // Each prints one line on standard error, without anything that looks like a bot's token. Errors
  // are always printed, warnings unless --quiet, details only with --verbose.
  void Error(absl::string_view message);
  void Warn(absl::string_view message);
  void Detail(absl::string_view message);
  // Prints one line for whoever sits at the terminal of standard error, unless --quiet. A pipe,
  // such as cron's, gets nothing.
  void Tell(absl::string_view message);

  // Whether to show progress: standard error is a terminal that can erase text, and --quiet was not
  // given.
  bool ShowsProgress() const;

 private:
  Verbosity verbosity_;
  bool reader_is_gone_ = false;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_CONSOLE_H_
