// HttpClient: posts a form or other bytes and returns the reply. An interface, so that code that
// talks to a server can be tested without a network. CurlHttpClient is the real implementation.

#ifndef CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_
#define CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cpuagg::notify {

// A part of a multipart/form-data body; a file if `file_name` is not empty.
struct FormPart {
  std::string name;
  std::string content;
  std::string file_name;
  std::string content_type;
};

// The most bytes of a reply that are kept, unless a request says otherwise.
inline constexpr size_t kMostReplyBytes = size_t{1} << 20;

struct HttpRequest {
  std::string url;              // errors never show it, because its path may hold a token
  std::vector<FormPart> parts;  // if there are none, the body is `body`
  std::string body = {};
  // Whole lines, such as "Content-Type: application/json". They may hold a password.
  std::vector<std::string> headers = {};
  size_t most_reply_bytes = kMostReplyBytes;  // after unpacking
  bool accepts_compressed = false;
  // For the whole exchange: name lookup, proxy, TLS, request and reply.
  absl::Duration timeout = absl::Seconds(60);
};

struct HttpResponse {
  int status = 0;
  std::string body;
  absl::Duration retry_after = absl::ZeroDuration();  // the Retry-After header; zero without one
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Sends `request` once, on a new connection, and waits for the reply. Does not follow redirects;
  // they are replies. The code of an error says what happened to the request:
  //   Unavailable         It was not sent; trying again may succeed.
  //   Unknown             The server may have acted on it.
  //   OutOfRange          The reply is longer than `most_reply_bytes`.
  //   FailedPrecondition  It was not sent, and will not be before somebody changes something: an
  //                       untrusted certificate, a proxy that wants another password, a malformed
  //                       URL.
  // The message names the host, but neither the path of the URL nor the password of a proxy.
  virtual absl::StatusOr<HttpResponse> Post(const HttpRequest& request) = 0;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_
