#include "notify/testing/net/http_session.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

// Room for the largest document of the Bot API, and for one that is too large.
constexpr size_t kMaxBodyBytes = size_t{58} << 20;

constexpr size_t kAll = std::numeric_limits<size_t>::max();

absl::StatusOr<Fields> FieldsOf(const httplib::Request& request) {
  Fields fields;
  for (const auto& [name, value] : request.params) fields[name] = {value, {}, ""};
  for (const auto& [name, part] : request.files) {
    Field& field = fields[name] = {part.content, {}, part.content_type};
    if (!part.filename.empty()) field.filename = part.filename;
  }
  const bool is_json =
      absl::StartsWith(request.get_header_value("Content-Type"), "application/json");
  if (!is_json || request.body.empty()) return fields;
  const auto json = nlohmann::json::parse(request.body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("can't parse request: JSON object expected");
  }
  for (const auto& [name, value] : json.items()) {
    fields[name] = {value.is_string() ? value.get<std::string>() : value.dump(), {}, ""};
  }
  return fields;
}

}  // namespace

// A server of httplib's that listens nowhere: it is given one connection, through this class, by a
// protected function of httplib, which has other parameters in later versions.
class HttpSession::Endpoint final : httplib::Server, httplib::Stream {
 public:
  Endpoint(Connection& peer, std::atomic<size_t>& bytes_read)
      : peer_(peer), bytes_read_(bytes_read) {
    set_payload_max_length(kMaxBodyBytes);
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      Handle(request, response);
    };
    Get(".*", handle);
    Post(".*", handle);
  }

  bool Await() {
    if (rest_.empty()) {
      rest_ = absl::MakeSpan(buffer_).first(peer_.Read(absl::MakeSpan(buffer_)));
    }
    return !rest_.empty();
  }

  // Null: nothing is sent.
  bool Process(const HttpSession::Handler* handler, size_t max_bytes) {
    handler_ = handler;
    allowed_ = max_bytes;
    is_silent_ = handler == nullptr;
    is_answered_ = false;
    bool closed = false;
    return process_request(*this, /*close_connection=*/false, closed, nullptr) && !closed &&
           is_answered_;
  }

 private:
  void Handle(const httplib::Request& request, httplib::Response& response) {
    if (handler_ == nullptr) return;
    HttpRequest heard = {
        .path = request.path, .headers = {}, .body = request.body, .fields = FieldsOf(request)};
    for (const auto& [name, value] : request.headers) {
      heard.headers[absl::AsciiStrToLower(name)] = value;
    }
    const std::optional<HttpReply> reply = (*handler_)(std::move(heard));
    is_silent_ = !reply.has_value();
    if (is_silent_) return;
    is_answered_ = true;
    response.status = reply->status_code;
    response.set_content(reply->body, reply->content_type);
    for (const auto& [name, value] : reply->extra_headers) response.set_header(name, value);
  }

  // What httplib reads and writes.
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  ssize_t read(char* bytes, size_t size) override {
    if (allowed_ == 0 || !Await()) return -1;
    const size_t taken = std::min({size, rest_.size(), allowed_});
    std::memcpy(bytes, rest_.data(), taken);
    rest_.remove_prefix(taken);
    allowed_ -= taken;
    bytes_read_ += taken;
    return static_cast<ssize_t>(taken);
  }

  ssize_t write(const char* bytes, size_t size) override {
    const bool is_taken = is_silent_ || peer_.Write(absl::string_view(bytes, size));
    return is_taken ? static_cast<ssize_t>(size) : -1;
  }

  Connection& peer_;
  std::atomic<size_t>& bytes_read_;
  std::array<char, size_t{64} << 10> buffer_;
  absl::Span<char> rest_;  // of `buffer_`: what httplib has not read yet
  const HttpSession::Handler* handler_ = nullptr;
  size_t allowed_ = 0;        // bytes of this request
  bool is_silent_ = false;    // nothing is sent
  bool is_answered_ = false;  // by the handler, and not refused by httplib
};

HttpSession::HttpSession(Connection& peer, std::atomic<size_t>& bytes_read)
    : endpoint_(std::make_unique<Endpoint>(peer, bytes_read)) {}

HttpSession::~HttpSession() = default;

bool HttpSession::Await() { return endpoint_->Await(); }

bool HttpSession::Answer(const Handler& handler) { return endpoint_->Process(&handler, kAll); }

void HttpSession::ReadOnly(size_t max_bytes) { endpoint_->Process(nullptr, max_bytes); }

}  // namespace cpuagg::notify::testing
