#include "notify/bot_api.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

// What a server says goes into errors in one line of bounded length.
std::string Excerpt(absl::string_view text) { return Shortened(Printable(text), 200); }

SendResult Failure(SendOutcome outcome, std::string detail) {
  return {.outcome = outcome, .detail = std::move(detail)};
}

// The member `key` of `object`, or null if there is none.
json Member(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object.at(key) : json();
}

std::string DescriptionOf(const json& reply, const HttpResponse& response) {
  const json description = Member(reply, "description");
  if (description.is_string()) return description.get<std::string>();
  return absl::StrCat("a reply that is not the Bot API's: ", response.body);
}

SendOutcome OutcomeFor(int status, absl::string_view description) {
  switch (status) {
    case 401:
    case 404:
    case 421:
      return SendOutcome::kBotRefused;
    case 403:
      return SendOutcome::kChatRefused;
    case 429:
      return SendOutcome::kNotSent;
    case 400:
      return absl::StrContains(absl::AsciiStrToLower(description), "chat not found")
                 ? SendOutcome::kChatRefused
                 : SendOutcome::kMessageRefused;
  }
  // A server's own failure says nothing about whether the message went out before it.
  if (status >= 500) return SendOutcome::kUnconfirmed;
  if (status >= 300 && status < 400) return SendOutcome::kBotRefused;
  return SendOutcome::kMessageRefused;
}

SendResult Interpret(const HttpResponse& response) {
  const json reply = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (response.status == 200) {
    const json ok = Member(reply, "ok");
    const json id = Member(Member(reply, "result"), "message_id");
    if (ok.is_boolean() && ok.get<bool>() && id.is_number_integer()) {
      return {.outcome = SendOutcome::kSent, .message_id = id.get<int64_t>()};
    }
    return Failure(SendOutcome::kUnconfirmed,
                   absl::StrCat("HTTP status 200 with ", DescriptionOf(reply, response)));
  }
  const std::string description = DescriptionOf(reply, response);
  SendResult result = Failure(OutcomeFor(response.status, description),
                              absl::StrCat("HTTP status ", response.status, ": ", description));
  const json retry_after = Member(Member(reply, "parameters"), "retry_after");
  if (retry_after.is_number_unsigned()) {
    // A week is as good as any longer time, and keeps the arithmetic safe.
    constexpr uint64_t kWeekSeconds = uint64_t{7} * 24 * 3600;
    result.retry_after = absl::Seconds(std::min(retry_after.get<uint64_t>(), kWeekSeconds));
  }
  return result;
}

SendOutcome OutcomeFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return SendOutcome::kNotSent;
    case absl::StatusCode::kFailedPrecondition:
      return SendOutcome::kBotRefused;
    default:
      return SendOutcome::kUnconfirmed;
  }
}

// Whether `host` is this machine whatever a name server says.
bool IsLoopback(const std::string& host) {
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  return host == "localhost" || host == "[::1]";
}

}  // namespace

absl::StatusOr<std::string> CheckApiUrl(absl::string_view url) {
  const auto wrong = [&](absl::string_view why) {
    // Not the URL itself: a pasted one may hold the token.
    return absl::InvalidArgumentError(
        absl::StrCat("TELEGRAM_API_URL: ", why, "; write something like https://api.telegram.org"));
  };
  absl::string_view rest = url;
  const bool is_http = absl::ConsumePrefix(&rest, "http://");
  if (!is_http && !absl::ConsumePrefix(&rest, "https://")) {
    return wrong("does not begin with https://");
  }
  if (rest.find_first_of("?#@ \t\r\n\\") != absl::string_view::npos) {
    return wrong("has more than host, port and path");
  }
  absl::string_view host = rest.substr(0, rest.find('/'));
  // An IPv6 address has colons of its own, inside brackets.
  const size_t port = host.find(':', absl::StartsWith(host, "[") ? host.find(']') : 0);
  host = host.substr(0, port);
  if (host.empty()) return wrong("has no host");
  if (is_http && !IsLoopback(std::string(host))) {
    return wrong("is plain http to another machine, which would show the token to the network");
  }
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  return std::string(url);
}

SendResult BotApi::Call(absl::string_view method, const Chat& chat, std::vector<FormPart> parts) {
  parts.push_back({.name = "chat_id", .content = chat.id});
  if (!chat.thread.empty()) parts.push_back({.name = "message_thread_id", .content = chat.thread});
  const absl::StatusOr<HttpResponse> response =
      http_.Post({.url = absl::StrCat(base_url_, "/bot", token_.Reveal(), "/", method),
                  .parts = std::move(parts),
                  .timeout = absl::Seconds(120)});
  SendResult result = response.ok() ? Interpret(*response)
                                    : Failure(OutcomeFor(response.status()),
                                              std::string(response.status().message()));
  // Redacted before it is cut, so that no part of a token is left at the end.
  result.detail = Excerpt(token_.Redact(result.detail));
  return result;
}

SendResult BotApi::SendMessage(const Chat& chat, const std::string& html) {
  return Call("sendMessage", chat,
              {{.name = "text", .content = html},
               {.name = "parse_mode", .content = "HTML"},
               {.name = "link_preview_options", .content = R"({"is_disabled":true})"}});
}

SendResult BotApi::SendPhoto(const Chat& chat, const std::string& caption_html,
                             const std::string& png) {
  return SendPng("sendPhoto", "photo", chat, caption_html, png);
}

SendResult BotApi::SendDocument(const Chat& chat, const std::string& caption_html,
                                const std::string& png) {
  return SendPng("sendDocument", "document", chat, caption_html, png);
}

SendResult BotApi::SendPng(absl::string_view method, const char* field, const Chat& chat,
                           const std::string& caption_html, const std::string& png) {
  return Call(method, chat,
              {{.name = "caption", .content = caption_html},
               {.name = "parse_mode", .content = "HTML"},
               {.name = field,
                .content = png,
                .file_name = "cpu-by-user.png",
                .content_type = "image/png"}});
}

}  // namespace cpuagg::notify
