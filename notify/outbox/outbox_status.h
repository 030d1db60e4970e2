// Describes the content of the outbox for people.

#ifndef CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATUS_H_
#define CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATUS_H_

#include <string>

#include "absl/time/time.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"

namespace cpuagg::notify {

// One line for each message of each report, with its state; one for each chat that has migrated;
// and one for each file that cannot be read. The text is safe to print, whatever the files hold.
std::string RenderStatus(const OutboxListing& listing, const OutboxState& state,
                         absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATUS_H_
