// `cpuagg send --test`: can reports reach every chat, and if not, what is to be mended?

#ifndef CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_
#define CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_

#include <string>

#include "absl/time/time.h"
#include "tools/config/command_context.h"
#include "tools/config/exit_code.h"
#include "tools/config/telegram_config.h"

namespace cpuagg::tools {

// Asks who the bot and the chats are, sends each chat a short greeting, and prints a line for each
// of them.
// Waits like a delivery where a server asks for it, and takes no longer than `run_budget`; if it
// asks for more, nothing is to be mended, and the status is kPostponed. A group that has another id
// now is greeted there, and the id told.
ExitCode SendGreetings(CommandContext& context, const TelegramConfig& destination,
                       absl::Duration run_budget);

// What is to be checked when the server refuses the bot altogether, or must not be sent anything.
std::string WhyBotIsRefused(const TelegramConfig& destination);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_SEND_GREETINGS_H_
