// CurlHttpClient: HttpClient over libcurl.

#ifndef CPUAGG_NOTIFY_CURL_HTTP_CLIENT_H_
#define CPUAGG_NOTIFY_CURL_HTTP_CLIENT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "notify/http_client.h"

namespace cpuagg::notify {

class CurlHttpClient : public HttpClient {
 public:
  struct Options {
    std::string user_agent = "cpuagg";
    // http://..., socks5h://...; empty for none. Without a value the environment's https_proxy
    // counts, as libcurl has it.
    std::optional<std::string> proxy;
    // For plain http to a Bot API server of one's own; otherwise only https is spoken.
    bool allow_http = false;
  };

  explicit CurlHttpClient(Options options) : options_(std::move(options)) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override;

 private:
  Options options_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CURL_HTTP_CLIENT_H_
