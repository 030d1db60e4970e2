// AgeText: how long ago something was, as people say it.

#ifndef CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_
#define CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_

#include <string>

#include "absl/time/time.h"

namespace cpuagg::tools::check {

// "12 s", "5 min", "7 h", "3 days": the largest unit of which there are two, or the seconds; "-12
// s" for what is still to come.
std::string AgeText(absl::Duration age);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_FINDINGS_AGE_TEXT_H_
