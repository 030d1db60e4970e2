// Chat: where to send a message, as written in CHAT_ID.

#ifndef CPUAGG_NOTIFY_TELEGRAM_CHAT_H_
#define CPUAGG_NOTIFY_TELEGRAM_CHAT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

struct Chat {
  // A number (positive for a person, negative for a group, -100... for a supergroup or channel), or
  // the name of a public channel, with its "@".
  std::string id;
  // The forum topic. Empty for none, and also for topic 1, "General", which is the chat itself.
  std::string thread;

  // As written in CHAT_ID: "-1001234567890/42".
  std::string text() const { return thread.empty() ? id : id + "/" + thread; }

  friend bool operator==(const Chat&, const Chat&) = default;
};

// Parses a comma-separated list and returns each chat once. InvalidArgument names the invalid
// entry, unless it is longer than any chat, since it may then be a secret.
absl::StatusOr<std::vector<Chat>> ParseChats(absl::string_view list);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_CHAT_H_
