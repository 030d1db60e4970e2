#include "notify/testing/net/http_reply.h"

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

absl::string_view ReasonPhrase(int status_code) {
  switch (status_code) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Request Entity Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

std::string SerializeHead(const HttpReply& reply, std::optional<size_t> content_length,
                          bool keep_alive) {
  std::string head = absl::StrCat("HTTP/1.1 ", reply.status_code, " ",
                                  ReasonPhrase(reply.status_code), "\r\nServer: fake-bot-api\r\n");
  absl::StrAppend(&head, "Content-Type: ", reply.content_type, "\r\n");
  if (content_length.has_value()) {
    absl::StrAppend(&head, "Content-Length: ", *content_length, "\r\n");
  }
  absl::StrAppend(&head, "Connection: ", keep_alive ? "keep-alive" : "close", "\r\n");
  for (const auto& [name, value] : reply.extra_headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  return absl::StrCat(head, "\r\n");
}

std::string Serialize(const HttpReply& reply, bool keep_alive) {
  return absl::StrCat(SerializeHead(reply, reply.body.size(), keep_alive), reply.body);
}

}  // namespace cpuagg::notify::testing
