#include "notify/fleet/fleet_rows.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/engine_double.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::ReportRow;

constexpr int64_t kRowsBegin = 1795564800;  // a full hour of UTC

class FleetRowsTest : public ::testing::Test {
 protected:
  FleetRowsTest() {
    question_.hours = {.begin = absl::FromUnixSeconds(kRowsBegin),
                       .end = absl::FromUnixSeconds(kRowsBegin + 24 * 3600)};
    question_.choices = {{}};
    question_.by = {Dimension::kUser};
    question_.time_zone = absl::UTCTimeZone();
  }

  absl::StatusOr<FleetRows> Ask(const std::string& series, const std::string& more = "") {
    answer_ = Success(series, more);
    return AskFleetRows(engine_, parts_, question_, damage_);
  }

  HttpResponse answer_;
  EngineDouble http_{[this](const AskedQuestion&) { return answer_; }};
  Engine engine_{http_, http_.options()};
  QuestionParts parts_;
  FleetQuestion question_;
  std::vector<std::string> damage_;
};

TEST_F(FleetRowsTest, UsersAreTheSameByNameAndElseById) {
  const absl::StatusOr<FleetRows> rows =
      Ask(absl::StrCat(OneValue(R"({"user":"alice","mode":"user"})", kRowsBegin, "0.1"), ",",
                       OneValue(R"({"user":"alice","mode":"system"})", kRowsBegin, "0.2"), ",",
                       OneValue(R"({"uid":"1002","mode":"user"})", kRowsBegin, "7"), ",",
                       OneValue(R"({"user":"idle","mode":"user"})", kRowsBegin, "0.004")));
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[0].uid.value(), 1002u);
  EXPECT_FALSE(rows->rows[0].user.has_value());
  EXPECT_EQ(rows->rows[1].user, "alice");
  EXPECT_TRUE(rows->rows[1].has_several_uids);
  EXPECT_EQ(rows->rows[1].usage.ticks.user, 10u);
  EXPECT_EQ(rows->rows[1].usage.ticks.system, 20u);
  EXPECT_EQ(rows->detail, aggregate::Detail::kModes);
  const std::string query = http_.questions[0].form["query"];
  EXPECT_EQ(query,
            "sum by (user,mode) (sum_over_time(last_over_time("
            "cpuagg_user_cpu_hourly_seconds{user!=\"\"}[1h])[1410m:1h])) or "
            "sum by (uid,mode) (sum_over_time(last_over_time("
            "cpuagg_user_cpu_hourly_seconds{user=\"\"}[1h])[1410m:1h]))");
  EXPECT_EQ(http_.questions[0].form["time"], absl::StrCat(kRowsBegin + 24 * 3600));
}

TEST_F(FleetRowsTest, PartsOfHostsAddUp) {
  parts_.SetInstances({"a", "b"});
  question_.by = {Dimension::kHost};
  int refusals = 0;
  EngineDouble http([&](const AskedQuestion& asked) {
    const std::string& query = asked.form.at("query");
    if (!absl::StrContains(query, "{instance")) {
      ++refusals;
      return EngineRefusal(422, "422", "timeseries exceeds 1");
    }
    const std::string host = absl::StrContains(query, "{instance!~") ? "a:9100" : "b";
    return Success(
        OneValue(absl::StrCat(R"({"instance":")", host, R"(","mode":"user"})"), kRowsBegin, "2"));
  });
  Engine engine(http, http.options());
  const absl::StatusOr<FleetRows> rows = AskFleetRows(engine, parts_, question_, damage_);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(refusals, 1);
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[0].host, "a");
  EXPECT_EQ(rows->rows[1].host, "b");
  EXPECT_EQ(http.questions[1].form["query"],
            "sum by (instance,mode) (sum_over_time(last_over_time(cpuagg_user_cpu_hourly_seconds{"
            "instance!~\"(?:b|[^\\\\x00-b]).*\"}[1h])[1410m:1h]))");
}

TEST_F(FleetRowsTest, HoursAreAskedAsASeries) {
  question_.by = {Dimension::kHour};
  const absl::StatusOr<FleetRows> rows =
      Ask(absl::StrCat(R"({"metric":{},"values":[[)", kRowsBegin + 3600, R"(,"1"],[)",
                       kRowsBegin + 7200, R"(,"2"]]})"));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(http_.questions[0].path, "/api/v1/query_range");
  EXPECT_EQ(http_.questions[0].form["start"], absl::StrCat(kRowsBegin + 3600));
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[0].begin, kRowsBegin);
  EXPECT_EQ(rows->rows[1].begin, kRowsBegin + 3600);
  // Without modes, only the sum is known.
  EXPECT_EQ(rows->detail, aggregate::Detail::kCpuTime);
}

TEST_F(FleetRowsTest, AnAmountThatIsNoTimeIsAnError) {
  for (const char* const value : {"-1", "1e300"}) {
    EXPECT_TRUE(absl::IsOutOfRange(
        Ask(OneValue(R"({"user":"a","mode":"user"})", kRowsBegin, value)).status()));
  }
}

TEST_F(FleetRowsTest, AnIdThatIsNoneHasNoId) {
  const absl::StatusOr<FleetRows> rows =
      Ask(OneValue(R"({"uid":"-7x","mode":"user"})", kRowsBegin, "1"), R"(,"isPartial":true)");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows[0].uid.value(), kNoId);
  EXPECT_EQ(damage_.size(), 1u);
}

TEST(HostOfInstanceTest, APortIsCutOff) {
  const std::pair<const char*, const char*> cases[] = {
      {"web1:9100", "web1"}, {"web1", "web1"},           {"[::1]:9100", "[::1]"},
      {"::1", "::1"},        {"web1:", "web1:"},         {":9100", ":9100"},
      {"a:b", "a:b"},        {"fe80::1:2", "fe80::1:2"}, {"", ""}};
  for (const auto& [instance, host] : cases) EXPECT_EQ(HostOfInstance(instance), host);
}

TEST(LocalHourInTest, TheHourOfAZoneIsTheLastThatBeginsInTheHourOfUtc) {
  absl::TimeZone kolkata;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &kolkata));
  EXPECT_EQ(LocalHourIn(kRowsBegin, absl::UTCTimeZone()), kRowsBegin);
  EXPECT_EQ(LocalHourIn(kRowsBegin, kolkata), kRowsBegin + 1800);
}

TEST(AddDamageTest, EachReasonIsNamedOnce) {
  std::vector<std::string> damage = {"a"};
  AddDamage({"b", "a", "b"}, damage);
  EXPECT_EQ(damage, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace cpuagg::notify
