// The step of setup that finds out which bot sends, and to which chats.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "notify/telegram/secret.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// What reports are sent with; empty for what there is not.
struct Telegram {
  notify::Secret token;
  std::string bot;      // "@lab_bot"; empty if it could not be asked
  std::string chat_id;  // as CHAT_ID has it

  // Whether there is all that it takes.
  bool is_complete() const { return !token.empty() && !chat_id.empty(); }
};

// Without anybody to ask: whether token and chats are both configured, or neither is.
// FailedPrecondition lists what is missing, and the chats that the bot has seen; InvalidArgument
// says which setting is malformed.
absl::Status CheckTelegramIsWhole(SetupContext& context);

// Takes what is configured and asks for what is not. FailedPrecondition if the server refuses a
// token that nobody can be asked about; a server that cannot be reached is said, and no error.
absl::StatusOr<Telegram> ChooseTelegram(SetupContext& context);

// Greets the chats, unless an earlier setup did.
absl::Status GreetChats(SetupContext& context, const Telegram& telegram);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_
