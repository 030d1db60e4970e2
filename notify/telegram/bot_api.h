// BotApi: the methods of Telegram's Bot API that cpuagg uses.
//
//   SendResult result = api.SendPhoto(chat, {.html = caption}, {.name = "cpu.png", ...});
//
// https://core.telegram.org/bots/api

#ifndef CPUAGG_NOTIFY_TELEGRAM_BOT_API_H_
#define CPUAGG_NOTIFY_TELEGRAM_BOT_API_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/http/http_client.h"
#include "notify/telegram/bot_api_reply.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"
#include "notify/telegram/seen_chats.h"

namespace cpuagg::notify {

// The text of a message, and how to send it.
struct MessageText {
  std::string html;       // at most kTextLimit (or kCaptionLimit) visible characters
  bool is_plain = false;  // `html` is plain text
  bool is_silent = false;
  int64_t reply_to = 0;  // a message in the same chat, which may be gone by now; or 0
};

// A file to send: its content, or the id under which the server already has it.
struct FileToSend {
  std::string name;
  std::string content_type;
  absl::string_view content;
  std::string file_id = {};  // if not empty, `content` is not sent
};

struct SendResult {
  Outcome outcome = Outcome::kNotSent;
  int64_t message_id = 0;  // if done
  std::string file_id;     // if done, the id of the sent file; also valid in other chats
  // The rest as in ApiReply. The detail does not show the token, and is one line of bounded length.
  absl::Duration retry_after;
  std::string new_chat_id;
  std::string detail;
};

// The bot or chat that was looked up.
struct LookupResult {
  Outcome outcome = Outcome::kNotSent;
  std::string name;  // "@lab_bot", "Lab news"; printable, without the token
  std::string kind;  // of a chat: "private", "group", "supergroup" or "channel"
  // The rest as in SendResult.
  absl::Duration retry_after;
  std::string new_chat_id;
  std::string detail;
};

// The chats in the bot's recent updates.
struct UpdatesResult {
  Outcome outcome = Outcome::kNotSent;
  // Names are printable, bounded, and do not show the token.
  std::vector<SeenChat> chats;
  // Another program receives the bot's updates: through a webhook, or by polling as well.
  bool is_for_another = false;
  // The rest as in SendResult.
  absl::Duration retry_after;
  std::string detail;
};

class BotApi {
 public:
  // `http` must outlive this object. `base_url` is one that CheckApiUrl() returned.
  BotApi(HttpClient& http, std::string base_url, Secret token)
      : http_(http), base_url_(std::move(base_url)), token_(std::move(token)) {}

  SendResult SendMessage(const Chat& chat, const MessageText& text);
  // Sends a picture, which Telegram recompresses.
  SendResult SendPhoto(const Chat& chat, const MessageText& caption, const FileToSend& file);
  // Sends any file unchanged.
  SendResult SendDocument(const Chat& chat, const MessageText& caption, const FileToSend& file);

  // Looks up the bot itself.
  LookupResult GetMe();
  LookupResult GetChat(const Chat& chat);

  // The chats that the bot has seen recently: those in the first hundred updates that nobody has
  // fetched. Does not confirm the updates to the server, and does not change which kinds of updates
  // it keeps. So another program of the bot misses nothing.
  UpdatesResult GetUpdates();

  // Limits the duration of each request from now on.
  void SetTimeout(absl::Duration timeout) { timeout_ = timeout; }

 private:
  SendResult Send(absl::string_view method, const Chat& chat, std::vector<FormPart> parts,
                  const MessageText& text);
  // A server's text in a form that may be shown.
  std::string Quoted(absl::string_view text) const;
  ApiReply Call(absl::string_view method, std::vector<FormPart> parts, nlohmann::json& result);

  HttpClient& http_;
  std::string base_url_;
  Secret token_;
  absl::Duration timeout_ = absl::Seconds(120);
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_BOT_API_H_
