// The smallest HTTP client that can test a server: it sends exactly the bytes it is given.

#ifndef CPUAGG_NOTIFY_TESTING_NET_TEST_HTTP_CLIENT_H_
#define CPUAGG_NOTIFY_TESTING_NET_TEST_HTTP_CLIENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

// "POST `path` HTTP/1.1" with a Content-Length, the header `content_type` and `body`.
std::string PostRequest(absl::string_view path, absl::string_view content_type,
                        absl::string_view body);

// A body of multipart/form-data with boundary "XX", of parts made by MultipartPart().
std::string MultipartBody(const std::vector<std::string>& parts);
std::string MultipartPart(absl::string_view name, absl::string_view value);
std::string MultipartFile(absl::string_view name, absl::string_view filename,
                          absl::string_view content_type, absl::string_view content);
inline constexpr char kMultipartType[] = "multipart/form-data; boundary=XX";

// Percent-encodes all but letters and digits: "chat_id=1&text=a%20b".
std::string UrlEncodedBody(const std::map<std::string, std::string>& fields);

// Reads one reply with a Content-Length. `extra_headers` of the result has all headers, names in
// lower case. DataLoss if the connection ends before it is whole.
absl::StatusOr<HttpReply> ReadReply(Connection& connection);

// Sends `request` over a connection of its own and reads the reply.
absl::StatusOr<HttpReply> Exchange(uint16_t port, absl::string_view request);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_TEST_HTTP_CLIENT_H_
