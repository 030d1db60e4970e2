// Reports by department: a department is the sum of its users.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/names/departments.h"
#include "aggregate/report/report.h"
#include "aggregate/report/report_rows.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using testing::Row;
using testing::Uids;
using testing::UidsOf;

constexpr auto kUser = Dimension::kUser;
constexpr auto kDepartment = Dimension::kDepartment;

ReportOptions By(Grouping by) {
  return {.by = std::move(by),
          .departments = *Departments::Parse("a Physics\nb Physics\n3 Biology\n", "list")};
}

// Department -> ticks, "-" for none.
using Ticks = std::map<std::string, uint64_t>;

Ticks TicksOf(const Report& report) {
  Ticks ticks;
  for (const ReportRow& row : report.rows) {
    EXPECT_TRUE(ticks.try_emplace(row.department.value_or("-"), row.usage.ticks.user).second);
  }
  return ticks;
}

TEST(ReportDepartmentTest, ADepartmentIsTheSumOfItsUsers) {
  Report report;
  FillRows({Row(1, "a", 10), Row(2, "b", 5), Row(3, "c", 7), Row(4, "d", 1), Row(5, {}, 2)},
           By({kDepartment}), report);
  EXPECT_EQ(TicksOf(report), (Ticks{{"Physics", 15}, {"Biology", 7}, {"-", 3}}));
  EXPECT_EQ(report.rows[0].department, "Physics");
  EXPECT_EQ(report.rows[0].user, std::nullopt);
  EXPECT_EQ(report.totals.ticks.user, 25u);
  EXPECT_EQ(report.totals.processes, 5u);
}

TEST(ReportDepartmentTest, ALineWithANumberIsForOneOfTwoUsers) {
  Report report;
  FillRows({Row(3, "c", 10), Row(4, "3", 5)}, By({kDepartment}), report);
  EXPECT_EQ(TicksOf(report), (Ticks{{"Biology", 5}, {"-", 10}}));
}

TEST(ReportDepartmentTest, DepartmentsAreGroupedByTheirUsers) {
  EXPECT_EQ(GroupingFor(By({kDepartment})), Grouping{kUser});
  EXPECT_EQ(GroupingFor(By({kDepartment, kUser})), Grouping{kUser});
  EXPECT_EQ(GroupingFor(By({kDepartment, Dimension::kMonth})),
            (Grouping{Dimension::kMonth, kUser}));
}

TEST(ReportDepartmentTest, WithUsersEachKeepsARow) {
  Report report;
  FillRows({Row(1, "a", 10), Row(2, "b", 5), Row(4, "d", 7)}, By({kDepartment, kUser}), report);
  EXPECT_EQ(UidsOf(report), (Uids{1, 4, 2}));
  EXPECT_EQ(report.rows[2].department, "Physics");
  EXPECT_EQ(report.rows[2].user, "b");
  EXPECT_EQ(report.rows[1].department, std::nullopt);
}

TEST(ReportDepartmentTest, UsersWhoAreLeftOutCountForNone) {
  ReportOptions options = By({kDepartment});
  options.ignored_users = {"a"};
  Report report;
  FillRows({Row(1, "a", 10), Row(2, "b", 5)}, options, report);
  EXPECT_EQ(TicksOf(report), (Ticks{{"Physics", 5}}));
  EXPECT_EQ(report.excluded_users.usage.ticks.user, 10u);
}

TEST(ReportDepartmentTest, DepartmentsAreComparedWithTheSumsOfThePeriodBefore) {
  ReportOptions options = By({kDepartment});
  options.compare_with = Period{absl::FromUnixSeconds(3600), absl::FromUnixSeconds(7200)};
  Report report;
  FillRows({Row(1, "a", 10), Row(4, "d", 1)}, options, report,
           {{Row(1, "a", 4), Row(2, "b", 5), Row(3, "c", 6)}});
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].department, "Physics");
  EXPECT_EQ(report.rows[0].previous_cpu, acct::Ticks(9));
  EXPECT_EQ(report.rows[1].department, std::nullopt);
  EXPECT_EQ(report.rows[1].previous_cpu, acct::Ticks(0));
  EXPECT_EQ(report.rows[2].department, "Biology");
  EXPECT_EQ(report.rows[2].previous_cpu, acct::Ticks(6));
  EXPECT_EQ(report.previous->cpu, acct::Ticks(15));
}

TEST(ReportDepartmentTest, ByNameThoseWithoutOneComeLast) {
  ReportOptions options = By({kDepartment});
  options.sort = SortOrder::kName;
  Report report;
  FillRows({Row(4, "d", 9), Row(1, "a", 1), Row(3, "c", 2)}, options, report);
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].department, "Biology");
  EXPECT_EQ(report.rows[1].department, "Physics");
  EXPECT_EQ(report.rows[2].department, std::nullopt);
}

}  // namespace
}  // namespace cpuagg::aggregate
