// WhenReportsCome: the sentence about the next report at the end of setup.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_

#include <string>

namespace cpuagg::tools {

// Names the time, and its source: the timer or the line of a crontab that sends reports. If none is
// active, says what is necessary. Empty if nothing sends reports.
std::string WhenReportsCome();

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_
