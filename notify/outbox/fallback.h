// FallBack: changes a message that a server has refused, so that the server may accept it.

#ifndef CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_
#define CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_

#include <cstddef>

#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"

namespace cpuagg::notify {

// Changes part `part` of `delivery`, or the chat, after the server answered `result`. False if
// there is nothing left to try.
//
// - A group that became a supergroup gets its new id.
// - A missing topic is left out.
// - HTML that could not be parsed is sent as plain text.
// - A text that is too long is cut in two between lines.
// - A photo is sent as a document, and a document as text.
//
// New parts follow `part`. Whatever the answers are, this ends, except for groups that redirect to
// each other.
bool FallBack(const SendResult& result, QueuedReport& report, ChatQueue& delivery, size_t part);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_FALLBACK_H_
