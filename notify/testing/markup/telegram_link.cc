#include "notify/testing/markup/telegram_link.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

std::string CheckedLink(absl::string_view url) {
  url = absl::StripAsciiWhitespace(url);
  const std::string lower = absl::AsciiStrToLower(url);
  if (absl::StartsWith(lower, "tg://") || absl::StartsWith(lower, "ton://")) {
    return std::string(url);
  }
  absl::string_view scheme = "http://";
  if (const size_t scheme_end = url.find("://"); scheme_end != absl::string_view::npos) {
    scheme = url.substr(0, scheme_end + 3);
    if (!absl::EqualsIgnoreCase(scheme, "http://") && !absl::EqualsIgnoreCase(scheme, "https://")) {
      return "";
    }
    url.remove_prefix(scheme.size());
  }
  const absl::string_view host = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
  const absl::string_view rest = url.substr(host.size());
  const bool has_host = absl::StrContains(host, ".") && !absl::StrContains(host, " ") &&
                        !absl::StartsWith(host, ".") && !absl::EndsWith(host, ".");
  if (!has_host) return "";
  return absl::StrCat(scheme, host, absl::StartsWith(rest, "/") ? "" : "/", rest);
}

}  // namespace cpuagg::notify::testing
