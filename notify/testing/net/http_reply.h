// An HTTP reply, and the bytes that carry it.

#ifndef CPUAGG_NOTIFY_TESTING_NET_HTTP_REPLY_H_
#define CPUAGG_NOTIFY_TESTING_NET_HTTP_REPLY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct HttpReply {
  int status_code = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::map<std::string, std::string> extra_headers = {};
};

// "Too Many Requests" for 429; "Unknown" for codes that this double never chooses itself.
absl::string_view ReasonPhrase(int status_code);

// The status line and the headers of `reply`, up to and with the empty line. `content_length` is
// what is announced, whatever the body's real size; without one, the body ends with the
// connection.
std::string SerializeHead(const HttpReply& reply, std::optional<size_t> content_length,
                          bool keep_alive);

// The whole reply.
std::string Serialize(const HttpReply& reply, bool keep_alive);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_HTTP_REPLY_H_
