#include "notify/fleet/fleet_hosts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/engine_double.h"

namespace cpuagg::notify {
namespace {

constexpr int64_t kHostsAskedAt = 1795564800;

TEST(FleetHostsTest, HostsThatHaveNotReportedAreNamed) {
  std::vector<std::string> series;
  for (const auto& [instance, ago] : std::vector<std::pair<const char*, int>>{
           {"a:9100", 9000}, {"a", 60}, {"b", 9000}, {"c", 90'000}, {"d", -60}}) {
    series.push_back(OneValue(absl::StrCat(R"({"instance":")", instance, "\"}"), kHostsAskedAt,
                              absl::StrCat(kHostsAskedAt - ago)));
  }
  EngineDouble http([&](const AskedQuestion&) { return Success(absl::StrJoin(series, ",")); });
  Engine engine(http, http.options());
  std::vector<std::string> damage;
  const absl::Time now = absl::FromUnixSeconds(kHostsAskedAt);
  const absl::StatusOr<HostRuns> runs =
      FindHostRuns(engine, now - absl::Hours(24), now, now - absl::Hours(2), {}, damage);
  ASSERT_TRUE(runs.ok()) << runs.status();
  EXPECT_EQ(runs->fleet.hosts, 4u);
  EXPECT_EQ(runs->fleet.late_hosts, 2u);
  EXPECT_EQ(runs->fleet.late_names, (std::vector<std::string>{"c", "b"}));
  EXPECT_EQ(runs->newest_run, now + absl::Seconds(60));
  EXPECT_EQ(runs->instances.size(), 5u);
  EXPECT_EQ(http.questions[0].form["query"],
            "max by (instance) (last_over_time(cpuagg_last_collect_timestamp_seconds{}[25h]))");
}

TEST(FleetHostsTest, HostsOfAllPartsAreCountedTogether) {
  QuestionParts parts;
  parts.SetInstances({"a", "b"});
  EngineDouble http([](const AskedQuestion& asked) {
    const std::string& query = asked.form.at("query");
    if (!absl::StrContains(query, "instance=~") && !absl::StrContains(query, "instance!~")) {
      return EngineRefusal(422, "422", "timeseries exceeds 1");
    }
    const bool is_first = absl::StrContains(query, "!~");
    return Success(absl::StrCat(
        R"({"metric":{},"values":[[)", kHostsAskedAt + 3600, ",\"", is_first ? 3 : 4, "\"]",
        is_first ? absl::StrCat(",[", kHostsAskedAt + 7200, R"(,"1e300"])") : std::string(), "]}"));
  });
  Engine engine(http, http.options());
  std::vector<std::string> damage;
  const absl::Time begin = absl::FromUnixSeconds(kHostsAskedAt);
  const absl::StatusOr<std::optional<KnownHours>> known =
      FindKnownHours(engine, parts, {.begin = begin, .end = begin + absl::Hours(5)}, {}, damage);
  ASSERT_TRUE(known.ok()) << known.status();
  ASSERT_TRUE(known->has_value());
  EXPECT_EQ((*known)->begin, begin);
  EXPECT_EQ((*known)->end, begin + absl::Hours(2));
  EXPECT_EQ((*known)->most_hosts, 1'000'000'000u);
  EXPECT_EQ(http.questions.size(), 3u);
}

TEST(FleetHostsTest, AnEngineThatHasNothingKnowsNoHours) {
  EngineDouble http([](const AskedQuestion&) { return Success(""); });
  Engine engine(http, http.options());
  QuestionParts parts;
  std::vector<std::string> damage;
  const absl::Time begin = absl::FromUnixSeconds(kHostsAskedAt);
  const absl::StatusOr<std::optional<KnownHours>> known =
      FindKnownHours(engine, parts, {.begin = begin, .end = begin + absl::Hours(5)}, {}, damage);
  ASSERT_TRUE(known.ok());
  EXPECT_FALSE(known->has_value());
  // Of hosts, and of users.
  EXPECT_EQ(http.questions.size(), 2u);
  const absl::StatusOr<std::optional<absl::Time>> first = FindFirstDay(engine, begin, {}, damage);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->has_value());
}

}  // namespace
}  // namespace cpuagg::notify
