#include "tools/installation/steps/telegram_step.h"

#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "notify/http/curl_http_client.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "tools/config/telegram_config.h"
#include "tools/installation/steps/chat_choice.h"
#include "tools/send/send_greetings.h"

namespace cpuagg::tools {
namespace {

using notify::LookupResult;
using notify::Outcome;
using notify::UpdatesResult;

// A person is waiting.
constexpr absl::Duration kPatience = absl::Seconds(20);

// The configured token. Its file may be readable for everybody; the settings step fixes that.
absl::StatusOr<notify::Secret> ConfiguredToken(const Config& config) {
  absl::StatusOr<notify::Secret> found = config.BotToken();
  if (found.ok() || !absl::IsFailedPrecondition(found.status())) return found;
  const std::string in_file = config.InFileAlone("BOT_TOKEN").value_or("");
  if (in_file.empty()) return found;
  return ParseBotToken(in_file, absl::StrCat("BOT_TOKEN", config.InFile()));
}

// Accesses the configured server, with a token that may not be in the configuration yet.
class Server {
 public:
  Server(const TelegramConfig& destination, const notify::Secret& token)
      : http_(destination.MakeHttpClient()), api_(destination.MakeApi(http_, token)) {
    api_.SetTimeout(kPatience);
  }
  notify::BotApi& api() { return api_; }

 private:
  notify::CurlHttpClient http_;
  notify::BotApi api_;
};

std::string WhyNoUpdates(const UpdatesResult& updates) {
  if (!updates.is_for_another) return updates.detail;
  return absl::StrCat(
      "another program gets what is written to this bot, so its chats cannot be listed (",
      updates.detail,
      "); type the chat's id, which that program knows, or stop it for a moment, or make a bot of "
      "its own for cpuagg");
}

// The chats in the form of CHAT_ID; empty if there are none.
absl::StatusOr<std::string> AskForChats(SetupContext& context, notify::BotApi& api,
                                        const std::string& bot) {
  Dialogue& dialogue = context.dialogue;
  const bool is_named = absl::StartsWith(bot, "@");
  dialogue.Say(absl::StrCat("  Where reports go: send a message to ", bot,
                            " in its chat, or add it to your group and send /start",
                            is_named ? bot : "",
                            " there; in a channel, make it an administrator."));
  for (;;) {
    const UpdatesResult updates = api.GetUpdates();
    if (updates.outcome != Outcome::kDone) {
      dialogue.Note(WhyNoUpdates(updates));
    } else if (updates.chats.empty()) {
      dialogue.Say("  The bot has not seen any chats recently.");
    } else {
      dialogue.Say(absl::StrCat("  The bot has seen:\n",
                                absl::StripTrailingAsciiWhitespace(ListOfChats(updates.chats))));
    }
    for (;;) {
      const absl::StatusOr<std::string> answer = dialogue.Ask(
          "Chats (numbers as 1,3; an id or @channel; Enter: look again; - for none yet):");
      if (!answer.ok()) return answer.status();
      if (answer->empty()) break;
      if (*answer == "-") return "";
      absl::StatusOr<ChatChoice> chosen = ChosenChats(*answer, updates.chats);
      if (!chosen.ok()) {
        dialogue.Note(chosen.status().message());
        continue;
      }
      if (!chosen->remark.empty()) dialogue.Note(chosen->remark);
      return chosen->chats;
    }
  }
}

// The server decides whether it is valid.
void WarnIfCutOff(Dialogue& dialogue, const notify::Secret& token) {
  const std::string why = WhyTokenLooksCutOff(token);
  if (!why.empty()) dialogue.Note(absl::StrCat("the token looks cut off: ", why));
}

// Asks for a token and looks up its bot; empty if the admin enters none.
absl::Status AskForToken(SetupContext& context, const TelegramConfig& destination,
                         Telegram& telegram) {
  Dialogue& dialogue = context.dialogue;
  dialogue.Say(
      "  Reports go to Telegram through a bot: send /newbot to @BotFather there, which gives you "
      "the token.");
  for (;;) {
    const absl::StatusOr<std::string> typed =
        dialogue.AskHidden("Token of the bot (it is not shown; Enter for none, to collect only):");
    if (!typed.ok()) return typed.status();
    if (typed->empty()) return absl::OkStatus();
    absl::StatusOr<notify::Secret> token = ParseBotToken(*typed, "what was typed");
    if (!token.ok()) {
      dialogue.Note(token.status().message());
      continue;
    }
    WarnIfCutOff(dialogue, *token);
    Server server(destination, *token);
    const LookupResult bot = server.api().GetMe();
    if (bot.outcome == Outcome::kDone) {
      telegram.token = *std::move(token);
      telegram.bot = bot.name;
      dialogue.Done(absl::StrCat("the token belongs to ", bot.name));
      return absl::OkStatus();
    }
    dialogue.Note(absl::StrCat(bot.detail,
                               bot.outcome == Outcome::kBotRefused
                                   ? "; the server rejects this token: "
                                   : "; check the network, PROXY and TELEGRAM_API_URL, "
                                     "now ",
                               destination.api_url()));
    if (bot.outcome == Outcome::kBotRefused) continue;
    const absl::StatusOr<std::string> answer =
        dialogue.Ask("Take the token all the same (y), or try again (Enter)?");
    if (!answer.ok()) return answer.status();
    if (*answer == "y" || *answer == "yes") {
      telegram.token = *std::move(token);
      return absl::OkStatus();
    }
  }
}

// Looks up the bot of the configured token.
absl::Status CheckBot(SetupContext& context, notify::BotApi& api, const TelegramConfig& destination,
                      Telegram& telegram) {
  const LookupResult bot = api.GetMe();
  if (bot.outcome == Outcome::kDone) {
    telegram.bot = bot.name;
    context.dialogue.Done(absl::StrCat("the token exists; it belongs to ", bot.name));
    return absl::OkStatus();
  }
  if (bot.outcome == Outcome::kBotRefused) {
    return absl::FailedPreconditionError(
        absl::StrCat("the bot cannot be used: ", bot.detail, "; ", WhyBotIsRefused(destination)));
  }
  context.Leave(absl::StrCat("the bot could not be asked who it is: ", bot.detail,
                             "; check the network, PROXY and TELEGRAM_API_URL, and run cpuagg "
                             "send --test"));
  return absl::OkStatus();
}

// For a dry run, which may be anybody's.
std::string StateOfTelegram(const Config& config) {
  if (access(kHostConfiguration, R_OK) != 0 && errno == EACCES) {
    return absl::StrCat("only root can read ", kHostConfiguration);
  }
  const std::string chats = config.GetOr("CHAT_ID", "");
  return absl::StrCat(config.HasBotToken() && !chats.empty() ? "done" : "to do", "; ",
                      config.HasBotToken() ? "a token" : "no token", " and ",
                      chats.empty() ? "no chat" : absl::StrCat("the chats ", chats), " configured");
}

}  // namespace

absl::Status CheckTelegramIsWhole(SetupContext& context) {
  const Config& config = context.command.config;
  const bool has_chat = !config.GetOr("CHAT_ID", "").empty();
  const bool has_token = config.HasBotToken();
  const absl::StatusOr<TelegramConfig> server = TelegramConfig::FindServer(context.command);
  const absl::StatusOr<notify::Secret> token = ConfiguredToken(config);
  // A malformed setting is an error in any case.
  if (has_chat) {
    absl::Status chats = notify::ParseChats(config.GetOr("CHAT_ID", "")).status();
    if (!chats.ok()) return chats;
  }
  if ((has_chat || has_token) && !server.ok()) return server.status();
  if (has_token && absl::IsInvalidArgument(token.status())) return token.status();
  if (has_chat == has_token) return absl::OkStatus();
  if (has_chat) {
    return absl::FailedPreconditionError(
        absl::StrCat("CHAT_ID is set and there is no token: give BOT_TOKEN or BOT_TOKEN_FILE in "
                     "the environment, or write it into ",
                     kHostToken, ". Nothing was changed"));
  }
  std::string text = absl::StrCat(
      "there is a token and no chat: give CHAT_ID in the environment, "
      "or write it into ",
      kHostConfiguration, ". Nothing was changed");
  if (token.ok()) {
    const UpdatesResult updates = Server(*server, *token).api().GetUpdates();
    if (updates.outcome == Outcome::kDone && !updates.chats.empty()) {
      context.dialogue.Say(absl::StrCat("The bot has seen:\n", ListOfChats(updates.chats)));
    }
  }
  return absl::FailedPreconditionError(text);
}

absl::StatusOr<Telegram> ChooseTelegram(SetupContext& context) {
  Telegram telegram;
  const Config& config = context.command.config;
  if (!context.Begin("Bot and chats", "A bot sends the reports to the chats in CHAT_ID.",
                     absl::StrCat("write the token that @BotFather gives you into ", kHostToken,
                                  ", and CHAT_ID=... into ", kHostConfiguration),
                     [&] { return StateOfTelegram(config); })) {
    return telegram;
  }
  const absl::StatusOr<TelegramConfig> destination = TelegramConfig::FindServer(context.command);
  if (!destination.ok()) return destination.status();
  if (config.HasBotToken()) {
    absl::StatusOr<notify::Secret> token = ConfiguredToken(config);
    if (!token.ok()) return token.status();
    WarnIfCutOff(context.dialogue, *token);
    telegram.token = *std::move(token);
  }
  if (telegram.token.empty() && !context.dialogue.asks()) {
    context.dialogue.Done(
        absl::StrCat("neither token nor chat is given: cpuagg only collects, and `cpuagg report` "
                     "shows what it has. To get reports, run cpuagg setup again with BOT_TOKEN "
                     "and CHAT_ID in the environment"));
    return telegram;
  }
  absl::Status status = absl::OkStatus();
  if (telegram.token.empty()) {
    status = AskForToken(context, *destination, telegram);
  } else {
    status = CheckBot(context, Server(*destination, telegram.token).api(), *destination, telegram);
  }
  if (!status.ok()) return status;
  if (telegram.token.empty()) {
    context.dialogue.Note("without a bot cpuagg only collects, and `cpuagg report` shows it");
    return telegram;
  }
  if (const std::string configured = config.GetOr("CHAT_ID", ""); !configured.empty()) {
    const absl::StatusOr<std::vector<notify::Chat>> chats = notify::ParseChats(configured);
    if (!chats.ok()) return chats.status();
    // The value from the environment was printed just now.
    absl::StatusOr<bool> keeps = true;
    if (config.InFileAlone("CHAT_ID") == configured) {
      keeps = context.dialogue.Confirm(
          absl::StrCat("Reports go to ", configured, ", as configured. Keep that?"));
      if (!keeps.ok()) return keeps.status();
    }
    if (*keeps) {
      context.dialogue.Done(absl::StrCat("reports go to ", configured));
      telegram.chat_id = configured;
      return telegram;
    }
  }
  Server server(*destination, telegram.token);
  absl::StatusOr<std::string> chats =
      AskForChats(context, server.api(), telegram.bot.empty() ? "the bot" : telegram.bot);
  if (!chats.ok()) return chats.status();
  telegram.chat_id = *std::move(chats);
  if (telegram.chat_id.empty()) {
    context.dialogue.Note("without a chat no report is sent; run cpuagg setup again to choose one");
  } else {
    context.changes["CHAT_ID"] = telegram.chat_id;
    context.dialogue.Done(absl::StrCat("reports go to ", telegram.chat_id));
  }
  return telegram;
}

absl::Status GreetChats(SetupContext& context, const Telegram& telegram) {
  if (!telegram.is_complete() && !context.command.flags.dry_run) return absl::OkStatus();
  if (!context.Begin("Greeting", "A short message shows whether reports will arrive.",
                     "cpuagg send --test")) {
    return absl::OkStatus();
  }
  const std::string whom = absl::StrCat(telegram.bot, " ", telegram.chat_id);
  if (!telegram.bot.empty() && context.record.greeted == whom) {
    context.dialogue.Done(
        "the chats were greeted by an earlier setup; cpuagg send --test does it "
        "again");
    return absl::OkStatus();
  }
  const absl::StatusOr<TelegramConfig> destination = TelegramConfig::Find(context.command);
  if (!destination.ok()) return destination.status();
  if (SendGreetings(context.command, *destination, absl::Minutes(1)) != kDone) {
    context.Leave("not every chat was greeted, see above; fix that, and run cpuagg send --test");
    return absl::OkStatus();
  }
  context.dialogue.Done("every chat was greeted");
  context.record.greeted = whom;
  absl::Status saved = context.SaveRecord();
  if (!absl::IsInvalidArgument(saved)) return saved;
  // Telegram gives out no such name. The next setup greets them again.
  context.record.greeted.clear();
  return context.SaveRecord();
}

}  // namespace cpuagg::tools
