#include "notify/fleet/receiver_url.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "notify/http/host_port.h"

namespace cpuagg::notify {
absl::Status CheckReceiverUrl(absl::string_view url, bool needs_tls) {
  constexpr absl::string_view kLike = "; write something like http://127.0.0.1:8428/api/v1/write";
  const auto wrong = [&](absl::string_view why, absl::string_view fix) {
    return absl::InvalidArgumentError(absl::StrCat(why, fix));
  };
  if (url.empty()) return wrong("is empty", kLike);
  absl::string_view rest = url;
  const bool is_http = absl::ConsumePrefix(&rest, "http://");
  if (!is_http && !absl::ConsumePrefix(&rest, "https://")) {
    return wrong("does not begin with https:// or http://", kLike);
  }
  const absl::string_view authority = rest.substr(0, rest.find('/'));
  if (absl::StrContains(authority, "@")) {
    return wrong("holds a user or a password",
                 "; set PUSH_USER, and PUSH_PASSWORD_FILE to a file with the password");
  }
  if (rest.find_first_of("?#") != absl::string_view::npos) {
    return wrong("has more than host, port and path",
                 "; a tenant or a token belongs into PUSH_HEADER or PUSH_TOKEN_FILE");
  }
  for (const char c : rest) {
    if (c <= ' ' || c == '\\' || c == '\x7f') return wrong("has a blank or a backslash", kLike);
  }
  const absl::StatusOr<std::string> host = HostOf(authority);
  if (!host.ok()) return wrong(host.status().message(), kLike);
  if (rest.size() <= authority.size() + 1) {
    return wrong("has no path", "; write the whole one, such as /api/v1/write");
  }
  if (is_http && needs_tls && !IsThisMachine(*host)) {
    return wrong(
        "is plain http to another machine, which would show the credentials to the network",
        " (for a network of your own: ALLOW_INSECURE_HTTP=yes)");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> QueryBaseOf(absl::string_view url) {
  absl::string_view base = url;
  // Of a cluster of VictoriaMetrics, which has other machines for queries.
  const bool is_divided = absl::StrContains(url, "/insert/");
  if (!is_divided && absl::ConsumeSuffix(&base, "/api/v1/write")) return std::string(base);
  // Mimir and Cortex.
  if (!is_divided && absl::ConsumeSuffix(&base, "/api/v1/push")) {
    return absl::StrCat(base, "/prometheus");
  }
  return absl::InvalidArgumentError(
      "does not tell where to ask; set PUSH_QUERY_URL to the base of the query API, such as "
      "http://127.0.0.1:8428");
}

}  // namespace cpuagg::notify
