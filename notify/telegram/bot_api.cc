#include "notify/telegram/bot_api.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "notify/telegram/json_member.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

// A server's text for an error: one line of bounded length.
std::string Excerpt(absl::string_view text) { return Shortened(Printable(text), 200); }

// The file id of a sent message. For a photo, the last size is the largest.
std::string FileIdIn(const json& message) {
  const auto photo = message.find("photo");
  if (photo != message.end() && photo->is_array() && !photo->empty()) {
    return StringIn(photo->back(), "file_id");
  }
  const auto document = message.find("document");
  return document == message.end() ? "" : StringIn(*document, "file_id");
}

FormPart PartFor(const char* field, const FileToSend& file) {
  if (!file.file_id.empty()) return {.name = field, .content = file.file_id};
  return {.name = field,
          .content = std::string(file.content),
          .file_name = file.name,
          .content_type = file.content_type};
}

}  // namespace

std::string BotApi::Quoted(absl::string_view text) const {
  // Redacts before cutting, so that no part of a token is left at the end.
  return Excerpt(token_.Redact(text));
}

ApiReply BotApi::Call(absl::string_view method, std::vector<FormPart> parts, json& result) {
  ApiReply reply = InterpretReply(
      http_.Post({.url = absl::StrCat(base_url_, "/bot", token_.Reveal(), "/", method),
                  .parts = std::move(parts),
                  .timeout = timeout_}),
      result);
  reply.detail = Quoted(reply.detail);
  return reply;
}

SendResult BotApi::Send(absl::string_view method, const Chat& chat, std::vector<FormPart> parts,
                        const MessageText& text) {
  parts.push_back({.name = "chat_id", .content = chat.id});
  if (!chat.thread.empty()) parts.push_back({.name = "message_thread_id", .content = chat.thread});
  if (!text.is_plain) parts.push_back({.name = "parse_mode", .content = "HTML"});
  if (text.is_silent) parts.push_back({.name = "disable_notification", .content = "true"});
  if (text.reply_to != 0) {
    parts.push_back(
        {.name = "reply_parameters",
         .content =
             json{{"message_id", text.reply_to}, {"allow_sending_without_reply", true}}.dump()});
  }
  json message;
  ApiReply reply = Call(method, std::move(parts), message);
  SendResult sent = {.outcome = reply.outcome,
                     .retry_after = reply.retry_after,
                     .new_chat_id = std::move(reply.new_chat_id),
                     .detail = std::move(reply.detail)};
  if (sent.outcome != Outcome::kDone) return sent;
  const auto id = message.find("message_id");
  if (id == message.end() || !id->is_number_integer()) {
    sent.outcome = Outcome::kUnconfirmed;
    sent.detail = "the server reports success without the id of the message";
    return sent;
  }
  sent.message_id = id->get<int64_t>();
  sent.file_id = FileIdIn(message);
  // Data on disk must never contain the token, whatever ids a server gives its files.
  if (token_.Redact(sent.file_id) != sent.file_id) sent.file_id.clear();
  return sent;
}

SendResult BotApi::SendMessage(const Chat& chat, const MessageText& text) {
  return Send("sendMessage", chat,
              {{.name = "text", .content = text.html},
               {.name = "link_preview_options", .content = R"({"is_disabled":true})"}},
              text);
}

SendResult BotApi::SendPhoto(const Chat& chat, const MessageText& caption, const FileToSend& file) {
  return Send("sendPhoto", chat,
              {PartFor("photo", file), {.name = "caption", .content = caption.html}}, caption);
}

SendResult BotApi::SendDocument(const Chat& chat, const MessageText& caption,
                                const FileToSend& file) {
  return Send("sendDocument", chat,
              {PartFor("document", file), {.name = "caption", .content = caption.html}}, caption);
}

LookupResult BotApi::GetMe() {
  json result;
  ApiReply reply = Call("getMe", {}, result);
  return {.outcome = reply.outcome,
          .name = absl::StrCat("@", Quoted(StringIn(result, "username"))),
          .retry_after = reply.retry_after,
          .detail = std::move(reply.detail)};
}

LookupResult BotApi::GetChat(const Chat& chat) {
  json result;
  ApiReply reply = Call("getChat", {{.name = "chat_id", .content = chat.id}}, result);
  // Persons have a first name, all other chats a title.
  std::string name = StringIn(result, "title");
  if (name.empty()) name = StringIn(result, "first_name");
  return {.outcome = reply.outcome,
          .name = Quoted(name),
          .kind = Quoted(StringIn(result, "type")),
          .retry_after = reply.retry_after,
          .new_chat_id = std::move(reply.new_chat_id),
          .detail = std::move(reply.detail)};
}

UpdatesResult BotApi::GetUpdates() {
  // Without an offset, which would confirm earlier updates, and without a list of kinds, which the
  // server would remember.
  json result;
  ApiReply reply = Call("getUpdates", {{.name = "limit", .content = "100"}}, result);
  UpdatesResult updates = {.outcome = reply.outcome,
                           .chats = ChatsIn(result),
                           .is_for_another = reply.is_conflict,
                           .retry_after = reply.retry_after,
                           .detail = std::move(reply.detail)};
  for (SeenChat& seen : updates.chats) {
    seen.name = Quoted(seen.name);
    seen.topic_name = Quoted(seen.topic_name);
  }
  return updates;
}

}  // namespace cpuagg::notify
