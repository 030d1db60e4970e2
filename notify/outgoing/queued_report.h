// QueuedReport: a report on its way, as the messages that it consists of in each chat.

#ifndef CPUAGG_NOTIFY_OUTGOING_QUEUED_REPORT_H_
#define CPUAGG_NOTIFY_OUTGOING_QUEUED_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "notify/outgoing/alert.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {

enum class PartState {
  kPending,
  kSending,  // on disk before the request leaves; found at the start of a run: nobody knows
  kSent,
  kUnconfirmed,  // it may have arrived
  kFailed,       // refused for good
};

enum class PartForm { kText, kPhoto, kDocument };

// One message.
struct QueuedMessage {
  PartForm form = PartForm::kText;
  std::string html;       // text or caption
  bool is_plain = false;  // `html` is text as it is to be seen
  bool is_silent = false;
  bool is_reply = false;  // to the first message of the report in its chat
  size_t file = 0;        // an index of QueuedReport::files; means nothing for text
  // The messages that it becomes if the chat takes no file.
  std::vector<std::string> texts = {};

  PartState state = PartState::kPending;
  uint32_t attempts = 0;
  int64_t message_id = 0;   // once sent
  std::string detail = {};  // of the last failure
};

// A report in one chat; parts in the order in which they are sent.
struct ChatQueue {
  Chat chat;
  std::vector<QueuedMessage> parts;
};

struct OutgoingFile {
  std::string name;
  std::string content_type;
  std::string content;
  // How the server calls it once it has been sent: then it is not sent a second time.
  std::string photo_id = {};
  std::string document_id = {};
};

struct QueuedReport {
  std::string id;  // letters, digits, '.', '_' and '-'; also the name of its file
  absl::Time created_at;
  absl::Time expires_at = absl::InfiniteFuture();  // what is not sent by then is given up
  std::string subject = {};                        // for people: host and period
  bool is_notice = false;                          // of a report that was given up
  std::vector<OutgoingFile> files = {};
  std::vector<ChatQueue> deliveries = {};
  std::vector<AlertMark> alerts = {};  // what it tells
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_QUEUED_REPORT_H_
