#include "tools/env_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace cpuagg::tools {
namespace {

bool IsKey(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool IsBlankOrComment(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return text.empty() || text[0] == '#';
}

// What stands behind the equals sign, without quotes and comment; false if a quote is not closed or
// something follows it.
bool ParseValue(absl::string_view text, std::string& value) {
  text = absl::StripAsciiWhitespace(text);
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    const size_t end = text.find(text[0], 1);
    if (end == absl::string_view::npos || !IsBlankOrComment(text.substr(end + 1))) return false;
    value = std::string(text.substr(1, end - 1));
    return true;
  }
  // A comment begins behind a blank, so that values may hold a '#'.
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '#' && (at == 0 || absl::ascii_isspace(text[at - 1]))) {
      text = text.substr(0, at);
    }
  }
  value = std::string(absl::StripTrailingAsciiWhitespace(text));
  return true;
}

}  // namespace

absl::StatusOr<EnvEntries> ParseEnvFile(absl::string_view content, absl::string_view path) {
  EnvEntries entries;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    ++line_number;
    if (IsBlankOrComment(line)) continue;
    line = absl::StripLeadingAsciiWhitespace(line);
    absl::ConsumePrefix(&line, "export ");
    const size_t equals = line.find('=');
    const absl::string_view key = absl::StripAsciiWhitespace(line.substr(0, equals));
    std::string value;
    if (equals == absl::string_view::npos || !IsKey(key) ||
        !ParseValue(line.substr(equals + 1), value)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", line_number, ": is not KEY=value, with the value plain or in quotes"));
    }
    entries.emplace_back(key, std::move(value));
  }
  return entries;
}

}  // namespace cpuagg::tools
