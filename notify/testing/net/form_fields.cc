#include "notify/testing/net/form_fields.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "notify/testing/markup/utf8.h"
#include "notify/testing/net/http_request.h"

namespace cpuagg::notify::testing {
namespace {

// A header such as `form-data; name="photo"; filename=chart.png`.
struct ParameterizedHeader {
  std::string value;                              // lower case
  std::map<std::string, std::string> parameters;  // names in lower case
};

// Takes a quoted string, whose opening quote is gone already, from the front of `rest`.
std::string TakeQuoted(absl::string_view& rest) {
  std::string value;
  while (!rest.empty() && rest[0] != '"') {
    const bool escaped = rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\');
    value += rest[escaped ? 1 : 0];
    rest.remove_prefix(escaped ? 2 : 1);
  }
  absl::ConsumePrefix(&rest, "\"");
  return value;
}

absl::string_view TakeUntil(absl::string_view& rest, absl::string_view ends) {
  const size_t size = std::min(rest.find_first_of(ends), rest.size());
  const absl::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return absl::StripAsciiWhitespace(taken);
}

ParameterizedHeader ParseHeader(absl::string_view rest) {
  ParameterizedHeader header;
  header.value = absl::AsciiStrToLower(TakeUntil(rest, ";"));
  while (absl::ConsumePrefix(&rest, ";")) {
    const std::string name = absl::AsciiStrToLower(TakeUntil(rest, "=;"));
    if (!absl::ConsumePrefix(&rest, "=")) continue;
    rest = absl::StripLeadingAsciiWhitespace(rest);
    if (absl::ConsumePrefix(&rest, "\"")) {
      header.parameters[name] = TakeQuoted(rest);
      TakeUntil(rest, ";");
    } else {
      header.parameters[name] = std::string(TakeUntil(rest, ";"));
    }
  }
  return header;
}

void AddUrlEncoded(absl::string_view text, Fields& fields) {
  for (const absl::string_view pair : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    fields[PercentDecode(parts.first, true)] = Field{PercentDecode(parts.second, true), {}, ""};
  }
}

absl::Status AddJson(const std::string& body, Fields& fields) {
  if (!IsValidUtf8(body)) return absl::InvalidArgumentError("strings must be encoded in UTF-8");
  const auto json = nlohmann::json::parse(body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("can't parse request: JSON object expected");
  }
  for (const auto& [name, value] : json.items()) {
    fields[name] = Field{value.is_string() ? value.get<std::string>() : value.dump(), {}, ""};
  }
  return absl::OkStatus();
}

// Adds the part whose headers and content, without the boundaries, are `part`.
absl::Status AddPart(absl::string_view part, Fields& fields) {
  const size_t head_end = part.find("\r\n\r\n");
  if (head_end == absl::string_view::npos) {
    return absl::InvalidArgumentError("multipart: part without end of headers");
  }
  Field field{std::string(part.substr(head_end + 4)), {}, ""};
  std::optional<std::string> name;
  for (const absl::string_view line :
       absl::StrSplit(part.substr(0, head_end), "\r\n", absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::EqualsIgnoreCase(header.first, "content-type")) {
      field.content_type = std::string(absl::StripAsciiWhitespace(header.second));
    } else if (absl::EqualsIgnoreCase(header.first, "content-disposition")) {
      ParameterizedHeader disposition = ParseHeader(header.second);
      if (disposition.value != "form-data") {
        return absl::InvalidArgumentError("multipart: part is not form-data");
      }
      const auto& parameters = disposition.parameters;
      if (const auto it = parameters.find("name"); it != parameters.end()) name = it->second;
      if (const auto it = parameters.find("filename"); it != parameters.end()) {
        field.filename = it->second;
      }
    }
  }
  if (!name.has_value()) return absl::InvalidArgumentError("multipart: part without a name");
  fields[*name] = std::move(field);
  return absl::OkStatus();
}

// RFC 7578, on top of RFC 2046: parts stand between lines of "--" and the boundary.
absl::Status AddMultipart(absl::string_view body, absl::string_view boundary, Fields& fields) {
  if (boundary.empty()) return absl::InvalidArgumentError("boundary not found");
  const std::string opening = absl::StrCat("--", boundary);
  const std::string delimiter = absl::StrCat("\r\n", opening);

  // What comes before the first boundary is a preamble, to be ignored.
  size_t begin = 0;
  if (!absl::StartsWith(body, opening)) {
    begin = body.find(delimiter);
    if (begin == absl::string_view::npos) {
      return absl::InvalidArgumentError("multipart: no boundary in the body");
    }
    begin += 2;
  }
  absl::string_view rest = body.substr(begin + opening.size());
  while (!absl::StartsWith(rest, "--")) {
    const size_t line_end = rest.find("\r\n");
    // The delimiter of an empty part may share its line end with the boundary before it.
    const size_t part_end = rest.find(delimiter, line_end);
    if (line_end == absl::string_view::npos || part_end == absl::string_view::npos) {
      return absl::InvalidArgumentError("multipart: no closing boundary");
    }
    const size_t part_begin = std::min(line_end + 2, part_end);
    if (absl::Status status = AddPart(rest.substr(part_begin, part_end - part_begin), fields);
        !status.ok()) {
      return status;
    }
    rest.remove_prefix(part_end + delimiter.size());
  }
  return absl::OkStatus();
}

}  // namespace

std::string PercentDecode(absl::string_view text, bool plus_is_space) {
  std::string decoded;
  while (!text.empty()) {
    int value = 0;
    if (text.size() >= 3 && text[0] == '%' &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[2])) &&
        absl::SimpleHexAtoi(text.substr(1, 2), &value)) {
      decoded += static_cast<char>(value);
      text.remove_prefix(3);
      continue;
    }
    decoded += plus_is_space && text[0] == '+' ? ' ' : text[0];
    text.remove_prefix(1);
  }
  return decoded;
}

const Field* FindField(const Fields& fields, absl::string_view name) {
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? nullptr : &found->second;
}

absl::StatusOr<Fields> ParseFields(const HttpRequest& request) {
  Fields fields;
  if (const size_t query = request.target.find('?'); query != std::string::npos) {
    AddUrlEncoded(absl::string_view(request.target).substr(query + 1), fields);
  }
  const ParameterizedHeader type = ParseHeader(request.Header("content-type"));
  absl::Status status;
  if (type.value == "application/json" && !request.body.empty()) {
    status = AddJson(request.body, fields);
  } else if (type.value == "application/x-www-form-urlencoded") {
    AddUrlEncoded(request.body, fields);
  } else if (type.value == "multipart/form-data") {
    const auto boundary = type.parameters.find("boundary");
    status = AddMultipart(request.body, boundary == type.parameters.end() ? "" : boundary->second,
                          fields);
  }
  if (!status.ok()) return status;
  return fields;
}

}  // namespace cpuagg::notify::testing
