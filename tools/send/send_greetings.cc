#include "tools/send/send_greetings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/http/curl_http_client.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"
#include "tools/send/bot_lookup.h"

namespace cpuagg::tools {
namespace {

using notify::LookupResult;
using notify::Outcome;
using notify::SendResult;

// The result for one chat.
struct Greeting {
  LookupResult found;  // the chat's name, if it was found
  notify::Chat chat;   // where the greeting was sent
  Outcome outcome = Outcome::kNotSent;
  std::string detail;
  bool is_asked_to_wait = false;
  bool is_sent = false;  // the outcome is that of the message, not of the question before it
};

template <typename Result>
void Note(const Result& result, Greeting& greeting) {
  greeting.outcome = result.outcome;
  greeting.detail = result.detail;
  greeting.is_asked_to_wait = Patience::IsAskedToWait(result);
}

// Greets `chat`, or the chat that it has become.
Greeting Greet(notify::BotApi& api, Patience& timeout, const notify::Chat& chat,
               const std::string& html) {
  Greeting greeting = {.chat = chat};
  // A chat migrates at most once.
  for (const bool may_migrate : {true, false}) {
    greeting.is_sent = false;
    greeting.found = timeout.Ask([&] { return api.GetChat(greeting.chat); });
    Note(greeting.found, greeting);
    std::string new_chat_id = greeting.found.new_chat_id;
    if (greeting.outcome == Outcome::kDone) {
      SendResult sent = timeout.Ask([&] { return api.SendMessage(greeting.chat, {.html = html}); });
      Note(sent, greeting);
      greeting.is_sent = true;
      new_chat_id = std::move(sent.new_chat_id);
    }
    if (greeting.outcome != Outcome::kChatMigrated || !may_migrate) break;
    greeting.chat.id = std::move(new_chat_id);
  }
  return greeting;
}

}  // namespace

std::string WhyBotIsRefused(const TelegramConfig& destination) {
  const std::string& file = destination.configuration();
  const std::string& origin = destination.token_origin();
  return absl::StrCat("cannot send to ", destination.api_url(), ": check the bot token",
                      origin.empty() ? "" : ", which is from ", origin,
                      ", and TELEGRAM_API_URL, PROXY and, for https, the certificate (CA_FILE)",
                      file.empty() ? "" : absl::StrCat(" in ", file));
}

ExitCode SendGreetings(CommandContext& context, const TelegramConfig& destination,
                       absl::Duration run_budget) {
  // Then the settings are not the problem.
  if (const absl::Status status = notify::CurlHttpClient::Load(); !status.ok()) {
    return context.Fail(status);
  }
  notify::CurlHttpClient http = destination.MakeHttpClient();
  notify::BotApi api = destination.MakeApi(http);
  Patience timeout(api, run_budget);
  const LookupResult bot = timeout.Ask([&] { return api.GetMe(); });
  if (bot.outcome != Outcome::kDone) {
    context.console.Error(absl::StrCat("the bot cannot be reached: ", bot.detail));
    if (Patience::IsAskedToWait(bot)) return kPostponed;
    context.console.Error(
        bot.outcome == Outcome::kBotRefused
            ? WhyBotIsRefused(destination)
            : "check the network, PROXY and TELEGRAM_API_URL, or try again later");
    return kFailed;
  }
  const std::string html =
      absl::StrCat("<b>", notify::EscapeHtml(notify::Printable(context.HostName())),
                   "</b> · cpuagg reaches this chat");
  std::string text = absl::StrCat("bot ", bot.name, " at ", destination.api_url(), "\n");
  ExitCode code = kDone;
  for (const notify::Chat& chat : destination.chats()) {
    const Greeting greeting = Greet(api, timeout, chat, html);
    if (greeting.chat.id != chat.id) {
      absl::StrAppend(&text, "chat ", chat.id, " has become ", greeting.chat.id,
                      "; write that into CHAT_ID\n");
    }
    if (greeting.outcome == Outcome::kDone) {
      absl::StrAppend(&text, "chat ", greeting.chat.text(), " (", greeting.found.kind, " ",
                      greeting.found.name, "): greeted\n");
      continue;
    }
    const absl::string_view remedy = greeting.is_asked_to_wait ? "try again then"
                                     : greeting.is_sent
                                         ? RemedyFor(greeting.outcome, greeting.chat)
                                         : RemedyForLookup(greeting.outcome, greeting.chat);
    context.console.Error(
        absl::StrCat("chat ", greeting.chat.text(), ": ", greeting.detail, "; ", remedy));
    // A problem that has to be fixed has priority over one that passes.
    if (code == kDone || code == kPostponed) {
      code = greeting.is_asked_to_wait ? kPostponed : kFailed;
    }
  }
  const absl::Status printed = context.console.Print(text);
  if (!printed.ok()) return context.Fail(printed);
  return code;
}

}  // namespace cpuagg::tools
