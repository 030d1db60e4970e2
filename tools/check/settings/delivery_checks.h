// Checks whether reports can be drawn and sent, and whether the queued ones have been sent.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// Adds "outbox": the reports waiting in the store at `store`, and since when; and "outbox_damage".
// `deliver` is the command that delivers them.
void CheckOutbox(const std::string& store, const std::string& deliver, absl::Time now,
                 Findings& findings);

// Adds "library_curl" and "fonts": what is loaded on demand. Less severe than a warning if no
// reports are sent.
void CheckLibraries(bool sends, Findings& findings);

// Adds "bot" and "chat": looks them up on the server, within `budget`. Does not send messages.
void CheckOnline(const CommandContext& context, absl::Duration budget, Findings& findings);

// The finding without --online.
Finding OnlineIsSkipped();

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
