#include "tools/config/env_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace cpuagg::tools {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsKey(absl::string_view text) {
  return !text.empty() && !absl::ascii_isdigit(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

bool IsBlankOrComment(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return text.empty() || text[0] == '#';
}

// The parts before and after the equals sign.
struct Line {
  absl::string_view key;
  absl::string_view value;
};

// An empty key if the line is not KEY=value.
Line Divided(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  absl::string_view rest = line;
  if (absl::ConsumePrefix(&rest, "export") && !rest.empty() && IsBlank(rest[0])) line = rest;
  const size_t equals = line.find('=');
  if (equals == absl::string_view::npos) return {};
  const absl::string_view key = absl::StripAsciiWhitespace(line.substr(0, equals));
  if (!IsKey(key)) return {};
  return {.key = key, .value = absl::StripAsciiWhitespace(line.substr(equals + 1))};
}

// Why a shell would read another value; empty if it would not.
absl::string_view WhyNotAsItStands(absl::string_view value) {
  if (absl::StrContains(value, "${") || absl::StrContains(value, "$(")) {
    return "has ${ or $(, and cpuagg does not expand values: write the value itself, or put it "
           "into "
           "single quotes to keep it as it is written";
  }
  return "";
}

// Removes quotes and the comment from `value`, and returns what is wrong with it; empty if nothing
// is.
absl::string_view Unquote(absl::string_view& value) {
  if (!value.empty() && (value[0] == '"' || value[0] == '\'')) {
    const char quote = value[0];
    const size_t end = value.find(quote, 1);
    if (end == absl::string_view::npos) {
      return "begins with a quote that is not closed on this line: a value is one line";
    }
    const absl::string_view rest = value.substr(end + 1);
    value = value.substr(1, end - 1);
    if (quote == '"' && absl::EndsWith(value, "\\")) {
      return "has a backslash before a quote: put the value into single quotes instead";
    }
    // A shell and systemd take "a"#c for one word.
    if (!rest.empty() && (!IsBlank(rest[0]) || !IsBlankOrComment(rest))) {
      return "has something after the closing quote";
    }
    return quote == '"' ? WhyNotAsItStands(value) : "";
  }
  for (size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '#' && (at == 0 || IsBlank(value[at - 1]))) value = value.substr(0, at);
  }
  value = absl::StripTrailingAsciiWhitespace(value);
  if (absl::EndsWith(value, "\\")) return "ends with a backslash: a value is one line";
  return WhyNotAsItStands(value);
}

// Checks for characters that an editor does not show and that no value has.
absl::string_view WhyUnreadable(absl::string_view line) {
  if (absl::StrContains(line, absl::string_view("\0", 1))) return "has a NUL byte";
  const bool has_control = std::any_of(line.begin(), line.end(),
                                       [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; });
  return has_control ? "has a control character" : "";
}

}  // namespace

absl::StatusOr<EnvEntries> ParseEnvFile(absl::string_view content, absl::string_view path) {
  if (absl::StartsWith(content, "\xff\xfe") || absl::StartsWith(content, "\xfe\xff")) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is UTF-16; save it as UTF-8"));
  }
  absl::ConsumePrefix(&content, kByteOrderMark);
  EnvEntries entries;
  int line_number = 0;
  for (absl::string_view text : absl::StrSplit(content, '\n')) {
    ++line_number;
    absl::ConsumeSuffix(&text, "\r");
    if (IsBlankOrComment(text)) continue;
    const auto wrong = [&](absl::string_view what, absl::string_view why) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", line_number, ": ", what, why));
    };
    if (const absl::string_view why = WhyUnreadable(text); !why.empty()) return wrong("", why);
    Line line = Divided(text);
    if (line.key.empty()) {
      return wrong("", "is not KEY=value, with the value plain or in quotes");
    }
    if (const absl::string_view why = Unquote(line.value); !why.empty()) {
      return wrong(absl::StrCat(line.key, " "), why);
    }
    entries.emplace_back(line.key, line.value);
  }
  return entries;
}

bool SetsKey(absl::string_view content, absl::string_view key) {
  absl::ConsumePrefix(&content, kByteOrderMark);
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    if (Divided(line).key == key) return true;
  }
  return false;
}

std::string QuotedEnvValue(absl::string_view value) {
  bool is_plain = !value.empty() && value.front() != '"' && value.front() != '\'' &&
                  !IsBlank(value.front()) && !IsBlank(value.back()) && value.back() != '\\' &&
                  !absl::StrContains(value, "${") && !absl::StrContains(value, "$(");
  for (size_t i = 0; i < value.size(); ++i) {
    is_plain = is_plain && (value[i] != '#' || (i > 0 && !IsBlank(value[i - 1])));
  }
  if (is_plain || value.empty()) return std::string(value);
  const char* const quote = absl::StrContains(value, "'") ? "\"" : "'";
  return absl::StrCat(quote, value, quote);
}

}  // namespace cpuagg::tools
