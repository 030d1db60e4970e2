// QueuedReport: a report to be sent, as its messages for each chat.

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
  kSending,  // written to disk before the request; if a run finds it, the outcome is unknown
  kSent,
  kUnconfirmed,  // may have arrived
  kFailed,       // refused for good
};

enum class PartForm { kText, kPhoto, kDocument };

// One message.
struct QueuedMessage {
  PartForm form = PartForm::kText;
  std::string html;       // text or caption
  bool is_plain = false;  // `html` is plain text
  bool is_silent = false;
  bool is_reply = false;  // to the first message of the report in its chat
  size_t file = 0;        // an index of QueuedReport::files; unused for text
  // The messages to send instead if the chat takes no files.
  std::vector<std::string> texts = {};

  PartState state = PartState::kPending;
  uint32_t attempts = 0;
  int64_t message_id = 0;   // once sent
  std::string detail = {};  // about the last failure
};

// A report in one chat. The parts are in sending order.
struct ChatQueue {
  Chat chat;
  std::vector<QueuedMessage> parts;
};

struct OutgoingFile {
  std::string name;
  std::string content_type;
  std::string content;
  // The server's ids for the file once it has been sent: then it is not uploaded again.
  std::string photo_id = {};
  std::string document_id = {};
};

struct QueuedReport {
  std::string id;  // letters, digits, '.', '_' and '-'; also the name of its file
  absl::Time created_at;
  absl::Time expires_at = absl::InfiniteFuture();  // messages unsent by then are given up
  std::string subject = {};                        // for people: host and period
  bool is_notice = false;                          // says that a report was given up
  std::vector<OutgoingFile> files = {};
  std::vector<ChatQueue> deliveries = {};
  std::vector<AlertMark> alerts = {};  // the alerts that it contains
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTGOING_QUEUED_REPORT_H_
