// Names flags in messages as they were typed: "-n" and not "--top".

#ifndef CPUAGG_TOOLS_CONFIG_TYPED_FLAGS_H_
#define CPUAGG_TOOLS_CONFIG_TYPED_FLAGS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// The long name of a flag that was typed by its short one, and that: {"--top", "-n"}.
using ShortFlags = std::vector<std::pair<std::string, std::string>>;

// The message with the short name, if it begins with the long name of one of `flags`.
std::string AsTyped(absl::string_view message, const ShortFlags& flags);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_TYPED_FLAGS_H_
