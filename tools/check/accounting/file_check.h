// `cpuagg check FILE...`: is this accounting file whole, and what is in it? A folder stands for the
// accounting files in it.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_

#include <string>

#include "absl/time/time.h"
#include "acct/record/plausibility.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

// "file" for the file at `path`, plain or compressed ("-" is standard input): kOk if all of it is
// records, kWarning if some of it is damaged, kCritical if nothing in it is a record or it cannot
// be read, as a socket, a device or a named pipe to which nobody writes; and "file_damage" for each
// place that was passed over, up to twenty.
void CheckFile(const std::string& path, const acct::RecordFormat& format, absl::TimeZone zone,
               Findings& findings);

// The same for each accounting file in `folder`, oldest first, and "file_passed_over", a note, for
// whatever else is there. A folder without accounting files is kCritical.
void CheckFolder(const std::string& folder, const acct::RecordFormat& format, absl::TimeZone zone,
                 Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_
