// What is counted for processes while they run, in the rows of a report from the store.
//
// Snapshots keep it as changes with a sign. A process that has used 10 s at the first run and 15 s
// at the second one is 10 s in the first snapshot and 5 s in the second. When it has ended, its
// record has all of its 20 s, and the third snapshot has these and -15 s:
//
//   snapshot  ended  running  sum up to here
//   1             0       10              10
//   2             0        5              15
//   3            20      -15              20
//
// So a sum over all snapshots is right. A sum over some of them may have less than nothing, and of
// a sum that is not negative it has to be told which part is still running. That is done here, in
// this order: BalanceCommands() if rows have commands, DropNegative(), SettleRunning().

#ifndef CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_
#define CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_

#include <vector>

#include "aggregate/report/report.h"
#include "aggregate/running/running.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// Makes the sums of commands add up to that of their user without a negative one among them.
// Snapshots keep different commands by name and the rest together (ReportRow::command is nullopt),
// so that time may be counted under a name and taken away from the rest, or the other way round.
// What a command lacks is taken from the rest first, and then from the command with the most time.
void BalanceCommands(std::vector<ReportRow>& rows);

// Raises each negative time to zero. There is none where all snapshots are read; there may be if
// one is damaged, has expired or was reported before, or was stored by an earlier version.
void DropNegative(std::vector<ReportRow>& rows);

// Leaves in Usage::running_user and running_system only what processes have used that still run,
// which `baseline` lists. It is found in the latest rows that can have it. Rows are by `by`, which
// has users, commands and time at most.
void SettleRunning(const RunningBaseline& baseline, const Grouping& by,
                   std::vector<ReportRow>& rows);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_
