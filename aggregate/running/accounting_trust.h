// Whether the processes that /proc shows are those whose records the accounting file will have. A
// copy of another machine's file, a file that nobody writes to at the moment, or the host's in a
// container: to count what runs beside it would be to count it for good, or twice.

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

// Has `totals` list the record of `probe`, also if its process id is that of another namespace.
void WatchFor(const acct::AccountingProbe& probe, BucketTotals& totals);

// Whether the record of `probe` is among `exits`, seen from anywhere: then the kernel writes to the
// file of which they are.
bool HasRecordOf(const acct::AccountingProbe& probe, const std::vector<ProcessExit>& exits);

// Of `exits` what may be believed of `probe`. Where only records of other process ids are like its
// own, they are of another pid namespace, or of another cpuagg that ended just before accounting
// was turned off. `is_written_to` is asked then, if it is not null: where the kernel writes to the
// file no more, they are the latter, and left out.
std::vector<ProcessExit> BelievedExits(const acct::AccountingProbe& probe,
                                       std::vector<ProcessExit> exits,
                                       const std::function<bool()>& is_written_to);

// Why the processes of `table` are none of `accounting_file`, and what can be done; empty if they
// are. `exits` are of the records that were written since the probe was made, and maybe of others.
std::string WhyNotOf(const std::string& accounting_file, const acct::AccountingProbe& probe,
                     const acct::ProcessTable& table, const std::vector<ProcessExit>& exits);

// The same where somebody has named the /proc and vouches for it: only what proves the contrary
// counts, which is a file of other process ids than those of the /proc that this process has.
std::string WhyNotOfNamed(const std::string& accounting_file, const acct::AccountingProbe& probe,
                          const acct::ProcessTable& table, const std::vector<ProcessExit>& exits);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_ACCOUNTING_TRUST_H_
