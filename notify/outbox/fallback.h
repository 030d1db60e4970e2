// What is changed in a message that a server has refused, so that it takes it.

#ifndef CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_
#define CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_

#include <cstddef>

#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"

namespace cpuagg::notify {

// Changes the part of `delivery` with index `part`, or the chat, after the server gave `result`;
// false if nothing is left to try. A group that has become a supergroup is sought under its new id,
// a topic that is gone left out, HTML that was not understood sent as text, a text that is too long
// cut in two between its lines, a photo sent as a document and a document as text. Parts that are
// added stand behind `part`. Whatever the answers are, this ends, but for groups that send it from
// one to the other.
bool FallBack(const SendResult& result, QueuedReport& report, ChatQueue& delivery, size_t part);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_
