// Finds the input of `report` and `records`. Without FILE it is the accounting file of this host
// and its rotated generations, as `collect` finds them. Otherwise it is the named files, and the
// accounting files in named folders.

#ifndef CPUAGG_TOOLS_REPORT_ACCOUNTING_HISTORY_H_
#define CPUAGG_TOOLS_REPORT_ACCOUNTING_HISTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/rotation/rotation.h"
#include "aggregate/report/history.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// How often reading starts again if files were rotated meanwhile.
inline constexpr int kHistoryTries = 10;

// The files that may hold records of processes that ended at or after `begin`.
absl::StatusOr<aggregate::History> FindHistory(const CommandContext& context, absl::Time begin);

// Whether the files are still the same and were not rotated since.
absl::StatusOr<bool> IsStillThere(const CommandContext& context, absl::Time begin,
                                  const aggregate::History& history);

// The files that the arguments `files` mean; "-" is standard input. Lists folders, and returns
// anything else as named. Does not open the files of `known`, an earlier result, again.
absl::StatusOr<aggregate::History> FindNamed(const std::vector<std::string>& files,
                                             const aggregate::History& known = {});

// Whether FindNamed() lists a folder, so that another call may return other files.
bool NamesFolder(const std::vector<std::string>& files);

// Whether everything that FindNamed() found can be read repeatedly, or is gone by now.
bool CanBeReadAgain(const aggregate::History& named);

// "/var/log/account/pacct and 3 rotated files (2 older ones have nothing of the period)".
std::string SourceText(const CommandContext& context, const aggregate::History& history);

// Warns of a file that is not read.
void WarnOfPassedOver(const acct::PassedOver& other, Console& console);

// The error for `name` if it was rotated during every try.
absl::Status RotatedWhileRead(absl::string_view name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ACCOUNTING_HISTORY_H_
