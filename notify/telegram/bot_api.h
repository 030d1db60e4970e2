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

// What a message says, and how it comes.
struct MessageText {
  std::string html;       // with kTextLimit visible characters at most, or kCaptionLimit
  bool is_plain = false;  // `html` is text as it is to be seen
  bool is_silent = false;
  int64_t reply_to = 0;  // a message in the same chat, which need not be there any more; or 0
};

// A file to send: its content, or the name by which the server has it already.
struct FileToSend {
  std::string name;
  std::string content_type;
  absl::string_view content;
  std::string file_id = {};  // if not empty, `content` is not sent
};

struct SendResult {
  Outcome outcome = Outcome::kNotSent;
  int64_t message_id = 0;  // if done
  std::string file_id;     // if done, of the file that was sent: good for other chats
  // The rest as in ApiReply; the detail is without the token, in one line of bounded length.
  absl::Duration retry_after;
  std::string new_chat_id;
  std::string detail;
};

// Who was asked for.
struct LookupResult {
  Outcome outcome = Outcome::kNotSent;
  std::string name;  // "@lab_bot", "Lab news"; printable, and without the token
  std::string kind;  // of a chat: "private", "group", "supergroup" or "channel"
  // The rest as in SendResult.
  absl::Duration retry_after;
  std::string new_chat_id;
  std::string detail;
};

// What has happened where the bot is.
struct UpdatesResult {
  Outcome outcome = Outcome::kNotSent;
  // Names are printable, bounded, and without the token.
  std::vector<SeenChat> chats;
  // Another program gets the bot's updates: through a webhook, or by asking as well.
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
  // A picture, which Telegram recompresses.
  SendResult SendPhoto(const Chat& chat, const MessageText& caption, const FileToSend& file);
  // Any file, as it is.
  SendResult SendDocument(const Chat& chat, const MessageText& caption, const FileToSend& file);

  // The bot itself.
  LookupResult GetMe();
  LookupResult GetChat(const Chat& chat);

  // The chats that the bot has seen of late: in the first hundred updates that nobody has fetched.
  // Nothing is confirmed to the server, and what kinds of updates it keeps is left as it is, so
  // that another program of the bot misses nothing.
  UpdatesResult GetUpdates();

  // No request takes longer than this from now on.
  void SetTimeout(absl::Duration timeout) { timeout_ = timeout; }

 private:
  SendResult Send(absl::string_view method, const Chat& chat, std::vector<FormPart> parts,
                  const MessageText& text);
  // What a server said, as it may be repeated.
  std::string Quoted(absl::string_view text) const;
  ApiReply Call(absl::string_view method, std::vector<FormPart> parts, nlohmann::json& result);

  HttpClient& http_;
  std::string base_url_;
  Secret token_;
  absl::Duration timeout_ = absl::Seconds(120);
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TELEGRAM_BOT_API_H_
