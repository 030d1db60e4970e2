// CapacityText: how much of the machine a report's period used, as a line of text.
//
//   CapacityText(report);  // "25:54 of 48:00 CPU hours busy (54%), 98% of that accounted for"

#ifndef CPUAGG_NOTIFY_WORDS_CAPACITY_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_CAPACITY_TEXT_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Hours and minutes. Says for how much of the period this is known, unless it is all, and how much
// of what was busy is accounted for, if that is known. Empty without a capacity of at
// least ten minutes.
std::string CapacityText(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_CAPACITY_TEXT_H_
