#include "tools/config/signal_name.h"

#include <csignal>
#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace cpuagg::tools {

std::optional<uint32_t> SignalNumber(absl::string_view name) {
  constexpr uint32_t kLast = 64;
  // "011" may be the name of a file.
  uint32_t number;
  if (!name.empty() && name[0] >= '1' && name[0] <= '9' && absl::SimpleAtoi(name, &number)) {
    return number <= kLast ? std::optional(number) : std::nullopt;
  }
  const std::string capitals = absl::AsciiStrToUpper(name);
  absl::string_view wanted = capitals;
  absl::ConsumePrefix(&wanted, "SIG");
  for (uint32_t signal = 1; signal <= kLast; ++signal) {
    const char* const known = sigabbrev_np(static_cast<int>(signal));
    if (known != nullptr && wanted == known) return signal;
  }
  return std::nullopt;
}

}  // namespace cpuagg::tools
