// The keys of all settings; see docs/configuration.md.

#ifndef CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_
#define CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::tools {

absl::Span<const absl::string_view> ConfigKeys();

bool IsConfigKey(absl::string_view text);

// The key most similar to `text`, which is not a key, ignoring upper and lower case. Empty if none
// is similar.
absl::string_view ConfigKeyNear(absl::string_view text);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_CONFIG_KEYS_H_
