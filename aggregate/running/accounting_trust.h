// Decides whether the processes in /proc are those whose records the accounting file will have.
// They are not if the file is a copy from another machine, if nobody writes to it at the moment, or
// if it is the host's file in a container. Counting running processes would then count time that
// the file never has, or count it twice.

#ifndef CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_TRUST_H_
#define CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_TRUST_H_

#include <functional>
#include <string>
#include <vector>

#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/process_table.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/running/running.h"

namespace cpuagg::aggregate {

// Makes `totals` list the record of `probe`, even if its process id belongs to another namespace.
void WatchFor(const acct::AccountingProbe& probe, BucketTotals& totals);

// Whether the record of `probe` is among `exits`, with any process id. If so, the kernel writes to
// the file of `exits`.
bool HasRecordOf(const acct::AccountingProbe& probe, const std::vector<ProcessExit>& exits);

// The trustworthy part of `exits`, given `probe`. If only records with other process ids match the
// probe, they come from another pid namespace, or from another cpuagg that ended just before
// accounting was turned off. To decide, calls `is_written_to`, if it is not null: if the kernel no
// longer writes to the file, it is the latter, and they are left out.
std::vector<ProcessExit> BelievedExits(const acct::AccountingProbe& probe,
                                       std::vector<ProcessExit> exits,
                                       const std::function<bool()>& is_written_to);

// Why the processes of `table` do not belong to `accounting_file`, and what the user can do; empty
// if they do. `exits` are from the records written since the probe was made, and perhaps from
// others.
std::string WhyNotOf(const std::string& accounting_file, const acct::AccountingProbe& probe,
                     const acct::ProcessTable& table, const std::vector<ProcessExit>& exits);

// The same if the user has named the /proc and so vouches for it. Then only proof of the contrary
// counts: process ids in the file that differ from those of this process's own /proc.
std::string WhyNotOfNamed(const std::string& accounting_file, const acct::AccountingProbe& probe,
                          const acct::ProcessTable& table, const std::vector<ProcessExit>& exits);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_TRUST_H_
