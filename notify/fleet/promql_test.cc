#include "notify/fleet/promql.h"

#include <cstddef>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

// Whether a condition on the label `x` holds for a value, as an engine would read it.
bool Holds(const std::string& condition, const std::string& value) {
  const bool is_negative = condition.substr(1, 2) == "!~";
  const std::string quoted = condition.substr(4, condition.size() - 5);
  const std::regex expression(absl::StrReplaceAll(quoted, {{"\\\\", "\\"}, {"\\\"", "\""}}));
  return std::regex_match(value, expression) != is_negative;
}

TEST(PromqlTest, TextsAreInQuotesAndMeanThemselves) {
  EXPECT_EQ(IsOneOf("user", {"a.b", "c\"d\\e\nf"}), R"(user=~"a\\.b|c\"d\\\\e\nf")");
  EXPECT_EQ(IsNoneOf("user", {"$x"}), R"(user!~"\\$x")");
  EXPECT_EQ(IsOfHost("web1.lab"), R"(instance=~"web1\\.lab(:[0-9]+)?")");
}

TEST(PromqlTest, ARangeBeginsAtItsValue) {
  const std::vector<std::string> sorted = {
      "",         "-",     "10.0.0.1:9100", "A",     "[::1]:80", "a", "node", "node-1",
      "node.lab", "node1", "node10",        "node2", "nodes",    "o", "z",    "~"};
  for (size_t i = 1; i < sorted.size(); ++i) {
    for (size_t k = 0; k < sorted.size(); ++k) {
      SCOPED_TRACE(absl::StrCat(sorted[k], " from ", sorted[i]));
      EXPECT_EQ(Holds(IsFrom("x", sorted[i]), sorted[k]), sorted[k] >= sorted[i]);
      EXPECT_EQ(Holds(IsBefore("x", sorted[i]), sorted[k]), sorted[k] < sorted[i]);
    }
  }
  EXPECT_EQ(IsFrom("x", "ü"), "x=~\"(?:ü|[^\\\\x00-ü]).*\"");
  // VictoriaMetrics takes queries of 16 KiB.
  EXPECT_LT(IsFrom("x", std::string(253, '.')).size(), 6500u);
}

TEST(PromqlTest, SumsAreOverWholeHours) {
  EXPECT_EQ(HourAmounts({{"a=\"1\"", "b=\"2\""}}),
            "last_over_time(cpuagg_user_cpu_hourly_seconds{a=\"1\",b=\"2\"}[1h])");
  EXPECT_EQ(HourAmounts(EachWith({{"a=\"1\""}, {}}, {"c=\"3\""}), "m"),
            "(last_over_time(m{a=\"1\",c=\"3\"}[1h]) or last_over_time(m{c=\"3\"}[1h]))");
  EXPECT_EQ(SumOverHours("x", 24), "sum_over_time(x[1410m:1h])");
  EXPECT_EQ(SumBy({"user", "mode"}, "x"), "sum by (user,mode) (x)");
}

}  // namespace
}  // namespace cpuagg::notify
