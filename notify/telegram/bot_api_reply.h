// Interprets a reply of the Bot API for the message that was sent.
//
// https://core.telegram.org/bots/api#making-requests; the error texts are those of the server's
// source, github.com/tdlib/telegram-bot-api.

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
  kNotSent,         // nothing arrived; trying again may succeed
  kServerFailed,    // the server reported a failure, but may have done it all the same
  kUnconfirmed,     // it may have arrived
  kChatMigrated,    // the group has a new id
  kMarkupRefused,   // the HTML could not be parsed
  kTooLong,         // the text or the caption
  kThreadRefused,   // the forum topic does not exist or is closed
  kMessageRefused,  // the chat does not take this message, or this kind of message
  kChatRefused,     // the chat takes nothing from this bot
  kBotRefused,      // the token or the URL is wrong: no chat can be reached
};

struct ApiReply {
  Outcome outcome = Outcome::kNotSent;
  // If not done: how long the server asks to wait; zero if it does not.
  absl::Duration retry_after;
  std::string new_chat_id;   // if the chat has migrated
  bool is_conflict = false;  // conflicts with another program of the bot: HTTP status 409
  // The error text of the server or the network. It may contain the token and have any length.
  std::string detail;
};

// Moves the member `result` of a successful reply to `result`, which is null before. `response` may
// be an error of HttpClient::Post().
ApiReply InterpretReply(const absl::StatusOr<HttpResponse>& response, nlohmann::json& result);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_BOT_API_REPLY_H_
