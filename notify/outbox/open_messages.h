// Which messages of a report are open: still to be sent.

#ifndef CPUAGG_NOTIFY_OUTBOX_OPEN_MESSAGES_H_
#define CPUAGG_NOTIFY_OUTBOX_OPEN_MESSAGES_H_

#include "absl/time/time.h"
#include "notify/outbox/retry_policy.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {

// A message that may have arrived is open only if it has to arrive at least once.
bool IsOpen(const QueuedMessage& message, Guarantee guarantee);
int CountOpen(const ChatQueue& queue, Guarantee guarantee);
int CountOpen(const QueuedReport& report, Guarantee guarantee);

// Whether the chat has taken all messages. One after a message that it refused proves nothing.
bool HasAll(const ChatQueue& queue);

// Makes of `report` a notice that it is lost, to the chats in which some of it is open. Nothing is
// left of a report that is a notice itself. The notice begins its way at `now`.
void BecomeNotice(QueuedReport& report, Guarantee guarantee, absl::Time now,
                  absl::Duration lifetime);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OPEN_MESSAGES_H_
