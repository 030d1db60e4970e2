// Names of signals on the command line.

#ifndef CPUAGG_TOOLS_CONFIG_SIGNAL_NAME_H_
#define CPUAGG_TOOLS_CONFIG_SIGNAL_NAME_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// What --signal means without a value.
inline constexpr absl::string_view kAnySignal = "any";

// The signal with that name, "SEGV" or "SIGSEGV" in capital or small letters, or with that number
// from 1 to 64 (signal(7)); nullopt if there is none.
std::optional<uint32_t> SignalNumber(absl::string_view name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_SIGNAL_NAME_H_
