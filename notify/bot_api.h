// BotApi: the methods of Telegram's Bot API that cpuagg uses, with the outcomes told apart that
// call for different answers.
//
//   SendResult result = api.SendPhoto(chat, caption_html, png);
//
// https://core.telegram.org/bots/api

#ifndef CPUAGG_NOTIFY_BOT_API_H_
#define CPUAGG_NOTIFY_BOT_API_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/chat.h"
#include "notify/http_client.h"
#include "notify/secret.h"

namespace cpuagg::notify {

enum class SendOutcome {
  kSent,
  kNotSent,         // nothing arrived; the same may succeed later
  kUnconfirmed,     // it may have arrived
  kMessageRefused,  // this message will not be taken by this chat
  kChatRefused,     // this chat takes nothing from this bot
  kBotRefused,      // the token or the address is wrong: no chat will be reached
};

struct SendResult {
  SendOutcome outcome = SendOutcome::kNotSent;
  int64_t message_id = 0;  // if sent
  // If not sent: how long the server asked to wait; zero if it did not.
  absl::Duration retry_after;
  // What went wrong, without the token. Empty if sent.
  std::string detail;
};

// Checks the address of a Bot API server and returns it without a trailing slash. InvalidArgument
// unless it is https (or http to this machine) with nothing but host, port and path.
absl::StatusOr<std::string> CheckApiUrl(absl::string_view url);

class BotApi {
 public:
  // `http` must outlive this object. `base_url` is one that CheckApiUrl() returned.
  BotApi(HttpClient& http, std::string base_url, Secret token)
      : http_(http), base_url_(std::move(base_url)), token_(std::move(token)) {}

  // Sends `html` of at most kTextLimit visible characters.
  SendResult SendMessage(const Chat& chat, const std::string& html);

  // Sends a picture with a caption of at most kCaptionLimit visible characters.
  SendResult SendPhoto(const Chat& chat, const std::string& caption_html, const std::string& png);

  // The same as a file, which Telegram passes on as it is instead of recompressing it.
  SendResult SendDocument(const Chat& chat, const std::string& caption_html,
                          const std::string& png);

 private:
  SendResult SendPng(absl::string_view method, const char* field, const Chat& chat,
                     const std::string& caption_html, const std::string& png);
  SendResult Call(absl::string_view method, const Chat& chat, std::vector<FormPart> parts);

  HttpClient& http_;
  std::string base_url_;
  Secret token_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_BOT_API_H_
