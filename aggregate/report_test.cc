#include "aggregate/report.h"

#include <optional>
#include <string>
#include <vector>

#include "acct/units.h"
#include "aggregate/usage.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t user_ticks,
              uint64_t processes = 1) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .usage = {.processes = processes, .ticks = {.user = user_ticks}}};
}

std::vector<uint32_t> UidsOf(const Report& report) {
  std::vector<uint32_t> uids;
  for (const ReportRow& row : report.rows) uids.push_back(row.uid.value());
  return uids;
}

using Uids = std::vector<uint32_t>;

TEST(ReportTest, MostCpuComesFirstAndTiesGoByUid) {
  Report report;
  FillRows({Row(3, "c", 5), Row(1, "a", 7), Row(2, "b", 5)}, {}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1, 2, 3}));
  EXPECT_EQ(report.totals.user_time(), acct::Ticks(17));
}

TEST(ReportTest, EveryOrder) {
  struct Case {
    SortOrder order;
    Uids uids;
  };
  const std::vector<ReportRow> rows = {Row(3, std::nullopt, 1, 9), Row(1, "b", 2, 8),
                                       Row(2, "a", 3, 7)};
  for (const Case& c : {Case{SortOrder::kCpu, {2, 1, 3}}, Case{SortOrder::kUserTime, {2, 1, 3}},
                        Case{SortOrder::kProcesses, {3, 1, 2}}, Case{SortOrder::kName, {2, 1, 3}},
                        Case{SortOrder::kId, {1, 2, 3}}, Case{SortOrder::kElapsed, {1, 2, 3}}}) {
    Report report;
    FillRows(rows, {.sort = c.order}, report);
    EXPECT_EQ(UidsOf(report), c.uids) << static_cast<int>(c.order);
  }
}

TEST(ReportTest, WhatIsLeftOutIsCountedApart) {
  Report report;
  FillRows({Row(0, "root", 100), Row(1, "a", 10), Row(1005, std::nullopt, 1)},
           {.ignored_users = {"root"}, .leave_out_unknown_users = true}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1}));
  EXPECT_EQ(report.left_out.users, 2u);
  EXPECT_EQ(report.left_out.usage.cpu_time(), acct::Ticks(101));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(10));
  EXPECT_EQ(report.ShareOf(report.rows[0].usage), 1.0);
}

TEST(ReportTest, AUserIsNamedByNameOrById) {
  for (const char* name : {"a", "1"}) {
    Report report;
    FillRows({Row(1, "a", 10), Row(2, "b", 20)}, {.only_users = {name}}, report);
    EXPECT_EQ(UidsOf(report), (Uids{1}));
  }
}

TEST(ReportTest, TopKeepsTheRestInOneGroup) {
  Report report;
  FillRows({Row(1, "a", 30), Row(2, "b", 20), Row(3, "c", 10)}, {.top = 1}, report);
  EXPECT_EQ(UidsOf(report), (Uids{1}));
  EXPECT_EQ(report.others.rows, 2u);
  EXPECT_EQ(report.others.usage.cpu_time(), acct::Ticks(30));
  EXPECT_EQ(report.totals.cpu_time(), acct::Ticks(60));
  EXPECT_EQ(report.row_count(), 3u);
}

TEST(ReportTest, NoUsageHasNoShares) {
  Report report;
  FillRows({Row(1, "a", 0)}, {}, report);
  EXPECT_EQ(report.ShareOf(report.rows[0].usage), 0.0);
}

}  // namespace
}  // namespace cpuagg::aggregate
