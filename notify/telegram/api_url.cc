#include "notify/telegram/api_url.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "notify/http/host_port.h"

namespace cpuagg::notify {
absl::StatusOr<std::string> CheckApiUrl(absl::string_view url, bool allow_insecure) {
  const auto wrong = [&](absl::string_view why) {
    // Do not show the URL itself: a pasted one may contain the token.
    return absl::InvalidArgumentError(
        absl::StrCat("TELEGRAM_API_URL: ", why, "; write something like https://api.telegram.org"));
  };
  absl::string_view rest = url;
  const bool is_http = absl::ConsumePrefix(&rest, "http://");
  if (!is_http && !absl::ConsumePrefix(&rest, "https://")) {
    return wrong("does not begin with https://");
  }
  if (rest.find_first_of("?#@ \t\r\n\\") != absl::string_view::npos) {
    return wrong("has more than host, port and path");
  }
  const absl::StatusOr<std::string> host = HostOf(rest.substr(0, rest.find('/')));
  if (!host.ok()) return wrong(host.status().message());
  if (is_http && !allow_insecure && !IsThisMachine(*host)) {
    return wrong(
        "is plain http to another machine, which would show the token to the network (for a "
        "network of your own: ALLOW_INSECURE_HTTP=yes)");
  }
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  return std::string(url);
}

}  // namespace cpuagg::notify
