#include "notify/fleet/promql.h"

#include "absl/strings/str_cat.h"
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

}  // namespace

std::string IsOneOf(absl::string_view label, const std::vector<std::string>& values) {
  return absl::StrCat(label, "=~", InQuotes(AnyOf(values)));
}

std::string IsNoneOf(absl::string_view label, const std::vector<std::string>& values) {
  return absl::StrCat(label, "!~", InQuotes(AnyOf(values)));
}

std::string IsOfHost(const std::string& host) {
  return absl::StrCat("instance=~", InQuotes(absl::StrCat(Literally(host), "(:[0-9]+)?")));
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
