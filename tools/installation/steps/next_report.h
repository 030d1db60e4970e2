// When the next report comes by itself, as setup says it at its end.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_

#include <string>

namespace cpuagg::tools {

// A sentence with the time, from the timer or the line of a crontab that sends reports, and where
// that is set; or what it takes until one comes. Empty if nothing sends reports.
std::string WhenReportsCome();

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_NEXT_REPORT_H_
