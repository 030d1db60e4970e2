// The keys that settings have: docs/configuration.md.

#ifndef CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_
#define CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::tools {

absl::Span<const absl::string_view> ConfigKeys();

bool IsConfigKey(absl::string_view text);

// The key that `text`, which is none, may have been meant to be; upper and lower case are the same.
// Empty if it is not like any of them.
absl::string_view ConfigKeyNear(absl::string_view text);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_
