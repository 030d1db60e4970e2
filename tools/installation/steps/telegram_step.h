// The step of setup that finds out which bot sends reports, and to which chats.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "notify/telegram/secret.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// The settings to send reports with; empty if missing.
struct Telegram {
  notify::Secret token;
  std::string bot;      // "@lab_bot"; empty if it could not be looked up
  std::string chat_id;  // in the form of CHAT_ID

  // Whether nothing is missing.
  bool is_complete() const { return !token.empty() && !chat_id.empty(); }
};

// For a setup that may not ask: OK if token and chats are both configured, or neither is. Otherwise
// FailedPrecondition lists what is missing, and the chats that the bot has seen. InvalidArgument
// names a malformed setting.
absl::Status CheckTelegramIsWhole(SetupContext& context);

// Uses the configured settings and asks for missing ones. FailedPrecondition if the server refuses
// the token and nobody can be asked for another. An unreachable server is reported, but is not an
// error.
absl::StatusOr<Telegram> ChooseTelegram(SetupContext& context);

// Greets the chats, unless an earlier setup did.
absl::Status GreetChats(SetupContext& context, const Telegram& telegram);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_TELEGRAM_STEP_H_
