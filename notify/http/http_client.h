// HttpClient: posts a form and returns the reply. An interface, so that what speaks to the Bot API
// can be tested without a network; CurlHttpClient is the real one.

#ifndef CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_
#define CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_

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

struct HttpRequest {
  std::string url;              // its path holds the token, so it is in no error
  std::vector<FormPart> parts;  // if none, the body is empty
  // For everything: name server, proxy, TLS, request and reply.
  absl::Duration timeout = absl::Seconds(60);
};

struct HttpResponse {
  int status = 0;
  std::string body;                                   // at most 1 MiB
  absl::Duration retry_after = absl::ZeroDuration();  // the header Retry-After; zero without one
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Sends `request` once, on a connection of its own, and waits for the reply; redirects are
  // replies. The code of an error says what became of the request:
  //   Unavailable         it was not sent; the same may succeed later
  //   Unknown             it may or may not have been acted upon, or its reply was over 1 MiB
  //   FailedPrecondition  it was not sent, and will not be before somebody changes something: a
  //                       certificate that is not trusted, a proxy that wants another password, a
  //                       malformed URL
  // The message names the host, and neither the path of the URL nor the password of a proxy.
  virtual absl::StatusOr<HttpResponse> Post(const HttpRequest& request) = 0;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_HTTP_HTTP_CLIENT_H_
