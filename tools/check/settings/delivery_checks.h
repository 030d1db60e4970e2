// Checks whether reports can be drawn and sent, and whether the queued ones have been sent.

#ifndef CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
#define CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tools/check/findings/finding.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools::check {

// Adds "outbox": the reports waiting in the store at `store`, and since when; "outbox_damage"; and
// "outbox_refused" for a chat of `chats`, a CHAT_ID, that has refused its last message. `deliver`
// is the command that delivers them.
void CheckOutbox(const std::string& store, const std::string& deliver, absl::string_view chats,
                 absl::Time now, absl::TimeZone zone, Findings& findings);

// Adds "library_curl" and "fonts": what is loaded on demand. Less severe than a warning if no
// reports are sent.
void CheckLibraries(bool sends, Findings& findings);

// Adds "bot" and "chat": looks them up on the server, within `budget`. Does not send messages.
void CheckOnline(const CommandContext& context, absl::Duration budget, Findings& findings);

// The finding without --online.
Finding OnlineIsSkipped();

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_SETTINGS_DELIVERY_CHECKS_H_
