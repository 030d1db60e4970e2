#include "tools/send/bot_lookup.h"

#include "absl/strings/match.h"

namespace cpuagg::tools {

using notify::Outcome;

absl::string_view RemedyFor(Outcome outcome, const notify::Chat& chat) {
  switch (outcome) {
    case Outcome::kChatRefused:
      return absl::StartsWith(chat.id, "-") || absl::StartsWith(chat.id, "@")
                 ? "add the bot to this chat and let it write there (in a channel: as an "
                   "administrator), and check the id in CHAT_ID"
                 : "let the person write to the bot first, or unblock it, and check the id in "
                   "CHAT_ID";
    case Outcome::kChatMigrated:
      return "check the id in CHAT_ID";
    case Outcome::kThreadRefused:
      return "the topic is gone or closed: check the topic after the / in CHAT_ID";
    case Outcome::kNotSent:
      return "check the network, PROXY and TELEGRAM_API_URL, or try again later";
    case Outcome::kServerFailed:
    case Outcome::kUnconfirmed:
      return "look in the chat to see whether it arrived, and try again later";
    default:
      return "this answer to a greeting is unexpected; please report it";
  }
}

absl::string_view RemedyForLookup(Outcome outcome, const notify::Chat& chat) {
  switch (outcome) {
    case Outcome::kServerFailed:
    case Outcome::kUnconfirmed:
      return "the server did not say whether it knows this chat, and nothing was sent to it; try "
             "again later";
    case Outcome::kMarkupRefused:
    case Outcome::kTooLong:
    case Outcome::kMessageRefused:
      return "check the id in CHAT_ID, and whether the bot is in this chat";
    default:
      return RemedyFor(outcome, chat);
  }
}

}  // namespace cpuagg::tools
