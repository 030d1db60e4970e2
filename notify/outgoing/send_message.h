// One message of a report as a request to the Bot API.

#ifndef CPUAGG_NOTIFY_OUTGOING_SEND_MESSAGE_H_
#define CPUAGG_NOTIFY_OUTGOING_SEND_MESSAGE_H_

#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"

namespace cpuagg::notify {

// Sends `message` of `report` to the chat of `queue`, both of which it is in. A reply is one to the
// first message of `queue` that has been sent. A file that the server has had before is sent as
// its id.
SendResult SendQueuedMessage(BotApi& api, const QueuedReport& report, const ChatQueue& queue,
                             const QueuedMessage& message);

// Notes in `report` how the server calls the file of `message`, which has been sent.
void KeepFileId(const SendResult& result, const QueuedMessage& message, QueuedReport& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_SEND_MESSAGE_H_
