#include "notify/telegram/bot_api_reply.h"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/telegram/json_member.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

// Replies of the Bot API have only a few levels. Functions that copy or print a value recurse once
// for each level.
constexpr int kMostLevels = 32;

// Null if it is not JSON, or has more levels.
json ParseReply(const std::string& body) {
  bool is_too_deep = false;
  json reply = json::parse(
      body,
      [&](int depth, json::parse_event_t, const json&) {
        is_too_deep |= depth > kMostLevels;
        return !is_too_deep;
      },
      /*allow_exceptions=*/false);
  return is_too_deep || reply.is_discarded() ? json() : reply;
}

bool HasAny(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](absl::string_view word) { return absl::StrContains(text, word); });
}

// For code 400, decides by the words of the error.
Outcome OutcomeOfBadRequest(absl::string_view description) {
  const std::string words = absl::AsciiStrToLower(description);
  if (HasAny(words, {"can't parse entities", "can't parse message text"})) {
    return Outcome::kMarkupRefused;
  }
  if (HasAny(words, {"too long", "too_long"})) return Outcome::kTooLong;
  if (HasAny(words, {"thread not found", "topic_closed", "topic_deleted", "topic closed",
                     "topic_id_invalid"})) {
    return Outcome::kThreadRefused;
  }
  // If the bot only lacks the right to send pictures, there are other ways.
  if (HasAny(words, {"rights to send photos", "rights to send documents", "rights to send media",
                     "send_photos_forbidden", "send_docs_forbidden", "send_media_forbidden"})) {
    return Outcome::kMessageRefused;
  }
  if (HasAny(words, {"chat not found", "user not found", "not enough rights", "have no rights",
                     "administrator rights", "chat_write_forbidden", "deactivated",
                     "peer_id_invalid", "chat_restricted", "upgraded to a supergroup"})) {
    return Outcome::kChatRefused;
  }
  // The bot has moved to another server.
  if (HasAny(words, {"logged out"})) return Outcome::kBotRefused;
  return Outcome::kMessageRefused;
}

Outcome OutcomeOf(int64_t code, absl::string_view description, bool is_api_error) {
  switch (code) {
    case 401:
    case 404:
    case 421:
      return Outcome::kBotRefused;
    case 413:
      return Outcome::kMessageRefused;
    case 429:
      return Outcome::kNotSent;
    default:
      break;
  }
  if (code >= 300 && code < 400) return Outcome::kBotRefused;
  // A server's failure, or a page of something in between, does not show whether the message was
  // sent before.
  if (code >= 500 || !is_api_error) return Outcome::kServerFailed;
  if (code == 403) return Outcome::kChatRefused;
  return code == 400 ? OutcomeOfBadRequest(description) : Outcome::kMessageRefused;
}

Outcome OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return Outcome::kNotSent;
    case absl::StatusCode::kFailedPrecondition:
      return Outcome::kBotRefused;
    default:
      return Outcome::kUnconfirmed;
  }
}

}  // namespace

ApiReply InterpretReply(const absl::StatusOr<HttpResponse>& response, json& result) {
  if (!response.ok()) {
    return {.outcome = OutcomeOf(response.status()),
            .detail = std::string(response.status().message())};
  }
  json reply = ParseReply(response->body);
  const json& ok = Member(reply, "ok");
  if (response->status == 200 && ok.is_boolean() && ok.get<bool>()) {
    if (reply.contains("result")) result = std::move(reply["result"]);
    return {.outcome = Outcome::kDone};
  }
  const json& description = Member(reply, "description");
  const bool is_api_error = ok.is_boolean() && !ok.get<bool>();
  const std::string words = description.is_string() ? description.get<std::string>() : "";
  ApiReply failed = {.detail = absl::StrCat(
                         "HTTP status ", response->status, ": ",
                         words.empty()
                             ? absl::StrCat("a reply that is not the Bot API's: ", response->body)
                             : words)};
  failed.is_conflict = response->status == 409;
  const json& code = Member(reply, "error_code");
  if (response->status != 200) {
    failed.outcome = OutcomeOf(response->status, words, is_api_error);
  } else if (is_api_error && code.is_number_unsigned() && code.get<uint64_t>() >= 400 &&
             code.get<uint64_t>() < 600) {
    failed.outcome = OutcomeOf(code.get<int64_t>(), words, is_api_error);
  } else {
    failed.outcome = Outcome::kUnconfirmed;
  }

  const json& parameters = Member(reply, "parameters");
  // A proxy in front of the server only sets the header. Limits the time to a week, so that the
  // arithmetic is safe.
  constexpr uint64_t kWeekSeconds = uint64_t{7} * 24 * 3600;
  const json& retry_after = Member(parameters, "retry_after");
  failed.retry_after =
      std::min(retry_after.is_number_unsigned()
                   ? absl::Seconds(std::min(retry_after.get<uint64_t>(), kWeekSeconds))
                   : response->retry_after,
               absl::Seconds(kWeekSeconds));
  // A server that asks to wait without saying how long means some time.
  if (failed.outcome == Outcome::kNotSent) {
    failed.retry_after = std::max(failed.retry_after, absl::Seconds(1));
  }
  const json& new_chat = Member(parameters, "migrate_to_chat_id");
  if (is_api_error && new_chat.is_number_integer() && new_chat.get<int64_t>() < 0) {
    failed.outcome = Outcome::kChatMigrated;
    failed.new_chat_id = absl::StrCat(new_chat.get<int64_t>());
  }
  return failed;
}

}  // namespace cpuagg::notify
