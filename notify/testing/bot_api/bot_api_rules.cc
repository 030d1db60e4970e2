#include "notify/testing/bot_api/bot_api_rules.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/bot_api/chat.h"
#include "notify/testing/markup/formatted_text.h"
#include "notify/testing/markup/message_text.h"
#include "notify/testing/markup/utf8.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

// "<bot id>:<secret>". The real server does not say where a malformed token (404) ends and a
// wrong one (401) begins; its secrets have had 35 characters for years.
bool IsWellFormedToken(absl::string_view token) {
  const size_t colon = std::min(token.find(':'), token.size());
  const absl::string_view id = token.substr(0, colon);
  const absl::string_view secret = token.substr(std::min(colon + 1, token.size()));
  int64_t number = 0;
  return absl::SimpleAtoi(id, &number) && number > 0 &&
         absl::ascii_isdigit(static_cast<unsigned char>(id[0])) && secret.size() >= 20 &&
         secret.size() <= 64 && std::all_of(secret.begin(), secret.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
         });
}

absl::Status CheckFields(const Fields& fields) {
  size_t bytes = 0;
  bool valid = true;
  for (const auto& [name, field] : fields) {
    if (field.is_file()) continue;
    bytes += name.size() + field.value.size();
    valid = valid && IsValidUtf8(name) && IsValidUtf8(field.value);
  }
  if (bytes > kMaxFieldBytes) return absl::ResourceExhaustedError("");
  if (!valid) return absl::InvalidArgumentError("strings must be encoded in UTF-8");
  return absl::OkStatus();
}

std::string ValueOf(const Fields& fields, absl::string_view name) {
  const Field* field = FindField(fields, name);
  return field == nullptr || field->is_file() ? "" : field->value;
}

// The object in field `name`, null if there is no such field; `noun` is what errors call it.
absl::StatusOr<nlohmann::json> ReadObject(const Fields& fields, absl::string_view name,
                                          absl::string_view noun) {
  const std::string value = ValueOf(fields, name);
  if (value.empty()) return nlohmann::json();
  nlohmann::json json = nlohmann::json::parse(value, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrCat("can't parse ", noun, " JSON object"));
  }
  if (!json.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat("object expected as ", noun));
  }
  return json;
}

}  // namespace

CallTarget CallTarget::Parse(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/bot")) return {};
  const size_t slash = path.find('/');
  if (slash == absl::string_view::npos) return {};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

CallResult BotApiRules::Handle(const CallTarget& target, const absl::StatusOr<Fields>& fields) {
  CallResult result;
  const absl::StatusOr<nlohmann::json> returned = Call(target, fields, result);
  result.reply = returned.ok() ? SuccessReply(*returned) : StatusReply(returned.status());
  return result;
}

absl::StatusOr<nlohmann::json> BotApiRules::Call(const CallTarget& target,
                                                 const absl::StatusOr<Fields>& fields,
                                                 CallResult& result) {
  if (!IsWellFormedToken(target.token)) return absl::NotFoundError("");
  if (target.token != options_.token) return absl::UnauthenticatedError("");
  if (!fields.ok()) return fields.status();
  if (absl::Status status = CheckFields(*fields); !status.ok()) return status;

  const std::string method = absl::AsciiStrToLower(target.method);
  if (method == "getme") return GetMe();
  if (method == "getchat") return GetChat(*fields);
  if (method == "getupdates") return GetUpdates(*fields);
  if (method == "sendmessage") return SendMessage(*fields, result);
  if (method == "sendphoto") return SendFile("photo", *fields, result);
  if (method == "senddocument") return SendFile("document", *fields, result);
  return absl::NotFoundError("method not found");
}

nlohmann::json BotApiRules::GetMe() const {
  int64_t id = 0;
  if (!absl::SimpleAtoi(options_.token.substr(0, options_.token.find(':')), &id)) id = 1;
  return {{"id", id},
          {"is_bot", true},
          {"first_name", "Fake bot"},
          {"username", "fake_cpuagg_bot"},
          {"can_join_groups", true},
          {"can_read_all_group_messages", false},
          {"supports_inline_queries", false}};
}

absl::StatusOr<nlohmann::json> BotApiRules::GetChat(const Fields& fields) const {
  const absl::StatusOr<Chat> chat = FindChat(ValueOf(fields, "chat_id"), options_.known_chats);
  if (!chat.ok()) return chat.status();
  return ToJson(*chat);
}

absl::StatusOr<nlohmann::json> BotApiRules::GetUpdates(const Fields& fields) {
  int64_t offset = 0;
  int64_t limit = 100;
  for (const auto& [name, number] : {std::pair("offset", &offset), std::pair("limit", &limit)}) {
    const std::string value = ValueOf(fields, name);
    if (!value.empty() && !absl::SimpleAtoi(value, number)) *number = 0;
  }
  if (limit <= 0 || limit > 100) limit = 100;
  std::erase_if(updates_,
                [&](const nlohmann::json& update) { return update.at("update_id") < offset; });
  nlohmann::json result = nlohmann::json::array();
  for (const nlohmann::json& update : updates_) {
    if (result.size() < static_cast<size_t>(limit)) result.push_back(update);
  }
  return result;
}

absl::StatusOr<nlohmann::json> BotApiRules::SendMessage(const Fields& fields, CallResult& result) {
  const absl::StatusOr<FormattedText> text = ReadText(fields, "text");
  if (!text.ok()) return text.status();
  result.visible_text = text->text;
  if (IsBlank(text->text)) return absl::InvalidArgumentError("message text is empty");
  const absl::StatusOr<nlohmann::json> preview =
      ReadObject(fields, "link_preview_options", "link preview options");
  if (!preview.ok()) return preview.status();
  const absl::StatusOr<Chat> chat = FindDestination(fields);
  if (!chat.ok()) return chat.status();
  if (Utf16Length(text->text) > kMaxTextUnits) {
    return absl::InvalidArgumentError("message is too long");
  }
  nlohmann::json message = Post(*chat, result);
  message["text"] = text->text;
  if (!text->entities.empty()) message["entities"] = ToJson(text->entities);
  return message;
}

absl::StatusOr<nlohmann::json> BotApiRules::SendFile(absl::string_view kind, const Fields& fields,
                                                     CallResult& result) {
  const absl::StatusOr<FormattedText> caption = ReadText(fields, "caption");
  if (!caption.ok()) return caption.status();
  result.visible_text = caption->text;
  const absl::StatusOr<Chat> chat = FindDestination(fields);
  if (!chat.ok()) return chat.status();
  if (Utf16Length(caption->text) > kMaxCaptionUnits) {
    return absl::InvalidArgumentError("message caption is too long");
  }
  const absl::StatusOr<nlohmann::json> file =
      kind == "photo" ? files_.Photo(fields) : files_.Document(fields);
  if (!file.ok()) return file.status();
  nlohmann::json message = Post(*chat, result);
  message[std::string(kind)] = *file;
  if (!caption->text.empty()) message["caption"] = caption->text;
  if (!caption->entities.empty()) message["caption_entities"] = ToJson(caption->entities);
  return message;
}

absl::StatusOr<Chat> BotApiRules::FindDestination(const Fields& fields) const {
  absl::StatusOr<Chat> chat = FindChat(ValueOf(fields, "chat_id"), options_.known_chats);
  if (!chat.ok()) return chat;
  if (const std::string thread = ValueOf(fields, "message_thread_id"); !thread.empty()) {
    int32_t id = 0;
    if (!absl::SimpleAtoi(thread, &id) || id < 0) {
      return absl::InvalidArgumentError("invalid message thread identifier specified");
    }
    // 1 is the "General" topic, which has no thread of its own.
    if (id == 1) return absl::InvalidArgumentError("message thread not found");
  }
  if (absl::Status status = CheckReply(fields, *chat); !status.ok()) return status;
  return chat;
}

absl::Status BotApiRules::CheckReply(const Fields& fields, const Chat& chat) const {
  const absl::StatusOr<nlohmann::json> reply =
      ReadObject(fields, "reply_parameters", "reply parameters");
  if (!reply.ok()) return reply.status();
  if (reply->is_null()) return absl::OkStatus();
  const nlohmann::json id = reply->value("message_id", nlohmann::json(0));
  const nlohmann::json optional =
      reply->value("allow_sending_without_reply", nlohmann::json(false));
  if (!id.is_number_integer()) {
    return absl::InvalidArgumentError("field \"message_id\" must be of type Number");
  }
  if (!optional.is_boolean()) {
    return absl::InvalidArgumentError(
        "field \"allow_sending_without_reply\" must be of type Boolean");
  }
  if (messages_.count({chat.id, id.get<int64_t>()}) == 0 && !optional.get<bool>()) {
    return absl::InvalidArgumentError("message to be replied not found");
  }
  return absl::OkStatus();
}

nlohmann::json BotApiRules::Post(const Chat& chat, CallResult& result) {
  result.message_id = ++last_message_id_;
  messages_.emplace(chat.id, result.message_id);
  return {{"message_id", result.message_id},
          {"from", GetMe()},
          {"date", absl::ToUnixSeconds(options_.clock())},
          {"chat", ToJson(chat)}};
}

}  // namespace cpuagg::notify::testing
