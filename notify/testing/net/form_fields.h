// The parameters of a Bot API call, however the client sent them.
//
//   absl::StatusOr<Fields> fields = ParseFields(request);
//   const Field* chat = FindField(*fields, "chat_id");
//
// The Bot API takes them from the query string, application/x-www-form-urlencoded,
// application/json and multipart/form-data (core.telegram.org/bots/api#making-requests).

#ifndef CPUAGG_NOTIFY_TESTING_NET_FORM_FIELDS_H_
#define CPUAGG_NOTIFY_TESTING_NET_FORM_FIELDS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/http_request.h"

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
const Field* FindField(const Fields& fields, absl::string_view name);

// All parameters of `request`; where a name comes twice, the last one. A body of another type
// than those above carries none. JSON values that are not strings are kept as they would be
// printed: `5`, `true`, `{"is_disabled":true}`, and, as on the real server, `null`.
//
// InvalidArgument: the body is not what its Content-Type says.
absl::StatusOr<Fields> ParseFields(const HttpRequest& request);

// `text` with its %XX sequences decoded. A "+" means a space in forms, but not in paths.
std::string PercentDecode(absl::string_view text, bool plus_is_space);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_FORM_FIELDS_H_
