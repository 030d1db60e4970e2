// CurlHttpClient: HttpClient over libcurl.

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
    // http://..., socks5h://..., with user:password@ before the host if need be; empty for none.
    // Without a value the environment's https_proxy, http_proxy and no_proxy count, as libcurl has
    // it; with one they do not.
    std::optional<std::string> proxy;
    // For plain http to a Bot API server of one's own; otherwise only https is spoken.
    bool allow_http = false;
    // A PEM file with the only authorities that a server's certificate may come from; empty for
    // those that the system trusts.
    std::string ca_file;
    // For name server, proxy and TLS together, or half of the request's own timeout if that is
    // shorter. What does not connect over IPv6 in this time gets as much again over IPv4.
    absl::Duration connect_timeout = absl::Seconds(10);
  };

  explicit CurlHttpClient(Options options) : options_(std::move(options)) {}

  // Loads libcurl, which takes memory; errors as those of LoadLibrary(). Post() does it as well.
  static absl::Status Load();

  // FailedPrecondition, too, if there is no libcurl or `ca_file` cannot be read.
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override;

 private:
  Options options_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_CURL_HTTP_CLIENT_H_
