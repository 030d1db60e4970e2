// Reports that renderings are tested with.

#ifndef CPUAGG_NOTIFY_RENDER_EXAMPLE_REPORT_H_
#define CPUAGG_NOTIFY_RENDER_EXAMPLE_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// A row of 1,234 processes with so many user ticks.
aggregate::ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t user_ticks);

// Five users, of whom one is ignored and one is not among the first three; damage, and a gap.
aggregate::Report Example();

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_EXAMPLE_REPORT_H_
