// The choice of chats: those that the bot has seen, numbered, and what the admin answers.

#ifndef CPUAGG_TOOLS_INSTALLATION_CHAT_CHOICE_H_
#define CPUAGG_TOOLS_INSTALLATION_CHAT_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/seen_chats.h"

namespace cpuagg::tools {

// A line for each: "1  Lab news   channel     -1001234567890".
std::string ListOfChats(const std::vector<notify::SeenChat>& seen);

// What "1,3" or "2, -1001234567890/7 @channel" names, as it stands in CHAT_ID: numbers of lines,
// and chats as they are written there. InvalidArgument says what is no chat.
absl::StatusOr<std::string> ChosenChats(absl::string_view answer,
                                        const std::vector<notify::SeenChat>& seen);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CHAT_CHOICE_H_
