// What reports and records read: the accounting file of this host and its rotated generations, as
// `collect` finds them, if no FILE is named; else these, and what is in those that are folders.

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

// How often reading is begun again because files were rotated meanwhile.
inline constexpr int kHistoryTries = 10;

// The files that may hold something of the time from `begin` on.
absl::StatusOr<aggregate::History> FindHistory(const CommandContext& context, absl::Time begin);

// Whether they are still the same, and not rotated since they were found.
absl::StatusOr<bool> IsStillThere(const CommandContext& context, absl::Time begin,
                                  const aggregate::History& history);

// The files that the arguments `files` stand for, of which "-" is standard input. Folders are
// opened and listed, anything else is as it was named.
absl::StatusOr<aggregate::History> FindNamed(const std::vector<std::string>& files);

// Whether FindNamed() has listed a folder, so that it may say something else the next time.
bool NamesFolder(const std::vector<std::string>& files);

// Whether all that FindNamed() found can be read as often as one likes.
bool CanBeReadAgain(const aggregate::History& named);

// "/var/log/account/pacct and 3 rotated files (2 older ones have nothing of the period)".
std::string SourceText(const CommandContext& context, const aggregate::History& history);

// Warns of what is among the files and is not read.
void WarnOfPassedOver(const acct::PassedOver& other, Console& console);

// The error if what was named so is rotated again and again.
absl::Status RotatedWhileRead(absl::string_view name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ACCOUNTING_HISTORY_H_
