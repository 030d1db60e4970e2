#include "tools/config/typed_flags.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace cpuagg::tools {

std::string AsTyped(absl::string_view message, const ShortFlags& flags) {
  for (const auto& [long_name, short_name] : flags) {
    absl::string_view rest = message;
    if (!absl::ConsumePrefix(&rest, long_name)) continue;
    // The name of another flag may begin with it.
    if (!rest.empty() && (absl::ascii_isalnum(rest[0]) || rest[0] == '-')) continue;
    return absl::StrCat(short_name, rest);
  }
  return std::string(message);
}

}  // namespace cpuagg::tools
