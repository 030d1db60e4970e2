// Whether the accounting file and what rotation made of its predecessors can be read.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "acct/rotation/rotation.h"
#include "tools/check/findings/finding.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {

// "accounting_files": the generations that are read, how they are rotated and how far back they
// reach; and "accounting_passed_over" for what has the name of one and is none.
void CheckGenerations(const acct::AccountingFiles& files, absl::TimeZone zone, Findings& findings);

// "accounting_readable": whether the collector may read the file. If nobody is known to collect,
// that is whoever asks, and it does not matter. Who asks and may not is told of the group that may.
Finding CheckReadable(const std::string& file, const Identity& collector, bool may_read_everything,
                      bool collects_nothing);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_GENERATION_CHECKS_H_
