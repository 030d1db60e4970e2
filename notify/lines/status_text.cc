#include "notify/lines/status_text.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "acct/record/exit_code.h"

namespace cpuagg::notify {

std::string SignalText(uint32_t signal) {
  const char* const name = sigabbrev_np(static_cast<int>(signal));
  return name == nullptr ? absl::StrCat("signal ", signal) : name;
}

std::string StatusText(uint32_t exit_code, bool left_core) {
  const uint32_t signal = acct::SignalOf(exit_code);
  const uint32_t status = acct::StatusOf(exit_code);
  if (signal == 0 && status == 0 && !left_core) return "ok";
  std::string text = signal == 0 ? absl::StrCat("exit ", status) : SignalText(signal);
  if (signal != 0 && status != 0) absl::StrAppend(&text, ", exit ", status);
  if (left_core) absl::StrAppend(&text, " (core)");
  return text;
}

}  // namespace cpuagg::notify
