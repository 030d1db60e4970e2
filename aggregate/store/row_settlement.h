// Settles the time counted for running processes, in the rows of a report from the store.
//
// Snapshots keep it as signed changes. Suppose a process has used 10 s at the first run and 15 s at
// the second: the first snapshot has 10 s and the second 5 s. When it has ended, its record has all
// of its 20 s, and the third snapshot has these and -15 s:
//
//   snapshot  ended  running  sum up to here
//   1             0       10              10
//   2             0        5              15
//   3            20      -15              20
//
// So a sum over all snapshots is right. A sum over some of them may be negative, and for the other
// sums it is still open which part belongs to processes that still run. The functions here settle
// both, in this order: BalanceCommands() if rows have commands, DropNegative(), SettleRunning().

#ifndef CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_
#define CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_

#include <vector>

#include "aggregate/report/report.h"
#include "aggregate/running/running.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {

// Makes the commands of each user add up to the user's sum, without negative commands. Snapshots
// keep different commands by name and the rest together (ReportRow::command is nullopt). So time
// may have been added under a name and subtracted from the rest, or the other way round. A negative
// command is balanced from the rest first, then from the command with the most time.
void BalanceCommands(std::vector<ReportRow>& rows);

// Raises negative times to zero. There are none if all snapshots are read. There may be some if one
// is damaged, has expired or was reported before, or was stored by an earlier version.
void DropNegative(std::vector<ReportRow>& rows);

// Leaves in Usage::running_user and running_system only the time of processes that still run, which
// `baseline` lists. Assigns it to the latest rows that can have it. Rows have the dimensions `by`:
// users, commands and time at most.
void SettleRunning(const RunningBaseline& baseline, const Grouping& by,
                   std::vector<ReportRow>& rows);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_ROW_SETTLEMENT_H_
