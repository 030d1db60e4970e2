// `cpuagg send --test`: finds out whether reports can reach every chat, and if not, what has to be
// fixed.

#ifndef CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_
#define CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_

#include <string>

#include "absl/time/time.h"
#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"
#include "tools/config/telegram_config.h"

namespace cpuagg::tools {

// Looks up the bot and the chats, sends each chat a short greeting, and prints a line for each of
// them. Waits like a delivery if the server asks for it, but takes no longer than `run_budget`. If
// the server asks for more, nothing has to be fixed, and the status is kPostponed. A group with a
// new id is greeted there, and the new id is printed.
ExitCode SendGreetings(CommandContext& context, const TelegramConfig& destination,
                       absl::Duration run_budget);

// What to check if the server refuses the bot, or if requests must not be sent to it.
std::string WhyBotIsRefused(const TelegramConfig& destination);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_
