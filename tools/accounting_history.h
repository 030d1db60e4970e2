// What reports and records read when no FILE is named: the accounting file of this host and its
// rotated generations, as `collect` finds them.

#ifndef CPUAGG_TOOLS_ACCOUNTING_HISTORY_H_
#define CPUAGG_TOOLS_ACCOUNTING_HISTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/history.h"
#include "tools/session.h"

namespace cpuagg::tools {

// How often reading is begun again because files were rotated meanwhile.
inline constexpr int kHistoryTries = 10;

// The files that may hold something of the time from `begin` on.
absl::StatusOr<aggregate::History> FindHistory(const Session& session, absl::Time begin);

// Whether they are still the same, and not rotated since they were found.
absl::StatusOr<bool> IsStillThere(const Session& session, absl::Time begin,
                                  const aggregate::History& history);

// "/var/log/account/pacct and 3 rotated files (2 older ones have nothing of the period)".
std::string SourceText(const Session& session, const aggregate::History& history);

// Warns of what has the name of a generation and is none.
void WarnOfPassedOver(const aggregate::History& history, Console& console);

// The error if they are rotated again and again.
absl::Status RotatedWhileRead(const Session& session);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_ACCOUNTING_HISTORY_H_
