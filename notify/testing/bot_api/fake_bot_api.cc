#include "notify/testing/bot_api/fake_bot_api.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/testing/bot_api/bot_api_rules.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/http_session.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

// Does to `client` what the fault is about; nothing if there is nothing left to do.
void Misbehave(Connection& client, const FaultAction& action) {
  if (std::holds_alternative<NeverReply>(action)) client.Drain();
  const auto* raw = std::get_if<RawReply>(&action);
  if (raw == nullptr) return;
  const std::string block(size_t{64} << 10, 'x');
  bool is_taken = client.Write(raw->bytes);
  for (size_t left = raw->padding; is_taken && left > 0;) {
    const size_t size = std::min(left, block.size());
    is_taken = client.Write(absl::string_view(block).substr(0, size));
    left -= size;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<FakeBotApi>> FakeBotApi::Start() { return Start(Options{}); }

absl::StatusOr<std::unique_ptr<FakeBotApi>> FakeBotApi::Start(Options options) {
  absl::StatusOr<Listener> listener = Listener::Open();
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<FakeBotApi>(new FakeBotApi(std::move(options), *std::move(listener)));
}

FakeBotApi::FakeBotApi(Options options, Listener listener)
    : options_(std::move(options)),
      rules_({.token = options_.token,
              .known_chats = options_.known_chats,
              .updates = options_.updates}),
      server_(std::move(listener), [this](Connection& client) { Serve(client); }) {}

std::string FakeBotApi::base_url() const {
  return absl::StrCat(options_.tls_identity.has_value() ? "https" : "http",
                      "://127.0.0.1:", port());
}

void FakeBotApi::Enqueue(Fault fault) {
  const std::lock_guard<std::mutex> lock(mutex_);
  faults_.Add(std::move(fault));
}

void FakeBotApi::AddUpdate(nlohmann::json update) {
  const std::lock_guard<std::mutex> lock(mutex_);
  rules_.AddUpdate(std::move(update));
}

bool FakeBotApi::faults_consumed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return faults_.empty();
}

std::vector<FakeBotApi::Received> FakeBotApi::received() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return received_;
}

bool FakeBotApi::WaitForRequests(size_t count, absl::Duration timeout) const {
  std::unique_lock<std::mutex> lock(mutex_);
  // Bounded so that an infinite time-out does not overflow the clock.
  const auto bounded = absl::ToChronoMilliseconds(std::min(timeout, absl::Hours(1)));
  return request_received_.wait_for(lock, bounded, [&] { return received_.size() >= count; });
}

void FakeBotApi::Serve(Connection& client) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (faults_.TakeCloseOnAccept()) return;
  }
  if (options_.tls_identity.has_value() && !client.AcceptTls(*options_.tls_identity)) return;
  HttpSession session(client, bytes_received_);
  while (session.Await()) {
    if (const std::optional<ResetMidUpload> reset = TakeResetMidUpload()) {
      session.ReadOnly(reset->after_bytes);
      client.ResetWhenClosed();
      return;
    }
    FaultAction action;
    const auto handle = [&](HttpRequest request) -> std::optional<HttpReply> {
      action = Handle(std::move(request));
      const auto* reply = std::get_if<HttpReply>(&action);
      return reply == nullptr ? std::nullopt : std::make_optional(*reply);
    };
    if (!session.Answer(handle)) return Misbehave(client, action);
  }
}

std::optional<ResetMidUpload> FakeBotApi::TakeResetMidUpload() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return faults_.TakeResetMidUpload();
}

FaultAction FakeBotApi::Handle(HttpRequest request) {
  const CallTarget target = CallTarget::Parse(request.path);
  const Field* chat_id = request.fields.ok() ? FindField(*request.fields, "chat_id") : nullptr;

  const std::lock_guard<std::mutex> lock(mutex_);
  std::optional<Fault> fault =
      faults_.TakeForRequest(chat_id == nullptr ? absl::string_view() : chat_id->value);
  CallResult result;
  if (!fault.has_value() || fault->deliver) result = rules_.Handle(target, request.fields);
  FaultAction action = fault.has_value() ? std::move(fault->action) : std::move(result.reply);
  const auto* reply = std::get_if<HttpReply>(&action);

  received_.push_back({.method = target.method,
                       .token = target.token,
                       .fields = request.fields.ok() ? *std::move(request.fields) : Fields{},
                       .headers = std::move(request.headers),
                       .status_code = reply == nullptr ? 0 : reply->status_code,
                       .response_body = reply == nullptr ? "" : reply->body,
                       .visible_text = std::move(result.visible_text),
                       .message_id = result.message_id});
  request_received_.notify_all();
  return action;
}

}  // namespace cpuagg::notify::testing
