// Checks whether the accounting file and its rotated predecessors can be read.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "acct/rotation/rotation.h"
#include "tools/check/findings/finding.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {

// Adds "accounting_files": the generations that are read, how they are rotated, and how far back
// they reach. Also adds "accounting_passed_over" for entries with the name of a generation that are
// not one.
void CheckGenerations(const acct::AccountingFiles& files, absl::TimeZone zone, Findings& findings);

// The finding "accounting_readable": whether the collector may read the file. If no collector is
// known, checks the current user, and the result does not matter. If the current user lacks
// permission, the finding names the group that has it.
Finding CheckReadable(const std::string& file, const Identity& collector, bool may_read_everything,
                      bool collects_nothing);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_
