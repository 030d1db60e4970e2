// Console: the program's words. Data goes to standard output, everything else to standard error.

#ifndef CPUAGG_TOOLS_TERMINAL_CONSOLE_H_
#define CPUAGG_TOOLS_TERMINAL_CONSOLE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

enum class Verbosity { kQuiet, kNormal, kVerbose };

class Console {
 public:
  explicit Console(Verbosity verbosity) : verbosity_(verbosity) {}

  // Writes `data` to standard output, to the last byte: a full disk or a closed pipe is an error.
  absl::Status Print(absl::string_view data);

  // One line on standard error each, without what looks like a bot's token. Errors are always said;
  // warnings unless --quiet; details only with --verbose.
  void Error(absl::string_view message);
  void Warn(absl::string_view message);
  void Detail(absl::string_view message);

  // Whether somebody may be shown how far the work is: standard error is a terminal that can erase
  // what it shows, and not --quiet.
  bool ShowsProgress() const;

 private:
  Verbosity verbosity_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_CONSOLE_H_
