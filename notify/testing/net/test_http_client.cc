#include "notify/testing/net/test_http_client.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);

// Fills in the status code and the headers from `head`.
absl::Status ParseHead(absl::string_view head, HttpReply& reply) {
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
  const std::vector<absl::string_view> words = absl::StrSplit(lines[0], ' ');
  if (words.size() < 3 || words[0] != "HTTP/1.1" ||
      !absl::SimpleAtoi(words[1], &reply.status_code)) {
    return absl::InvalidArgumentError(absl::StrCat("not a status line: ", lines[0]));
  }
  for (const absl::string_view line : absl::MakeConstSpan(lines).subspan(1)) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    reply.extra_headers[absl::AsciiStrToLower(header.first)] = std::string(header.second);
  }
  reply.content_type = reply.extra_headers["content-type"];
  return absl::OkStatus();
}

}  // namespace

std::string PostRequest(absl::string_view path, absl::string_view content_type,
                        absl::string_view body) {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\nContent-Type: ", content_type,
                      "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

std::string MultipartBody(const std::vector<std::string>& parts) {
  return absl::StrCat(absl::StrJoin(parts, ""), "--XX--\r\n");
}

std::string MultipartPart(absl::string_view name, absl::string_view value) {
  return absl::StrCat("--XX\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n", value,
                      "\r\n");
}

std::string MultipartFile(absl::string_view name, absl::string_view filename,
                          absl::string_view content_type, absl::string_view content) {
  return absl::StrCat("--XX\r\nContent-Disposition: form-data; name=\"", name, "\"; filename=\"",
                      filename, "\"\r\nContent-Type: ", content_type, "\r\n\r\n", content, "\r\n");
}

std::string UrlEncodedBody(const std::map<std::string, std::string>& fields) {
  return absl::StrJoin(fields, "&", [](std::string* out, const auto& field) {
    absl::StrAppend(out, field.first, "=");
    for (const char c : field.second) {
      if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
        absl::StrAppend(out, absl::string_view(&c, 1));
      } else {
        absl::StrAppend(out, "%", absl::BytesToHexString(absl::string_view(&c, 1)));
      }
    }
  });
}

absl::StatusOr<HttpReply> ReadReply(Connection& connection) {
  HttpReply reply;
  std::string received;
  std::array<char, 4096> buffer;
  size_t body_begin = std::string::npos;
  size_t length = 0;
  while (body_begin == std::string::npos || received.size() < body_begin + length) {
    const absl::StatusOr<size_t> read = connection.Read(absl::MakeSpan(buffer), kTimeout);
    if (!read.ok()) return read.status();
    if (*read == 0) {
      return absl::DataLossError(absl::StrCat("connection closed after ", received.size(),
                                              " bytes of a reply: ", received));
    }
    received.append(buffer.data(), *read);
    const size_t head_end = received.find("\r\n\r\n");
    if (body_begin != std::string::npos || head_end == std::string::npos) continue;
    body_begin = head_end + 4;
    absl::Status status = ParseHead(absl::string_view(received).substr(0, head_end), reply);
    if (!status.ok()) return status;
    if (!absl::SimpleAtoi(reply.extra_headers["content-length"], &length)) {
      return absl::InvalidArgumentError("reply without Content-Length");
    }
  }
  reply.body = received.substr(body_begin, length);
  return reply;
}

absl::StatusOr<HttpReply> Exchange(uint16_t port, absl::string_view request) {
  absl::StatusOr<Connection> connection = Connection::Open(port, /*stop=*/nullptr, kTimeout);
  if (!connection.ok()) return connection.status();
  if (absl::Status status = connection->Write(request, kTimeout); !status.ok()) return status;
  return ReadReply(*connection);
}

}  // namespace cpuagg::notify::testing
