// The chats that a bot has seen, from the updates that it has not fetched yet: where somebody
// wrote to it, or to a group that it is in, or added it.
//
// https://core.telegram.org/bots/api#update

#ifndef CPUAGG_NOTIFY_TELEGRAM_SEEN_CHATS_H_
#define CPUAGG_NOTIFY_TELEGRAM_SEEN_CHATS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "notify/telegram/chat.h"

namespace cpuagg::notify {

struct SeenChat {
  Chat chat;                    // with a topic for what was written in one
  std::string name;             // a title, or a person's name; as the server has it, of any length
  std::string kind;             // "private", "group", "supergroup" or "channel"
  std::string topic_name = {};  // of a topic, if it was told

  friend bool operator==(const SeenChat&, const SeenChat&) = default;
};

// Sorted by name and id, a forum before its topics, each once; no more than 200. Chats that the bot
// was removed from, and groups that have become supergroups, are left out. `updates` may be
// anything: what is not understood is passed over.
std::vector<SeenChat> ChatsIn(const nlohmann::json& updates);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_SEEN_CHATS_H_
