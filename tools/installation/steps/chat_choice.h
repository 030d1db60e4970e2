// The choice of chats: those that the bot has seen, numbered, and what the admin answers.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/telegram/seen_chats.h"

namespace cpuagg::tools {

// A line for each: "1  Lab news   channel     -1001234567890".
std::string ListOfChats(const std::vector<notify::SeenChat>& seen);

struct ChatChoice {
  std::string chats;   // as they stand in CHAT_ID
  std::string remark;  // which numbers were taken for ids; empty if none
};

// What "1,3" or "2, -1001234567890/7 @channel" names: numbers of lines, and chats as they are
// written in CHAT_ID. A number of no line is an id. InvalidArgument says what is no chat.
absl::StatusOr<ChatChoice> ChosenChats(absl::string_view answer,
                                       const std::vector<notify::SeenChat>& seen);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_CHAT_CHOICE_H_
