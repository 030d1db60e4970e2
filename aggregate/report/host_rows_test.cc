#include "aggregate/report/host_rows.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/report/report_rows.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Row;
using Strings = std::vector<std::string>;

// "host user uid ticks" of each row, with "-" for what is absent.
Strings TextOf(const Report& report) {
  Strings lines;
  for (const ReportRow& row : report.rows) {
    lines.push_back(absl::StrCat(row.host.empty() ? "" : row.host + " ", row.user.value_or("-"),
                                 " ", row.has_several_uids ? "*" : absl::StrCat(row.uid.value()),
                                 " ", row.usage.ticks.user));
  }
  return lines;
}

struct HostWithRows {
  std::string host;
  std::vector<ReportRow> rows;
};

Report Joined(const std::vector<HostWithRows>& hosts, const ReportOptions& options) {
  HostRows rows(options);
  for (const HostWithRows& host : hosts) rows.Add(host.host, host.rows);
  Report report;
  rows.Finish(report);
  return report;
}

const std::vector<HostWithRows>& ThreeHosts() {
  static const auto* const hosts = new std::vector<HostWithRows>{
      {"a", {Row(1001, "alice", 100), Row(1002, "bob", 10), Row(1003, std::nullopt, 1)}},
      {"b", {Row(2001, "alice", 200), Row(1001, "carol", 20), Row(1003, std::nullopt, 2)}},
      {"c", {Row(1001, "alice", 400), Row(1003, "dave", 4)}}};
  return *hosts;
}

TEST(HostRowsTest, UsersAreTheSameByNameAndByIdWithoutOne) {
  const Report report = Joined(ThreeHosts(), {});
  EXPECT_EQ(TextOf(report),
            (Strings{"alice * 700", "carol 1001 20", "bob 1002 10", "dave 1003 4", "- 1003 3"}));
  EXPECT_EQ(report.totals.ticks.user, 737u);
  EXPECT_EQ(report.users_with_several_ids, Strings{"alice"});
}

TEST(HostRowsTest, TheOrderOfHostsDoesNotMatter) {
  std::vector<HostWithRows> hosts = ThreeHosts();
  const Strings expected = TextOf(Joined(hosts, {}));
  std::sort(hosts.begin(), hosts.end(),
            [](const auto& x, const auto& y) { return x.host < y.host; });
  do {
    EXPECT_EQ(TextOf(Joined(hosts, {})), expected);
  } while (std::next_permutation(hosts.begin(), hosts.end(),
                                 [](const auto& x, const auto& y) { return x.host < y.host; }));
}

TEST(HostRowsTest, ByHostEachHasItsOwnRowsAndIds) {
  const Report report =
      Joined(ThreeHosts(), {.by = {Dimension::kHost, Dimension::kUser}, .top = 4});
  EXPECT_EQ(TextOf(report), (Strings{"c alice 1001 400", "b alice 2001 200", "a alice 1001 100",
                                     "b carol 1001 20"}));
  EXPECT_EQ(report.remaining_rows.rows, 4u);
  EXPECT_EQ(report.users_with_several_ids, Strings{"alice"});
  EXPECT_EQ(TextOf(Joined(ThreeHosts(), {.by = {Dimension::kHost}})),
            (Strings{"c - 0 404", "b - 0 222", "a - 0 111"}));
}

TEST(HostRowsTest, AnIdThatIsAskedForIsThatOfEachHost) {
  EXPECT_EQ(TextOf(Joined(ThreeHosts(), {.only_users = {"1001"}})),
            (Strings{"alice 1001 500", "carol 1001 20"}));
  const Report report = Joined(ThreeHosts(), {.ignored_users = {"alice", "1003"}});
  EXPECT_EQ(TextOf(report), (Strings{"carol 1001 20", "bob 1002 10"}));
  // alice once, whatever her ids; dave, and the id without a name.
  EXPECT_EQ(report.excluded_users.users, 3u);
  EXPECT_EQ(report.excluded_users.usage.ticks.user, 707u);
}

TEST(HostRowsTest, ANameThatNoHostHasIsReportedOnce) {
  const Report report = Joined(ThreeHosts(), {.only_users = {"dave", "zoe"}});
  EXPECT_EQ(TextOf(report), Strings{"dave 1003 4"});
  ASSERT_EQ(report.unmatched.size(), 1u);
  EXPECT_EQ(report.unmatched[0].asked, "zoe");
}

TEST(HostRowsTest, AnUnresolvedUserStaysSoOnlyIfNoHostKnowsMore) {
  ReportRow unresolved = Row(7, std::nullopt, 1);
  unresolved.is_unresolved = true;
  EXPECT_TRUE(Joined({{"a", {unresolved}}, {"b", {unresolved}}}, {}).rows[0].is_unresolved);
  EXPECT_FALSE(
      Joined({{"a", {unresolved}}, {"b", {Row(7, std::nullopt, 1)}}}, {}).rows[0].is_unresolved);
}

TEST(HostRowsTest, ChangesAreThoseOfTheUserOnAllHosts) {
  const Period before = {absl::FromUnixSeconds(0), absl::FromUnixSeconds(3600)};
  HostRows rows({.sort = SortOrder::kChange, .compare_with = before});
  rows.Add("a", {Row(1001, "alice", 100)},
           std::vector<ReportRow>{Row(1001, "alice", 30), Row(5, "gone", 5)});
  rows.Add("b", {Row(2001, "alice", 200)}, std::vector<ReportRow>{Row(2001, "alice", 40)});
  rows.Add("new", {Row(3001, "alice", 1)});
  Report report{.previous = Comparison{.period = before}};
  rows.Finish(report);
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_EQ(report.previous->cpu, acct::ExactTime(acct::Ticks(75)));
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].previous_cpu, acct::ExactTime(acct::Ticks(70)));
  EXPECT_EQ(report.rows[1].user, "gone");
}

TEST(HostRowsTest, ATimeIsAsLongAsThatOfTheCoarsestHost) {
  const auto hour = [](std::optional<Period> stretch) {
    ReportRow row = Row(0, std::nullopt, 1);
    row.begin = 7200;
    row.stretch = stretch;
    return row;
  };
  const Period day = {absl::FromUnixSeconds(0), absl::FromUnixSeconds(86'400)};
  const Report report =
      Joined({{"a", {hour(std::nullopt)}}, {"b", {hour(day)}}, {"c", {hour(day)}}},
             {.by = {Dimension::kHour}});
  ASSERT_EQ(report.rows.size(), 1u);
  ASSERT_TRUE(report.rows[0].stretch.has_value());
  EXPECT_EQ(report.rows[0].stretch->begin, day.begin);
  EXPECT_EQ(report.rows[0].stretch->end, day.end);
  EXPECT_EQ(report.rows[0].usage.ticks.user, 3u);
}

Period Seconds(int64_t begin, int64_t end) {
  return {absl::FromUnixSeconds(begin), absl::FromUnixSeconds(end)};
}

HostReport PartOf(const std::string& name, const Period& known) {
  HostReport part = {.state = {.name = name}};
  part.report.period = known;
  part.report.known = known;
  part.report.is_of_store = true;
  return part;
}

TEST(JoinHostsTest, CountsTheTimeOfAllAndTellsGapsByHost) {
  std::vector<HostReport> parts = {
      PartOf("b", Seconds(200, 900)), PartOf("a", Seconds(100, 800)), {.state = {.name = "empty"}}};
  parts[0].report.gaps.push_back({.period = Seconds(300, 400), .reason = "lost"});
  parts[1].report.excludes_running = true;
  parts[2].report.is_of_store = true;
  Report report;
  JoinHosts(std::move(parts), {}, absl::FromUnixSeconds(1000), report);
  EXPECT_EQ(report.period.begin, absl::FromUnixSeconds(100));
  EXPECT_EQ(report.period.end, absl::FromUnixSeconds(900));
  ASSERT_TRUE(report.known.has_value());
  EXPECT_EQ(report.known->end, absl::FromUnixSeconds(900));
  ASSERT_EQ(report.gaps.size(), 1u);
  EXPECT_EQ(report.gaps[0].host, "b");
  EXPECT_TRUE(report.excludes_running);
  EXPECT_TRUE(report.is_of_store);
  EXPECT_EQ(report.host, "");
  ASSERT_EQ(report.hosts.size(), 3u);
  EXPECT_EQ(report.hosts[0].name, "a");
}

TEST(JoinHostsTest, AnEmptyHostHasNoPartInTheCountedTime) {
  Report report;
  JoinHosts({PartOf("only", Seconds(1, 2))}, {}, absl::FromUnixSeconds(10), report);
  EXPECT_EQ(report.host, "only");
}

TEST(JoinHostsTest, CapacityIsTheSumIfAllHostsHaveOne) {
  const auto parts = [](bool all) {
    std::vector<HostReport> some = {PartOf("a", Seconds(0, 100)), PartOf("b", Seconds(0, 100))};
    some[0].report.capacity = Capacity{.processors = 4,
                                       .busy = acct::Ticks(100),
                                       .idle = acct::Ticks(39'900),
                                       .period_seconds = 100,
                                       .known_seconds = 100};
    if (all) {
      some[1].report.capacity = Capacity{.processors = 2,
                                         .busy = acct::Ticks(50),
                                         .idle = acct::Ticks(9'950),
                                         .period_seconds = 100,
                                         .known_seconds = 50};
    }
    return some;
  };
  Report report;
  JoinHosts(parts(true), {}, absl::FromUnixSeconds(1000), report);
  ASSERT_TRUE(report.capacity.has_value());
  EXPECT_EQ(report.capacity->processors, 6u);
  EXPECT_EQ(report.capacity->busy, acct::Ticks(150));
  EXPECT_EQ(report.capacity->total(), acct::Ticks(50'000));
  // What two processors could have done in 50 seconds is at most what six could in 17.
  EXPECT_EQ(report.capacity->known_seconds, 83u);
  Report partly;
  JoinHosts(parts(false), {}, absl::FromUnixSeconds(1000), partly);
  EXPECT_FALSE(partly.capacity.has_value());
}

TEST(JoinHostsTest, ComparesWithThePeriodBeforeOfAllUnlessOneIsUnequal) {
  std::vector<HostReport> parts = {PartOf("a", Seconds(0, 100)), PartOf("b", Seconds(0, 100))};
  parts[0].report.previous = Comparison{.period = Seconds(-100, 0)};
  Report report;
  JoinHosts(parts, {}, absl::FromUnixSeconds(1000), report);
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_FALSE(report.hosts[0].has_unknown_before);
  EXPECT_TRUE(report.hosts[1].has_unknown_before);
  parts[1].report.has_unequal_before = true;
  Report unequal;
  JoinHosts(std::move(parts), {}, absl::FromUnixSeconds(1000), unequal);
  EXPECT_FALSE(unequal.previous.has_value());
  EXPECT_TRUE(unequal.has_unequal_before);
}

TEST(JoinHostsTest, OneHostSaysWhatItsStoreSays) {
  HostReport part = PartOf("a", Seconds(0, 100));
  part.report.accounting_off = {absl::FromUnixSeconds(50), "call accton"};
  part.report.previous =
      Comparison{.period = Seconds(-100, 0), .unknown = {Seconds(-50, 0)}, .lacks_deleted = true};
  Report report;
  JoinHosts({part}, {}, absl::FromUnixSeconds(1000), report);
  HostRows({.compare_with = Seconds(-100, 0)}).Finish(report);
  ASSERT_TRUE(report.accounting_off.has_value());
  EXPECT_EQ(report.accounting_off->remedy, "call accton");
  // Without rows there is no comparison.
  EXPECT_FALSE(report.previous.has_value());
  report = {};
  JoinHosts({part}, {}, absl::FromUnixSeconds(1000), report);
  HostRows rows({.compare_with = Seconds(-100, 0)});
  rows.Add("a", {Row(1, "alice", 1)}, std::vector<ReportRow>{});
  rows.Finish(report);
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_EQ(report.previous->unknown, std::vector<Period>{Seconds(-50, 0)});
  EXPECT_TRUE(report.previous->lacks_deleted);
  // The notes of several name the hosts.
  Report both;
  JoinHosts({part, PartOf("b", Seconds(0, 100))}, {}, absl::FromUnixSeconds(1000), both);
  EXPECT_FALSE(both.accounting_off.has_value());
  EXPECT_TRUE(both.hosts[0].accounting_off_since.has_value());
}

TEST(JoinHostsTest, InputsOfAHostAreSummedExceptDamagedOnes) {
  std::vector<HostReport> parts = {PartOf("a", Seconds(0, 100))};
  for (int i = 0; i < 3; ++i) {
    parts[0].report.inputs.push_back({.name = "pacct", .bytes = 64, .records = 1});
  }
  parts[0].report.inputs.push_back({.name = "bad", .bytes = 100, .skipped_bytes = 36});
  Report report;
  JoinHosts(std::move(parts), {}, absl::FromUnixSeconds(1000), report);
  ASSERT_EQ(report.inputs.size(), 2u);
  EXPECT_EQ(report.inputs[0].name, "a: bad");
  EXPECT_EQ(report.inputs[1].records, 3u);
}

}  // namespace
}  // namespace cpuagg::aggregate
