// What a reply of the Bot API means for the message that was sent.
//
// https://core.telegram.org/bots/api#making-requests; the words of the errors are those of the
// server's source, github.com/tdlib/telegram-bot-api.

#ifndef CPUAGG_NOTIFY_TELEGRAM_BOT_API_REPLY_H_
#define CPUAGG_NOTIFY_TELEGRAM_BOT_API_REPLY_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {

enum class Outcome {
  kDone,
  kNotSent,         // nothing arrived; the same may succeed later
  kServerFailed,    // the server says that it failed; it may have done it all the same
  kUnconfirmed,     // it may have arrived
  kChatMigrated,    // the group has another id now
  kMarkupRefused,   // the HTML could not be parsed
  kTooLong,         // the text or the caption
  kThreadRefused,   // the forum topic is not there, or closed
  kMessageRefused,  // this message, or this kind of it, will not be taken by this chat
  kChatRefused,     // this chat takes nothing from this bot
  kBotRefused,      // the token or the address is wrong: no chat will be reached
};

struct ApiReply {
  Outcome outcome = Outcome::kNotSent;
  // If not done: how long the server asked to wait; zero if it did not.
  absl::Duration retry_after;
  std::string new_chat_id;   // of a chat that has migrated
  bool is_conflict = false;  // with another program of the bot: HTTP status 409
  // What went wrong, as the server or the network has it: with the token, and of any length.
  std::string detail;
};

// `result`, which is null, becomes the member of that name of a reply that says that it is done.
// `response` may be the error of HttpClient::Post().
ApiReply InterpretReply(const absl::StatusOr<HttpResponse>& response, nlohmann::json& result);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_BOT_API_REPLY_H_
