// Whether accounting is off, for what is read from this machine's accounting file.

#ifndef CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_
#define CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_

#include "aggregate/report/report.h"
#include "aggregate/usage/period.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// Says so in `report`, which is about `asked` and from that file, if its last record is long before
// the end of the time that was asked for, or from before the machine booted, and a process that
// ends now leaves none either. An idle machine is not taken for one without accounting.
void FindAccountingOff(const CommandContext& context, const aggregate::Period& asked,
                       aggregate::Report& report);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ACCOUNTING_WATCH_H_
