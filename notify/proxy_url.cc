#include "notify/proxy_url.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {
namespace {

bool ConsumeScheme(absl::string_view& url) {
  for (const absl::string_view scheme : {"http://", "https://", "socks5://", "socks5h://"}) {
    if (absl::ConsumePrefix(&url, scheme)) return true;
  }
  return false;
}

// Empty, or a colon and a number.
bool IsPort(absl::string_view text) {
  uint32_t port = 0;
  return text.empty() ||
         (absl::ConsumePrefix(&text, ":") && absl::SimpleAtoi(text, &port) && port <= 65535);
}

}  // namespace

absl::Status CheckProxyUrl(absl::string_view url) {
  const auto wrong = [](absl::string_view why) {
    // Not the address itself: it may hold a password.
    return absl::InvalidArgumentError(absl::StrCat("PROXY: ", why,
                                                   "; write something like http://HOST:PORT or "
                                                   "socks5h://USER:PASSWORD@HOST:PORT"));
  };
  if (url.empty()) return absl::OkStatus();
  if (!ConsumeScheme(url)) return wrong("does not begin with http:// or socks5h://");
  absl::ConsumeSuffix(&url, "/");
  const size_t at = url.find('@');
  absl::string_view host = at == absl::string_view::npos ? url : url.substr(at + 1);
  if (url.find_first_of("/?#\\ \t\r\n") != absl::string_view::npos ||
      absl::StrContains(host, "@")) {
    return wrong(
        "has more than user, password, host and port (in a password, / is written %2F, and @ %40)");
  }
  // An IPv6 address has colons of its own, inside brackets.
  const size_t colon = host.find(':', absl::StartsWith(host, "[") ? host.find(']') : 0);
  const absl::string_view port = colon == absl::string_view::npos ? "" : host.substr(colon);
  host = host.substr(0, colon);
  if (host.empty()) return wrong("has no host");
  if (!IsPort(port)) return wrong("has a port that is none");
  return absl::OkStatus();
}

}  // namespace cpuagg::notify
