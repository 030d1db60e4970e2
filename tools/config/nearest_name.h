// NearestName: what somebody meant who typed a name that does not exist.

#ifndef CPUAGG_TOOLS_CONFIG_NEAREST_NAME_H_
#define CPUAGG_TOOLS_CONFIG_NEAREST_NAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::tools {

// The one of `names`, in small letters, that differs least from `text`, if one of them begins with
// the other, if at most a third of the letters differ, or half of them behind two that are the
// same: "daily" is near "day". The first of those that are as near; empty if there is none.
absl::string_view NearestName(absl::string_view text, absl::Span<const absl::string_view> names);

// "; did you mean report?", or empty.
std::string DidYouMean(absl::string_view text, absl::Span<const absl::string_view> names);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_NEAREST_NAME_H_
