#include "tools/installation/steps/settings_edit.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tools/config/env_file.h"
#include "tools/config/environment.h"

namespace cpuagg::tools {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsSetBy(absl::string_view line, absl::string_view key) {
  return SetsKey(line, key) || SetsKey(line, absl::StrCat(kVariablePrefix, key));
}

// Whether `line` is a comment that shows how to set `key`.
bool Shows(absl::string_view line, absl::string_view key) {
  line = absl::StripLeadingAsciiWhitespace(line);
  return absl::ConsumePrefix(&line, "#") && IsSetBy(absl::StripPrefix(line, "#"), key);
}

// The end of the value at the beginning of `text`: before its comment and the blanks there.
size_t EndOfValue(absl::string_view text) {
  if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
    const size_t quote = text.find(text.front(), 1);
    return quote == absl::string_view::npos ? text.size() : quote + 1;
  }
  size_t end = 0;
  while (end < text.size() && (text[end] != '#' || (end > 0 && !IsBlank(text[end - 1])))) ++end;
  return absl::StripTrailingAsciiWhitespace(text.substr(0, end)).size();
}

// A line with a setting: the parts before and after the value.
struct Frame {
  absl::string_view before;
  absl::string_view behind;
};

Frame FrameOf(absl::string_view line) {
  size_t begin = line.find('=') + 1;
  while (begin < line.size() && IsBlank(line[begin])) ++begin;
  return {.before = line.substr(0, begin),
          .behind = line.substr(begin + EndOfValue(line.substr(begin)))};
}

// `line`, a line with a setting, with `value` instead of its own value.
std::string WithValue(absl::string_view line, absl::string_view value) {
  const Frame frame = FrameOf(line);
  const bool touches = absl::StartsWith(frame.behind, "#");
  return absl::StrCat(frame.before, QuotedEnvValue(value), touches ? " " : "", frame.behind);
}

// The values of all keys in `text`, in order, without the prefix.
absl::StatusOr<EnvEntries> EntriesOf(absl::string_view text, absl::string_view path) {
  absl::StatusOr<EnvEntries> entries = ParseEnvFile(text, path);
  if (!entries.ok()) return entries;
  for (auto& [key, value] : *entries) {
    key = std::string(absl::StripPrefix(key, kVariablePrefix));
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::string> WithSetting(absl::string_view text, absl::string_view key,
                                        absl::string_view value, absl::string_view path) {
  absl::StatusOr<EnvEntries> expected = EntriesOf(text, path);
  if (!expected.ok()) return expected.status();
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::optional<size_t> setting;
  std::optional<size_t> example;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (IsSetBy(lines[i], key)) setting = i;
    if (Shows(lines[i], key)) example = i;
  }
  if (setting.has_value()) {
    lines[*setting] = WithValue(lines[*setting], value);
  } else {
    const std::string line = absl::StrCat(key, "=", QuotedEnvValue(value));
    // The last element is the text after the last newline, which is usually empty.
    if (!example.has_value() && !lines.back().empty()) lines.emplace_back();
    const size_t place = example.has_value() ? *example + 1 : lines.size() - 1;
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(place), line);
  }
  std::string edited = absl::StrJoin(lines, "\n");

  // The result is valid only if it reads back as this value and all the others.
  const absl::StatusOr<EnvEntries> entries = EntriesOf(edited, path);
  bool is_right = entries.ok();
  if (is_right && setting.has_value()) {
    for (auto entry = expected->rbegin(); entry != expected->rend(); ++entry) {
      if (entry->first != key) continue;
      entry->second = std::string(value);
      break;
    }
    is_right = *entries == *expected;
  } else if (is_right) {
    expected->emplace_back(key, value);
    is_right = entries->size() == expected->size() &&
               std::is_permutation(entries->begin(), entries->end(), expected->begin());
  }
  if (is_right) return edited;
  return absl::InvalidArgumentError(absl::StrCat(
      key, ": the value cannot be written into one line of ", path, "; write it there by hand"));
}

absl::StatusOr<std::vector<std::string>> ValuesOf(absl::string_view text, absl::string_view key,
                                                  absl::string_view path) {
  const absl::StatusOr<EnvEntries> entries = EntriesOf(text, path);
  if (!entries.ok()) return entries.status();
  std::vector<std::string> values;
  for (const auto& [name, value] : *entries) {
    if (name == key) values.push_back(value);
  }
  return values;
}

std::string WithoutSetting(absl::string_view text, absl::string_view key,
                           absl::string_view comment) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (std::string& line : lines) {
    if (!IsSetBy(line, key)) continue;
    const absl::string_view remark = absl::StripAsciiWhitespace(FrameOf(line).behind);
    line = absl::StrCat(comment, remark.empty() ? "" : " ", remark);
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace cpuagg::tools
