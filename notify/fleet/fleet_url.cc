#include "notify/fleet/fleet_url.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "notify/http/host_port.h"

namespace cpuagg::notify {
absl::StatusOr<std::string> CheckFleetUrl(absl::string_view name, absl::string_view url) {
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", why,
                     "; write the base of the query API, as http://127.0.0.1:8428 or "
                     "https://mimir.example/prometheus"));
  };
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "http://") && !absl::ConsumePrefix(&rest, "https://")) {
    return wrong("does not begin with http:// or https://");
  }
  if (absl::StrContains(rest, "@")) {
    return wrong(
        "has a user or a password in it, which others on this machine could read; set FLEET_USER "
        "and FLEET_PASSWORD_FILE");
  }
  for (const char c : rest) {
    if (c <= ' ' || c > '~' || c == '?' || c == '#' || c == '\\' || c == '"') {
      return wrong("has more than host, port and path");
    }
  }
  const absl::StatusOr<std::string> host = HostOf(rest.substr(0, rest.find('/')));
  if (!host.ok()) return wrong(host.status().message());
  for (const absl::string_view end : {"/", "/query_range", "/query", "/", "/api/v1", "/"}) {
    while (absl::ConsumeSuffix(&url, end)) {
    }
  }
  return std::string(url);
}

bool ShowsCredentials(absl::string_view url) {
  if (!absl::ConsumePrefix(&url, "http://")) return false;
  const absl::StatusOr<std::string> host = HostOf(url.substr(0, url.find('/')));
  return !host.ok() || !IsThisMachine(*host);
}

}  // namespace cpuagg::notify
