// Finds the chats that a bot has seen, in the updates that it has not fetched yet. In these chats
// somebody wrote to the bot, or to a group of the bot, or added the bot.
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
  Chat chat;                    // with a topic if the message was in one
  std::string name;             // a title or a person's name, from the server, of any length
  std::string kind;             // "private", "group", "supergroup" or "channel"
  std::string topic_name = {};  // the topic's name, if the update has it

  friend bool operator==(const SeenChat&, const SeenChat&) = default;
};

// Sorted by name and id, a forum before its topics, each once, at most 200. Leaves out chats from
// which the bot was removed, and groups that became supergroups. `updates` may be anything: unknown
// content is skipped.
std::vector<SeenChat> ChatsIn(const nlohmann::json& updates);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_SEEN_CHATS_H_
