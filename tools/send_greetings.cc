#include "tools/send_greetings.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/bot_api.h"
#include "notify/chat.h"
#include "notify/curl_http_client.h"
#include "notify/html_text.h"
#include "notify/text.h"

namespace cpuagg::tools {
namespace {

using notify::Outcome;

// What the person can do about a chat that was not reached.
absl::string_view Remedy(Outcome outcome, const notify::Chat& chat) {
  switch (outcome) {
    case Outcome::kChatRefused:
      return absl::StartsWith(chat.id, "-") || absl::StartsWith(chat.id, "@")
                 ? "add the bot to this chat and let it write there (in a channel: as an "
                   "administrator), and check the id in CHAT_ID"
                 : "let the person write to the bot first, or unblock it, and check the id in "
                   "CHAT_ID";
    case Outcome::kChatMigrated:
      return "write the new id into CHAT_ID";
    case Outcome::kThreadRefused:
      return "the topic is gone or closed: check the topic after the / in CHAT_ID";
    case Outcome::kNotSent:
      return "check the network, PROXY and TELEGRAM_API_URL, or try again later";
    case Outcome::kServerFailed:
    case Outcome::kUnconfirmed:
      return "look in the chat to see whether it arrived, and try again later";
    default:
      return "nothing of the kind should happen to a greeting";
  }
}

}  // namespace

std::string WhyBotIsRefused(const Destination& destination) {
  return absl::StrCat("nothing can be sent to ", destination.api_url(),
                      " as things are: check BOT_TOKEN, TELEGRAM_API_URL, PROXY and, for https, "
                      "the certificate (CA_FILE); undelivered reports stay in the outbox");
}

ExitCode SendGreetings(Session& session, const Destination& destination) {
  notify::CurlHttpClient http = destination.MakeHttpClient();
  notify::BotApi api = destination.MakeApi(http);
  const notify::LookupResult bot = api.GetMe();
  if (bot.outcome != Outcome::kDone) {
    session.console.Error(absl::StrCat("the bot cannot be reached: ", bot.detail));
    if (bot.outcome == Outcome::kBotRefused) {
      session.console.Error(WhyBotIsRefused(destination));
      return kFailed;
    }
    session.console.Error(Remedy(bot.outcome, {}));
    return kFailed;
  }
  std::string text = absl::StrCat("bot ", bot.name, " at ", destination.api_url(), "\n");
  bool all_reached = true;
  for (const notify::Chat& chat : destination.chats()) {
    const notify::LookupResult found = api.GetChat(chat);
    Outcome outcome = found.outcome;
    std::string detail = found.detail;
    if (outcome == Outcome::kDone) {
      const notify::SendResult sent = api.SendMessage(
          chat,
          {.html = absl::StrCat("<b>", notify::EscapeHtml(notify::Printable(session.HostName())),
                                "</b> · cpuagg reaches this chat")});
      outcome = sent.outcome;
      detail = sent.detail;
    }
    if (outcome == Outcome::kDone) {
      absl::StrAppend(&text, "chat ", chat.text(), " (", found.kind, " ", found.name,
                      "): greeted\n");
      continue;
    }
    all_reached = false;
    session.console.Error(
        absl::StrCat("chat ", chat.text(), ": ", detail, "; ", Remedy(outcome, chat)));
  }
  const absl::Status printed = session.console.Print(text);
  if (!printed.ok()) return session.Fail(printed);
  return all_reached ? kDone : kFailed;
}

}  // namespace cpuagg::tools
