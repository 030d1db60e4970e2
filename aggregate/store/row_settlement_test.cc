#include "aggregate/store/row_settlement.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

ReportRow Row(std::optional<std::string> command, uint64_t ended, int64_t running,
              int64_t begin = 0) {
  ReportRow row{.uid = acct::Uid(1001)};
  row.begin = begin;
  row.command = std::move(command);
  row.usage.processes = 1;
  row.usage.ticks.user = ended;
  row.usage.running_user = running;
  return row;
}

CountedProcess Running(const std::string& command, uint64_t user_ticks) {
  return {.uid = acct::Uid(1001), .command = CommandBitsOf(command), .user_ticks = user_ticks};
}

std::vector<int64_t> RunningOf(const std::vector<ReportRow>& rows) {
  std::vector<int64_t> running;
  for (const ReportRow& row : rows) running.push_back(row.usage.running_user);
  return running;
}

TEST(RowSettlementTest, WhatACommandLacksIsTakenFromTheOthersFirst) {
  std::vector<ReportRow> rows = {Row("make", 5, -9), Row(std::nullopt, 3, 0), Row("cc", 100, 7)};
  BalanceCommands(rows);
  // Four ticks are missing: three come from the others, and one from the command with the most.
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{-5, -3, 6}));
}

TEST(RowSettlementTest, OfTheCommandsTheLargestGivesFirst) {
  std::vector<ReportRow> rows = {Row("ld", 50, 0), Row("make", 5, -9), Row("cc", 100, 0),
                                 Row(std::nullopt, 1, 0)};
  BalanceCommands(rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{0, -5, -3, -1}));
}

TEST(RowSettlementTest, CommandsOfAnotherHourGiveNothing) {
  std::vector<ReportRow> rows = {Row("make", 5, -9, 3600), Row("cc", 100, 0, 7200)};
  BalanceCommands(rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{-5, 0}));
}

TEST(RowSettlementTest, NoTimeIsNegative) {
  std::vector<ReportRow> rows = {Row("make", 5, -9), Row("cc", 5, -5), Row("ld", 5, 2),
                                 Row("as", std::numeric_limits<uint64_t>::max(), -7)};
  DropNegative(rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{-5, -5, 2, -7}));
}

TEST(RowSettlementTest, WhatRunsIsFoundInTheLatestRows) {
  const RunningBaseline baseline = {.processes = {Running("make", 30), Running("cc", 1)}};
  std::vector<ReportRow> rows = {Row("", 0, 20, 0), Row("", 0, 25, 7200), Row("", 0, 4, 3600)};
  SettleRunning(baseline, {Dimension::kUser, Dimension::kHour}, rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{2, 25, 4}));
  // The rest of the first row has ended or is gone.
  EXPECT_EQ(rows[0].usage.cpu_time(), acct::ExactTime::Of(20, acct::kTicksPerSecond));
}

TEST(RowSettlementTest, WhatRunsIsThatOfItsCommand) {
  const RunningBaseline baseline = {.processes = {Running("make", 30), Running("cc", 1)}};
  std::vector<ReportRow> rows = {Row("make", 0, 40), Row("cc", 0, 40), Row("ld", 0, 40)};
  SettleRunning(baseline, {Dimension::kUser, Dimension::kCommand}, rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{30, 1, 0}));
}

TEST(RowSettlementTest, WhatRunsOfCommandsThatAreNotKeptByNameIsAmongTheOthers) {
  const RunningBaseline baseline = {.processes = {Running("make", 30), Running("cc", 8)}};
  std::vector<ReportRow> rows = {Row(std::nullopt, 0, 9), Row("make", 0, 29)};
  SettleRunning(baseline, {Dimension::kUser, Dimension::kCommand}, rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{9, 29}));
  // No more than runs.
  rows = {Row("make", 0, 30), Row(std::nullopt, 0, 9)};
  SettleRunning(baseline, {Dimension::kUser, Dimension::kCommand}, rows);
  EXPECT_EQ(RunningOf(rows), (std::vector<int64_t>{30, 8}));
}

}  // namespace
}  // namespace cpuagg::aggregate
