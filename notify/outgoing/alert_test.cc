#include "notify/outgoing/alert.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "gtest/gtest.h"
#include "notify/outgoing/limit_period.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kHour = 3600 * 100;

aggregate::ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t ticks) {
  return {.uid = acct::Uid(uid), .user = std::move(name), .usage = {.ticks = {.user = ticks}}};
}

aggregate::Report ReportOf(std::vector<aggregate::ReportRow> rows) {
  aggregate::Report report;
  report.host = "lab<01>";
  report.id = "lab01-1";
  report.period = {.begin = absl::FromUnixSeconds(1'800'000'000),
                   .end = absl::FromUnixSeconds(1'800'086'400)};
  FillRows(std::move(rows), {}, report);
  return report;
}

AlertLimits Limits(const char* text) {
  absl::StatusOr<AlertLimits> limits = ParseAlertLimits(text);
  EXPECT_TRUE(limits.ok()) << limits.status();
  return *std::move(limits);
}

// The period of ReportOf().
LimitPeriod Day(LimitPeriod::When when = LimitPeriod::When::kNow) {
  return {.unit = "day", .period = ReportOf({}).period, .when = when};
}

TEST(AlertLimitsTest, AreForEverybodyAndForSomeone) {
  const AlertLimits limits = Limits(" 200, alice = 0.5, bob=none,1007=3 ");
  EXPECT_EQ(limits.For(Row(1, "carol", 0)), acct::Ticks(200 * kHour));
  EXPECT_EQ(limits.For(Row(1, "alice", 0)), acct::Ticks(kHour / 2));
  EXPECT_EQ(limits.For(Row(1, "bob", 0)), std::nullopt);
  EXPECT_EQ(limits.For(Row(1007, std::nullopt, 0)), acct::Ticks(3 * kHour));
  EXPECT_TRUE(Limits("").empty());
  EXPECT_EQ(Limits("alice=1").For(Row(1, "carol", 0)), std::nullopt);
  EXPECT_EQ(Limits("LAB\\alice=.5, bob@lab.example=2., 2fast=1").users.size(), 3u);
}

TEST(AlertLimitsTest, WhatIsNoLimitIsNamed) {
  for (const char* text : {"x",
                           "0",
                           "-1",
                           "nan",
                           "inf",
                           "alice=",
                           "alice=x",
                           "=5",
                           "1,,2x",
                           "alice=0",
                           "1e99",
                           "1,5",
                           "alice=1 bob=1",
                           "alice=1, alice=none",
                           "0.5 alice=2",
                           "2;alice=3",
                           "2 alice=3",
                           "2\talice=none",
                           "2, bob:carol=1",
                           "1e2",
                           "alice=1e2",
                           "+2",
                           "0x10",
                           "1 000",
                           "infinity"}) {
    const absl::Status status = ParseAlertLimits(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("ALERT_CPU_HOURS"), std::string::npos) << status;
  }
}

aggregate::ReportRow CommandRow(uint32_t uid, std::optional<std::string> name,
                                std::optional<std::string> command, uint64_t ticks) {
  aggregate::ReportRow row = Row(uid, std::move(name), ticks);
  row.command = std::move(command);
  return row;
}

aggregate::Report CommandsOf(std::vector<aggregate::ReportRow> rows) {
  aggregate::Report report;
  FillRows(std::move(rows), {.by = {aggregate::Dimension::kUser, aggregate::Dimension::kCommand}},
           report);
  return report;
}

TEST(PassedLimitsTest, WhoIsAboveIsToldWithTheCommandsThatUsedMost) {
  const aggregate::Report report =
      ReportOf({Row(1, "al<ice", 26 * kHour), Row(2, "bob", 20 * kHour),
                Row(3, std::nullopt, 20 * kHour + 1)});
  const std::vector<PassedLimit> passed = FindPassedLimits(report, Limits("20"), Day(), {});
  ASSERT_EQ(passed.size(), 2u);
  EXPECT_EQ(passed[0].mark, (AlertMark{.uid = 1,
                                       .user = "al<ice",
                                       .period = "day",
                                       .begin = 1'800'000'000,
                                       .limit_ticks = 20 * kHour}));
  const aggregate::Report commands = CommandsOf(
      {CommandRow(1, "al<ice", "gcc", 2 * kHour), CommandRow(1, "al<ice", "make", 20 * kHour),
       CommandRow(1, "al<ice", std::nullopt, 3 * kHour), CommandRow(1, "al<ice", "ld", kHour),
       CommandRow(1, "al<ice", "sh", kHour / 2), CommandRow(2, "bob", "vim", 20 * kHour)});
  EXPECT_EQ(RenderAlert(report, Day(), passed, commands),
            "<b>lab&lt;01&gt;</b> · ⚠ CPU limit of the day passed\n"
            "2027-01-15 08:00 – 2027-01-16 08:00 UTC\n"
            "al&lt;ice: 26h 00m, limit 20h 00m\n"
            "  mostly make (20h 00m), gcc (2h 00m), ld (1h 00m)\n"
            "3: 20h 00m, limit 20h 00m\n"
            "lab01-1");
}

// An account was renamed, or its id was given to somebody else.
TEST(PassedLimitsTest, OfTwoNamesWithOneIdEachHasItsOwnCommands) {
  const aggregate::Report report =
      ReportOf({Row(1, "alice", 26 * kHour), Row(1, "bob", 24 * kHour)});
  const std::string html =
      RenderAlert(report, Day(), FindPassedLimits(report, Limits("20"), Day(), {}),
                  CommandsOf({CommandRow(1, "alice", "gcc", 26 * kHour),
                              CommandRow(1, "bob", "vim", 24 * kHour)}));
  EXPECT_NE(html.find("\nalice: 26h 00m, limit 20h 00m\n  mostly gcc (26h 00m)\n"
                      "bob: 24h 00m, limit 20h 00m\n  mostly vim (24h 00m)\n"),
            std::string::npos)
      << html;
}

TEST(PassedLimitsTest, EachIsToldOncePerPeriodAndLimit) {
  aggregate::Report report = ReportOf({Row(1, "alice", 26 * kHour)});
  const std::vector<AlertMark> told = {FindPassedLimits(report, Limits("20"), Day(), {})[0].mark};
  EXPECT_TRUE(FindPassedLimits(report, Limits("20"), Day(), told).empty());
  EXPECT_EQ(FindPassedLimits(report, Limits("25"), Day(), told).size(), 1u);
  LimitPeriod other = Day();
  other.unit = "week";
  EXPECT_EQ(FindPassedLimits(report, Limits("20"), other, told).size(), 1u);
  other = Day();
  other.period.begin += absl::Hours(24);
  EXPECT_EQ(FindPassedLimits(report, Limits("20"), other, told).size(), 1u);
}

TEST(PassedLimitsTest, OfAPeriodThatIsOverEachIsToldOnceWhateverTheLimit) {
  const aggregate::Report report =
      ReportOf({Row(1, "alice", 26 * kHour), Row(2, "bob", 24 * kHour)});
  const LimitPeriod yesterday = Day(LimitPeriod::When::kLast);
  const std::vector<AlertMark> told = {FindPassedLimits(report, Limits("25"), Day(), {})[0].mark};
  const std::vector<PassedLimit> passed = FindPassedLimits(report, Limits("20"), yesterday, told);
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed[0].mark.user, "bob");
  const std::string html = RenderAlert(report, yesterday, passed, CommandsOf({}));
  EXPECT_NE(html.find(" · ⚠ CPU limit of yesterday passed\n"), std::string::npos) << html;
}

TEST(PassedLimitsTest, WhereTheStoreDoesNotDivideThePeriodTheAlertSaysSo) {
  aggregate::Report report = ReportOf({Row(1, "alice", 26 * kHour)});
  LimitPeriod hour = {.unit = "hour", .period = report.period};
  hour.period.end = hour.period.begin + absl::Hours(1);
  report.period.begin -= absl::Minutes(30);
  report.period.end = hour.period.end;
  const std::vector<PassedLimit> passed = FindPassedLimits(report, Limits("20"), hour, {});
  ASSERT_EQ(passed.size(), 1u);
  // So it is the same hour in the next check, whatever the store has then.
  EXPECT_EQ(passed[0].mark.begin, absl::ToUnixSeconds(hour.period.begin));
  const std::string html = RenderAlert(report, hour, passed, CommandsOf({}));
  EXPECT_NE(html.find("\n2027-01-15 07:30 – 09:00 UTC\nThe store has no shorter times here: these "
                      "are 1h 30m, and the limit is for the hour of 1h 00m\nalice: "),
            std::string::npos)
      << html;
}

TEST(PassedLimitsTest, WhatIsOverIsForgotten) {
  std::vector<AlertMark> marks = {{.uid = 1, .period = "day", .begin = 100},
                                  {.uid = 2, .period = "day", .begin = 200},
                                  {.uid = 3, .period = "week", .begin = 50}};
  ForgetPast("day", 200, marks);
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].uid, 2u);
  EXPECT_EQ(marks[1].uid, 3u);
}

TEST(PassedLimitsTest, ManyAreSummedUp) {
  std::vector<aggregate::ReportRow> rows;
  std::vector<aggregate::ReportRow> commands;
  for (uint32_t i = 0; i < 200; ++i) {
    const std::string name(60, 'x');
    rows.push_back(Row(i, name, kHour));
    for (const char* letter : {"a", "b", "c"}) {
      commands.push_back(CommandRow(i, name, std::string(15, *letter), kHour / 3));
    }
  }
  const aggregate::Report report = ReportOf(std::move(rows));
  const std::vector<PassedLimit> passed = FindPassedLimits(report, Limits("0.1"), Day(), {});
  EXPECT_EQ(passed.size(), 200u);
  const std::string html = RenderAlert(report, Day(), passed, CommandsOf(std::move(commands)));
  EXPECT_NE(html.find("and 180 more users\n"), std::string::npos);
  EXPECT_LE(html.size(), 4096u);
}

}  // namespace
}  // namespace cpuagg::notify
