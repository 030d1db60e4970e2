#include "notify/fleet/promql.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace cpuagg::notify {
namespace {

// A string of PromQL, whose escapes are Go's.
std::string InQuotes(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

// `text`, for a regular expression that matches only that.
std::string Literally(absl::string_view text) {
  constexpr absl::string_view kSpecial = R"(\.+*?()|[]{}^$)";
  std::string escaped;
  for (const char c : text) {
    if (kSpecial.find(c) != absl::string_view::npos) escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

std::string AnyOf(const std::vector<std::string>& values) {
  return absl::StrJoin(values, "|", [](std::string* text, const std::string& value) {
    text->append(Literally(value));
  });
}

// The length of the character at the beginning of `text`, which is valid UTF-8.
size_t CharacterLength(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    ++length;
  }
  return length;
}

// A character in a regular expression, also within brackets.
std::string OneCharacter(absl::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  const bool is_plain = first >= 0x80 || absl::ascii_isalnum(first);
  return is_plain ? std::string(character) : absl::StrFormat("\\x%02x", first);
}

// A regular expression that matches `text`, and whatever comes after it:
// "b", "ba" and "c" for "b". Its length grows as that of the text does.
std::string FromOn(absl::string_view text) {
  std::string expression;
  std::string ends;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const std::string character = OneCharacter(text.substr(0, length));
    text.remove_prefix(length);
    absl::StrAppend(&expression, "(?:", character);
    ends = absl::StrCat("|[^\\x00-", character, "])", ends);
  }
  return absl::StrCat(expression, ends, ".*");
}

}  // namespace

std::string IsOneOf(absl::string_view label, const std::vector<std::string>& values) {
  return absl::StrCat(label, "=~", InQuotes(AnyOf(values)));
}

std::string IsNoneOf(absl::string_view label, const std::vector<std::string>& values) {
  return absl::StrCat(label, "!~", InQuotes(AnyOf(values)));
}

std::string IsFrom(absl::string_view label, absl::string_view value) {
  return absl::StrCat(label, "=~", InQuotes(FromOn(value)));
}

std::string IsBefore(absl::string_view label, absl::string_view value) {
  return absl::StrCat(label, "!~", InQuotes(FromOn(value)));
}

std::string IsOfHost(const std::string& host) {
  return absl::StrCat("instance=~", InQuotes(absl::StrCat(Literally(host), "(:[0-9]+)?")));
}

std::vector<Conditions> EachWith(std::vector<Conditions> choices, const Conditions& more) {
  for (Conditions& choice : choices) choice.insert(choice.end(), more.begin(), more.end());
  return choices;
}

std::string HourAmounts(const std::vector<Conditions>& choices, absl::string_view metric) {
  const std::string any =
      absl::StrJoin(choices, " or ", [&](std::string* text, const Conditions& conditions) {
        absl::StrAppend(text, "last_over_time(", metric, "{", absl::StrJoin(conditions, ","),
                        "}[1h])");
      });
  return choices.size() > 1 ? absl::StrCat("(", any, ")") : any;
}

std::string SumOverHours(absl::string_view hour_amounts, int64_t hours) {
  // Half an hour less: whether a range includes its beginning differs between versions.
  constexpr int64_t kMinutes = 60;
  return absl::StrCat("sum_over_time(", hour_amounts, "[", hours * kMinutes - kMinutes / 2,
                      "m:1h])");
}

std::string SumBy(const std::vector<std::string>& labels, absl::string_view vector) {
  return absl::StrCat("sum by (", absl::StrJoin(labels, ","), ") (", vector, ")");
}

}  // namespace cpuagg::notify
