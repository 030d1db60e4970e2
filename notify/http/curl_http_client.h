// CurlHttpClient: HttpClient on top of libcurl.

#ifndef CPUAGG_NOTIFY_HTTP_CURL_HTTP_CLIENT_H_
#define CPUAGG_NOTIFY_HTTP_CURL_HTTP_CLIENT_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

class CurlHttpClient : public HttpClient {
 public:
  struct Options {
    std::string user_agent = "cpuagg";
    // http://..., socks5h://..., optionally with user:password@ before the host; empty for no
    // proxy. If nullopt, libcurl uses https_proxy, http_proxy and no_proxy of the environment;
    // otherwise it ignores them.
    std::optional<std::string> proxy;
    // Allows plain http, for a Bot API server of one's own. Otherwise only https is used.
    bool allow_http = false;
    // A PEM file with the only certificate authorities to trust; empty for those that the system
    // trusts.
    std::string ca_file;
    // PEM files with a certificate to show to the server, and its key; empty for none.
    std::string cert_file = {};
    std::string key_file = {};
    // The setting or the flag that the URLs are from, for advice in errors.
    std::string url_key = "TELEGRAM_API_URL";
    // For name lookup, proxy and TLS together, or half of the request's own timeout if that is
    // shorter. If connecting over IPv6 takes longer, IPv4 gets the same time again.
    absl::Duration connect_timeout = absl::Seconds(10);
  };

  explicit CurlHttpClient(Options options) : options_(std::move(options)) {}

  // Loads libcurl, which allocates memory. Returns the errors of LoadLibrary(). Post() also calls
  // it.
  static absl::Status Load();

  // Also FailedPrecondition if libcurl is missing or `ca_file` cannot be read.
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override;

 private:
  Options options_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_CURL_HTTP_CLIENT_H_
