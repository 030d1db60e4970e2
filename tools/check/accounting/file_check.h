// `cpuagg check FILE...`: checks whether an accounting file is whole, and summarises its content. A
// folder means the accounting files in it.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_

#include <string>

#include "absl/time/time.h"
#include "acct/record/plausibility.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

// Adds "file" for the file at `path`, plain or compressed ("-" is standard input):
//
// - kOk if all of it is records;
// - kWarning if some of it is damaged;
// - kCritical if it holds no records or cannot be read: a socket, a device, or a named pipe without
//   a writer.
//
// Also adds "file_damage" for each region that was skipped, up to twenty.
void CheckFile(const std::string& path, const acct::RecordFormat& format, absl::TimeZone zone,
               Findings& findings);

// The same for each accounting file in `folder`, oldest first, and a note "file_passed_over" for
// each other entry. kCritical if the folder has no accounting files.
void CheckFolder(const std::string& folder, const acct::RecordFormat& format, absl::TimeZone zone,
                 Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_FILE_CHECK_H_
