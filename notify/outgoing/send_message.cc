#include "notify/outgoing/send_message.h"

#include <cstdint>

namespace cpuagg::notify {
namespace {

// Zero if none has been sent.
int64_t FirstMessage(const ChatQueue& queue) {
  for (const QueuedMessage& message : queue.parts) {
    if (message.state == PartState::kSent) return message.message_id;
  }
  return 0;
}

}  // namespace

SendResult SendQueuedMessage(BotApi& api, const QueuedReport& report, const ChatQueue& queue,
                             const QueuedMessage& message) {
  const MessageText text = {.html = message.html,
                            .is_plain = message.is_plain,
                            .is_silent = message.is_silent,
                            .reply_to = message.is_reply ? FirstMessage(queue) : 0};
  if (message.form == PartForm::kText) return api.SendMessage(queue.chat, text);
  const OutgoingFile& file = report.files[message.file];
  FileToSend to_send = {
      .name = file.name, .content_type = file.content_type, .content = file.content};
  if (message.form == PartForm::kPhoto) {
    to_send.file_id = file.photo_id;
    return api.SendPhoto(queue.chat, text, to_send);
  }
  to_send.file_id = file.document_id;
  return api.SendDocument(queue.chat, text, to_send);
}

void KeepFileId(const SendResult& result, const QueuedMessage& message, QueuedReport& report) {
  if (message.form == PartForm::kPhoto) report.files[message.file].photo_id = result.file_id;
  if (message.form == PartForm::kDocument) report.files[message.file].document_id = result.file_id;
}

}  // namespace cpuagg::notify
