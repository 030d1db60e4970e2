// `cpuagg send --test`: can reports reach every chat, and if not, what is to be mended?

#ifndef CPUAGG_TOOLS_SEND_GREETINGS_H_
#define CPUAGG_TOOLS_SEND_GREETINGS_H_

#include <string>

#include "tools/destination.h"
#include "tools/exit_code.h"
#include "tools/session.h"

namespace cpuagg::tools {

// Asks who the bot and the chats are, sends each chat a short greeting, and prints a line for each
// of them.
ExitCode SendGreetings(Session& session, const Destination& destination);

// What is to be checked when the server refuses the bot altogether, or must not be sent anything.
std::string WhyBotIsRefused(const Destination& destination);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SEND_GREETINGS_H_
