// Finds out whether accounting is off, for reports from this machine's accounting file.

#ifndef CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_
#define CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_

#include "aggregate/report/report.h"
#include "aggregate/usage/period.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// Sets `report.accounting_off` if accounting is off. `report` is a report for `asked` from that
// file. Checks only if its last record is long before the end of the requested time, or from before
// the machine booted. Accounting is off if a process that ends now leaves no record either. So an
// idle machine is not mistaken for one without accounting.
void FindAccountingOff(const CommandContext& context, const aggregate::Period& asked,
                       aggregate::Report& report);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_
