// AgeText: formats the age of something for people.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_

#include <string>

#include "absl/time/time.h"

namespace cpuagg::tools::check {

// "12 s", "5 min", "7 h", "3 days": in the largest unit of which there are at least two, else in
// seconds. "-12 s" for a time in the future.
std::string AgeText(absl::Duration age);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_
