// The chats that a bot writes to.

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_CHAT_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_CHAT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {

struct Chat {
  int64_t id = 0;        // never 0
  std::string username;  // without the "@"; empty for a chat named by number
};

// Finds the chat that `chat_id` names: a number or "@username", and, unless `known_chats` is
// empty, one of those. A username gets a made-up channel id, the same each time.
//
// InvalidArgument with the server's words: "chat_id is empty", "chat not found".
absl::StatusOr<Chat> FindChat(absl::string_view chat_id,
                              const std::vector<std::string>& known_chats);

// The Chat object of the Bot API. The type follows from the id: private chats are positive,
// basic groups negative, supergroups -100 and ten digits or more; usernames are channels here.
nlohmann::json ToJson(const Chat& chat);

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_CHAT_H_
