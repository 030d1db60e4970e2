#include "notify/http/proxy_url.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/http/host_port.h"

namespace cpuagg::notify {
namespace {

bool ConsumeScheme(absl::string_view& url) {
  for (const absl::string_view scheme : {"http://", "https://", "socks5://", "socks5h://"}) {
    if (absl::ConsumePrefix(&url, scheme)) return true;
  }
  return false;
}

// Why `c` is not allowed after the scheme.
std::string WhyNot(char c) {
  return absl::StrFormat(
      "has a %s where only user, password, host and port are allowed (in a password, write "
      "%%%02X)",
      absl::ascii_isspace(c) ? "blank" : absl::StrCat("'", std::string(1, c), "'"), c);
}

}  // namespace

absl::Status CheckProxyUrl(absl::string_view url) {
  const auto wrong = [](absl::string_view why) {
    // Do not show the URL itself: it may hold a password.
    return absl::InvalidArgumentError(absl::StrCat("PROXY: ", why,
                                                   "; write something like http://HOST:PORT or "
                                                   "socks5h://USER:PASSWORD@HOST:PORT"));
  };
  if (url.empty()) return absl::OkStatus();
  if (!ConsumeScheme(url)) return wrong("does not begin with http:// or socks5h://");
  absl::ConsumeSuffix(&url, "/");
  const size_t at = url.find('@');
  const absl::string_view host = at == absl::string_view::npos ? url : url.substr(at + 1);
  if (const size_t odd = url.find_first_of("/?#\\ \t\r\n"); odd != absl::string_view::npos) {
    return wrong(WhyNot(url[odd]));
  }
  if (absl::StrContains(host, "@")) return wrong(WhyNot('@'));
  const absl::StatusOr<std::string> name = HostOf(host);
  if (!name.ok()) return wrong(name.status().message());
  return absl::OkStatus();
}

}  // namespace cpuagg::notify
