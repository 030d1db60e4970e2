// The admin's choice of chats: a numbered list of those that the bot has seen, and the answer.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/telegram/seen_chats.h"

namespace cpuagg::tools {

// One line per chat: "1  Lab news   channel     -1001234567890".
std::string ListOfChats(const std::vector<notify::SeenChat>& seen);

struct ChatChoice {
  std::string chats;   // in the form of CHAT_ID
  std::string remark;  // which numbers were taken for ids; empty if none
};

// Parses an answer such as "1,3" or "2, -1001234567890/7 @channel": line numbers, and chats in the
// form of CHAT_ID. A number without a line is an id. InvalidArgument names what is not a chat.
absl::StatusOr<ChatChoice> ChosenChats(absl::string_view answer,
                                       const std::vector<notify::SeenChat>& seen);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_
