// Which process a record belongs to, of those that had its process id.
//
// A record may never have been written (accounting was off, the disk full), and its process id used
// again. So a record is not always that of the process that was seen with its id.
// docs/exactly_once.md, "Whose record it is", has the rule as a table; the rows have numbers here.

#ifndef CPUAGG_AGGREGATE_RUNNING_RECORD_OWNER_H_
#define CPUAGG_AGGREGATE_RUNNING_RECORD_OWNER_H_

#include "acct/kernel/process_table.h"
#include "aggregate/running/running_baseline.h"

namespace cpuagg::aggregate {

// Whether `exit`, which has the process id of `process`, is its record. `process` ran at the last
// scan, which `baseline` is of, and had no record before. `still_runs` says that `table`, this
// scan, has it. `table` is null if /proc could not be read.
bool IsRecordOfSeen(const ProcessExit& exit, const CountedProcess& process, bool still_runs,
                    const RunningBaseline& baseline, const acct::ProcessTable* table);

// The same for a `process` of `table` that did not run at the last scan.
bool IsRecordOfNew(const ProcessExit& exit, const acct::RunningProcess& process,
                   const acct::ProcessTable& table);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_RECORD_OWNER_H_
