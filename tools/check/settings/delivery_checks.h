// Whether reports can be drawn and sent, and whether those that were queued have left.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// "outbox": what waits in the store at `store`, and since when; "outbox_damage". `deliver` is the
// command that delivers what waits.
void CheckOutbox(const std::string& store, const std::string& deliver, absl::Time now,
                 Findings& findings);

// "library_curl" and "fonts": what is loaded when it is needed. Less than a warning where nothing
// is sent.
void CheckLibraries(bool sends, Findings& findings);

// "bot" and "chat": asks the server who they are, within `budget`. Sends nothing to anybody.
void CheckOnline(const CommandContext& context, absl::Duration budget, Findings& findings);

// The same if it is not asked for.
Finding OnlineIsSkipped();

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
