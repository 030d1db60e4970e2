// Fuzzes InterpretReply() with arbitrary bytes as the reply of a Bot API server: they always have a
// meaning, and its text is short, printable and without the token.

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/testing/fuzz_check.h"
#include "notify/http/http_client.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/bot_api_reply.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"
#include "notify/telegram/seen_chats.h"

namespace cpuagg::notify {
namespace {

using acct::testing::Require;

constexpr char kToken[] = "123456789:AAE-secret-secret-secret-secret";

class OneAnswer : public HttpClient {
 public:
  explicit OneAnswer(HttpResponse answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Post(const HttpRequest&) override { return answer_; }

 private:
  HttpResponse answer_;
};

void RequireDepth(const nlohmann::json& value, int levels) {
  Require(levels > 0, "what is kept of an answer is shallow");
  if (!value.is_structured()) return;
  for (const nlohmann::json& inner : value) RequireDepth(inner, levels - 1);
}

void RequireFit(absl::string_view text) {
  Require(text.size() <= 1000, "it is short");
  Require(!absl::StrContains(text, kToken), "it is without the token");
  for (const char c : text) Require(static_cast<unsigned char>(c) >= ' ', "it is one line");
}

void Run(const HttpResponse& response) {
  nlohmann::json result;
  const ApiReply reply = InterpretReply(response, result);
  RequireDepth(result, 32);
  Require(reply.retry_after >= absl::ZeroDuration() && reply.retry_after <= absl::Hours(24 * 7),
          "a wait is finite");
  Require((reply.outcome == Outcome::kChatMigrated) == !reply.new_chat_id.empty(),
          "who has migrated has a new id");
  Require(reply.outcome == Outcome::kDone || result.is_null(), "what failed has no result");

  OneAnswer http(response);
  BotApi api(http, "http://127.0.0.1", Secret(kToken));
  const SendResult sent = api.SendMessage({.id = "1"}, {});
  RequireFit(sent.detail);
  Require(sent.outcome != Outcome::kDone || response.status == 200, "only 200 is success");
  const SendResult photo = api.SendPhoto({.id = "1"}, {}, {.name = "a.png"});
  Require(photo.outcome == sent.outcome, "the answer decides");
  for (const LookupResult& found : {api.GetMe(), api.GetChat({.id = "1"})}) {
    RequireFit(found.name);
    RequireFit(found.kind);
    RequireFit(found.detail);
  }
  const UpdatesResult updates = api.GetUpdates();
  RequireFit(updates.detail);
  Require(updates.chats.size() <= 200, "a list of chats ends");
  Require(updates.chats.empty() || updates.outcome == Outcome::kDone, "and is of an answer");
  for (const SeenChat& seen : updates.chats) {
    for (const std::string& text : {seen.name, seen.topic_name, seen.kind}) RequireFit(text);
    Require(ParseChats(seen.chat.text()).ok(), "what is listed can be chosen");
  }
}

}  // namespace
}  // namespace cpuagg::notify

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::array kStatuses = {200, 400, 401, 403, 429, 500, 302, 0};
  cpuagg::notify::Run({.status = kStatuses[data[0] % kStatuses.size()],
                       .body = std::string(data + 1, data + size)});
  return 0;
}
