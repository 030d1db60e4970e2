#include "notify/testing/bot_api/fake_bot_api.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/bot_api/bot_api_rules.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/bot_api/file_store.h"
#include "notify/testing/net/form_fields.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/http_request.h"
#include "notify/testing/net/loopback.h"
#include "notify/testing/net/tls_server.h"

namespace cpuagg::notify::testing {
namespace {

// A client that is silent for this long has hung; no test waits so long for anything.
constexpr absl::Duration kIdleTimeout = absl::Seconds(60);

// How long a refused client may go on sending before it is cut off.
constexpr absl::Duration kDrainTimeout = absl::Seconds(2);

// Room for the largest document, and for one that is too large.
constexpr size_t kMaxBodyBytes = kMaxDocumentBytes + (size_t{8} << 20);

constexpr absl::string_view kEndlessBegin = R"({"ok":true,"result":{"text":")";

template <typename... Actions>
struct Overloaded : Actions... {
  using Actions::operator()...;
};
template <typename... Actions>
Overloaded(Actions...) -> Overloaded<Actions...>;

// Sends what a fault that leaves the connection unusable is about.
void Misbehave(Stream& client, const FaultAction& action) {
  std::visit(
      Overloaded{
          [](const auto&) {},  // the others have done all they do by now
          [&](const NeverReply&) { client.Drain(absl::InfiniteDuration()); },
          [&](const EndlessBody& endless) {
            absl::Status status = client.Write(
                absl::StrCat(SerializeHead({}, std::nullopt, /*keep_alive=*/false), kEndlessBegin),
                kIdleTimeout);
            const std::string block(size_t{64} << 10, 'x');
            for (size_t left = endless.max_bytes; status.ok() && left > 0;) {
              const size_t size = std::min(left, block.size());
              status = client.Write(absl::string_view(block).substr(0, size), kIdleTimeout);
              left -= size;
            }
          },
          [&](const TruncatedReply& truncated) {
            const HttpReply& reply = truncated.reply;
            const size_t announced = reply.body.size() + truncated.missing_bytes;
            client
                .Write(
                    absl::StrCat(SerializeHead(reply, announced, /*keep_alive=*/false), reply.body),
                    kIdleTimeout)
                .IgnoreError();
          },
          [&](const RawReply& raw) { client.Write(raw.bytes, kIdleTimeout).IgnoreError(); },
      },
      action);
}

// What the log says of a reply: its status and its body.
HttpReply Summary(const FaultAction& action) {
  return std::visit(
      Overloaded{
          [](const auto&) { return HttpReply{.status_code = 0}; },
          [](const HttpReply& reply) { return reply; },
          [](const TruncatedReply& truncated) { return truncated.reply; },
          [](const EndlessBody&) { return HttpReply{.body = std::string(kEndlessBegin)}; },
      },
      action);
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
      tls_(options_.tls_identity.has_value() ? std::make_optional<TlsServer>(*options_.tls_identity)
                                             : std::nullopt),
      rules_({.token = options_.token,
              .known_chats = options_.known_chats,
              .updates = options_.updates}),
      server_(std::move(listener), [this](Connection client) { Receive(std::move(client)); }) {}

std::string FakeBotApi::base_url() const {
  return absl::StrCat(tls_.has_value() ? "https" : "http", "://127.0.0.1:", port(),
                      options_.path_prefix);
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

void FakeBotApi::Receive(Connection client) {
  if (CloseOnAcceptIsDue()) return;
  if (!tls_.has_value()) return Serve(client);
  const absl::StatusOr<std::unique_ptr<Stream>> secured =
      tls_->Accept(std::move(client), kIdleTimeout);
  if (secured.ok()) Serve(**secured);
}

bool FakeBotApi::CloseOnAcceptIsDue() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return faults_.TakeCloseOnAccept();
}

void FakeBotApi::Serve(Stream& client) {
  std::string buffered;  // bytes of the next request that came with the last one
  while (std::optional<HttpRequest> request = ReadRequest(client, buffered)) {
    if (!Send(client, Handle(*std::move(request)))) return;
  }
}

std::optional<HttpRequest> FakeBotApi::ReadRequest(Stream& client, std::string& buffered) {
  HttpRequestParser parser(kMaxBodyBytes);
  std::optional<ResetMidUpload> reset;
  std::array<char, size_t{64} << 10> buffer;
  bool begun = false;
  bool continued = false;
  size_t total = 0;
  while (!parser.done()) {
    if (buffered.empty()) {
      const absl::StatusOr<size_t> read = client.Read(absl::MakeSpan(buffer), kIdleTimeout);
      if (read.value_or(0) == 0) return std::nullopt;
      buffered.assign(buffer.data(), *read);
    }
    if (!begun) {
      begun = true;
      const std::lock_guard<std::mutex> lock(mutex_);
      reset = faults_.TakeResetMidUpload();
    }
    const size_t allowed = reset.has_value() ? reset->after_bytes - total : buffered.size();
    const absl::StatusOr<size_t> taken =
        parser.Consume(absl::string_view(buffered).substr(0, allowed));
    if (!taken.ok()) {
      RefuseRequest(client, taken.status());
      return std::nullopt;
    }
    buffered.erase(0, *taken);
    total += *taken;
    bytes_received_ += *taken;
    if (reset.has_value() && (total >= reset->after_bytes || parser.done())) {
      client.Reset();
      return std::nullopt;
    }
    if (parser.awaits_continue() && !continued) {
      continued = true;
      const absl::Status status = client.Write("HTTP/1.1 100 Continue\r\n\r\n", kIdleTimeout);
      if (!status.ok()) return std::nullopt;
    }
  }
  return std::move(parser).request();
}

void FakeBotApi::RefuseRequest(Stream& client, const absl::Status& error) {
  const absl::Status status =
      client.Write(Serialize(StatusReply(error), /*keep_alive=*/false), kIdleTimeout);
  if (!status.ok()) return;
  // Closing with unread bytes would reset the connection, and the reply could be lost with it.
  client.CloseForWriting();
  client.Drain(kDrainTimeout);
}

FakeBotApi::Response FakeBotApi::Handle(HttpRequest request) {
  const CallTarget target = CallTarget::Parse(request.target, options_.path_prefix);
  absl::StatusOr<Fields> fields = ParseFields(request);
  if (request.method != "GET" && request.method != "POST") fields = absl::UnimplementedError("");
  const Field* chat_id = fields.ok() ? FindField(*fields, "chat_id") : nullptr;

  const std::lock_guard<std::mutex> lock(mutex_);
  std::optional<Fault> fault =
      faults_.TakeForRequest(chat_id == nullptr ? absl::string_view() : chat_id->value);
  CallResult result;
  if (!fault.has_value() || fault->deliver) result = rules_.Handle(target, fields);
  Response response = {fault.has_value() ? std::move(fault->action) : std::move(result.reply),
                       request.KeepAlive()};
  const HttpReply sent = Summary(response.action);

  received_.push_back({.method = target.method,
                       .token = target.token,
                       .fields = fields.ok() ? *std::move(fields) : Fields{},
                       .raw_body = std::move(request.body),
                       .headers = std::move(request.headers),
                       .target = std::move(request.target),
                       .status_code = sent.status_code,
                       .response_body = sent.body,
                       .visible_text = std::move(result.visible_text),
                       .message_id = result.message_id});
  request_received_.notify_all();
  return response;
}

bool FakeBotApi::Send(Stream& client, const Response& response) {
  const auto* reply = std::get_if<HttpReply>(&response.action);
  if (reply == nullptr) {
    Misbehave(client, response.action);
    return false;
  }
  const absl::Status status = client.Write(Serialize(*reply, response.keep_alive), kIdleTimeout);
  return status.ok() && response.keep_alive;
}

}  // namespace cpuagg::notify::testing
