#include "notify/alert.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/units.h"
#include "aggregate/report.h"
#include "gtest/gtest.h"

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

TEST(AlertLimitsTest, AreForEverybodyAndForSomeone) {
  const AlertLimits limits = Limits(" 200, alice = 0.5, bob=none,1007=3 ");
  EXPECT_EQ(limits.For(Row(1, "carol", 0)), acct::Ticks(200 * kHour));
  EXPECT_EQ(limits.For(Row(1, "alice", 0)), acct::Ticks(kHour / 2));
  EXPECT_EQ(limits.For(Row(1, "bob", 0)), std::nullopt);
  EXPECT_EQ(limits.For(Row(1007, std::nullopt, 0)), acct::Ticks(3 * kHour));
  EXPECT_TRUE(Limits("").empty());
  EXPECT_EQ(Limits("alice=1").For(Row(1, "carol", 0)), std::nullopt);
}

TEST(AlertLimitsTest, WhatIsNoLimitIsNamed) {
  for (const char* text :
       {"x", "0", "-1", "nan", "inf", "alice=", "alice=x", "=5", "1,,2x", "alice=0", "1e99"}) {
    const absl::Status status = ParseAlertLimits(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("ALERT_CPU_HOURS"), std::string::npos) << status;
  }
}

TEST(PassedLimitsTest, WhoIsAboveIsTold) {
  const PassedLimits passed =
      FindPassedLimits(ReportOf({Row(1, "al<ice", 26 * kHour), Row(2, "bob", 20 * kHour),
                                 Row(3, std::nullopt, 20 * kHour + 1)}),
                       Limits("20"), "day", {});
  EXPECT_EQ(passed.html,
            "<b>lab&lt;01&gt;</b> · ⚠ CPU limit of the day passed\n"
            "2027-01-15 08:00 – 2027-01-16 08:00 UTC\n"
            "al&lt;ice: 26h 00m, limit 20h 00m\n"
            "3: 20h 00m, limit 20h 00m\n"
            "lab01-1");
  ASSERT_EQ(passed.marks.size(), 2u);
  EXPECT_EQ(passed.marks[0], (AlertMark{.uid = 1,
                                        .user = "al<ice",
                                        .period = "day",
                                        .begin = 1'800'000'000,
                                        .limit_ticks = 20 * kHour}));
}

TEST(PassedLimitsTest, EachIsToldOncePerPeriodAndLimit) {
  aggregate::Report report = ReportOf({Row(1, "alice", 26 * kHour)});
  const std::vector<AlertMark> told = FindPassedLimits(report, Limits("20"), "day", {}).marks;
  EXPECT_TRUE(FindPassedLimits(report, Limits("20"), "day", told).marks.empty());
  EXPECT_EQ(FindPassedLimits(report, Limits("25"), "day", told).marks.size(), 1u);
  EXPECT_EQ(FindPassedLimits(report, Limits("20"), "week", told).marks.size(), 1u);
  report.period.begin += absl::Hours(24);
  EXPECT_EQ(FindPassedLimits(report, Limits("20"), "day", told).marks.size(), 1u);
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
  for (uint32_t i = 0; i < 200; ++i) rows.push_back(Row(i, std::string(60, 'x'), kHour));
  const PassedLimits passed = FindPassedLimits(ReportOf(std::move(rows)), Limits("0.1"), "day", {});
  EXPECT_EQ(passed.marks.size(), 200u);
  EXPECT_NE(passed.html.find("and 160 more users\n"), std::string::npos);
  EXPECT_LE(passed.html.size(), 4096u);
}

}  // namespace
}  // namespace cpuagg::notify
