// What a server of tests hears and says over HTTP.

#ifndef CPUAGG_NOTIFY_TESTING_NET_HTTP_MESSAGE_H_
#define CPUAGG_NOTIFY_TESTING_NET_HTTP_MESSAGE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct Field {
  std::string value;                    // of a file, its bytes
  std::optional<std::string> filename;  // set exactly for the files of a multipart body
  std::string content_type;             // of a multipart part; otherwise empty

  bool is_file() const { return filename.has_value(); }

  friend bool operator==(const Field&, const Field&) = default;
};

using Fields = std::map<std::string, Field>;

// The field called `name`, or null. It lives as long as `fields`.
inline const Field* FindField(const Fields& fields, absl::string_view name) {
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? nullptr : &found->second;
}

struct HttpRequest {
  std::string path;  // decoded, without the query
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;
  // From the query and the body, however the client sent them: as a form of either kind, or as
  // JSON, whose values are kept as they would be printed, unless they are strings. Where a name
  // comes twice, one of the two.
  //
  // InvalidArgument: the body is not the JSON that its Content-Type says.
  absl::StatusOr<Fields> fields;
};

struct HttpReply {
  int status_code = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::map<std::string, std::string> extra_headers = {};
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_HTTP_MESSAGE_H_
