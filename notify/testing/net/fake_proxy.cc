#include "notify/testing/net/fake_proxy.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

constexpr size_t kMaxHeadBytes = size_t{64} << 10;

// RFC 1928.
constexpr char kSocksVersion = 5;
constexpr char kSocksNobody = 0;    // method: without a password
constexpr char kSocksPassword = 2;  // method: with one
constexpr char kSocksNoMethod = static_cast<char>(0xFF);
constexpr char kSocksName = 3;  // type of address
constexpr char kSocksRefused = 5;
constexpr char kSocksUnsupported = 8;

// The answer to a request; the address in it means nothing to clients that ask to connect.
std::string SocksReply(char code) {
  return std::string({kSocksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0});
}

size_t ByteOf(absl::string_view bytes, size_t index) {
  return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
}

std::string HttpHead(absl::string_view status, absl::string_view header = "") {
  return absl::StrCat("HTTP/1.1 ", status, "\r\n", header, "\r\n");
}

}  // namespace

absl::StatusOr<std::unique_ptr<FakeProxy>> FakeProxy::Start() { return Start(Options{}); }

absl::StatusOr<std::unique_ptr<FakeProxy>> FakeProxy::Start(Options options) {
  absl::StatusOr<Listener> listener = Listener::Open();
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<FakeProxy>(new FakeProxy(std::move(options), *std::move(listener)));
}

FakeProxy::FakeProxy(Options options, Listener listener)
    : options_(std::move(options)), server_(std::move(listener), [this](Connection& client) {
        std::optional<Connection> server = Agree(client);
        if (server.has_value()) Relay(client, *server);
      }) {}

std::string FakeProxy::address() const { return absl::StrCat("127.0.0.1:", server_.port()); }

std::vector<std::string> FakeProxy::asked() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return asked_;
}

std::string FakeProxy::heard() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return heard_;
}

void FakeProxy::Heard(absl::string_view bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  heard_.append(bytes.data(), bytes.size());
}

std::string FakeProxy::Hear(Connection& peer, size_t size) {
  std::string bytes(size, '\0');
  size_t have = 0;
  while (have < size) {
    const size_t read = peer.Read(absl::MakeSpan(bytes).subspan(have));
    if (read == 0) break;
    have += read;
  }
  bytes.resize(have);
  Heard(bytes);
  return bytes;
}

std::optional<Connection> FakeProxy::Reach(absl::string_view protocol, absl::string_view host,
                                           uint16_t port) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.push_back(absl::StrCat(protocol, " ", host, ":", port));
  }
  return Connection::Open(port);
}

std::optional<Connection> FakeProxy::Agree(Connection& peer) {
  const std::string first = Hear(peer, 1);
  if (first.empty()) return std::nullopt;
  return first[0] == kSocksVersion ? AgreeOverSocks(peer) : AgreeOverHttp(peer, first);
}

std::optional<Connection> FakeProxy::AgreeOverHttp(Connection& peer, std::string head) {
  while (head.size() < kMaxHeadBytes && !absl::EndsWith(head, "\r\n\r\n")) {
    const std::string next = Hear(peer, 1);
    if (next.empty()) return std::nullopt;
    head += next;
  }
  const auto answer = [&](const std::string& bytes) { return peer.Write(bytes); };
  const auto refuse = [&](const std::string& bytes) {
    if (answer(bytes)) peer.CloseForWriting();
    return std::nullopt;
  };
  const std::string credentials =
      absl::StrCat("\r\nProxy-Authorization: Basic ",
                   absl::Base64Escape(absl::StrCat(options_.user, ":", options_.password)), "\r\n");
  const bool is_served =
      (options_.user.empty() && options_.password.empty()) || absl::StrContains(head, credentials);
  if (!is_served) {
    return refuse(HttpHead("407 Proxy Authentication Required",
                           "Proxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n"));
  }
  // "CONNECT name:port HTTP/1.1"
  absl::string_view target = head;
  const bool is_connect = absl::ConsumePrefix(&target, "CONNECT ");
  target = target.substr(0, target.find(' '));
  const size_t colon = target.rfind(':');
  uint32_t port = 0;
  if (!is_connect || colon == absl::string_view::npos ||
      !absl::SimpleAtoi(target.substr(colon + 1), &port)) {
    return refuse(HttpHead("405 Method Not Allowed", "Content-Length: 0\r\n"));
  }
  std::optional<Connection> server =
      Reach("CONNECT", target.substr(0, colon), static_cast<uint16_t>(port));
  if (!server.has_value()) return refuse(HttpHead("502 Bad Gateway", "Content-Length: 0\r\n"));
  if (!answer(HttpHead("200 Connection established"))) return std::nullopt;
  return server;
}

bool FakeProxy::IsServedOverSocks(Connection& peer) {
  const std::string methods = Hear(peer, ByteOf(Hear(peer, 1), 0));
  const bool wants_password = !options_.user.empty() || !options_.password.empty();
  const char method = wants_password ? kSocksPassword : kSocksNobody;
  if (!absl::StrContains(methods, std::string(1, method))) {
    peer.Write(std::string({kSocksVersion, kSocksNoMethod}));
    return false;
  }
  if (!peer.Write(std::string({kSocksVersion, method}))) return false;
  if (!wants_password) return true;
  const std::string user = Hear(peer, ByteOf(Hear(peer, 2), 1));
  const std::string password = Hear(peer, ByteOf(Hear(peer, 1), 0));
  const bool is_served = user == options_.user && password == options_.password;
  return peer.Write(std::string({1, static_cast<char>(is_served ? 0 : 1)})) && is_served;
}

std::optional<Connection> FakeProxy::AgreeOverSocks(Connection& peer) {
  if (!IsServedOverSocks(peer)) return std::nullopt;
  const std::string request = Hear(peer, 4);
  const bool is_connect = ByteOf(request, 1) == 1;
  if (!is_connect || ByteOf(request, 3) != kSocksName) {
    // With an address the client has not left the name to the proxy.
    peer.Write(SocksReply(kSocksUnsupported));
    return std::nullopt;
  }
  const std::string host = Hear(peer, ByteOf(Hear(peer, 1), 0));
  const std::string port = Hear(peer, 2);
  std::optional<Connection> server =
      Reach("SOCKS5", host, static_cast<uint16_t>(ByteOf(port, 0) << 8 | ByteOf(port, 1)));
  const std::string reply = SocksReply(server.has_value() ? 0 : kSocksRefused);
  if (!peer.Write(reply)) return std::nullopt;
  return server;
}

void FakeProxy::Relay(Connection& client, Connection& server) {
  const auto copy = [](Connection& from, Connection& to, const auto& listen) {
    std::array<char, 16384> buffer;
    while (true) {
      const absl::string_view bytes(buffer.data(), from.Read(absl::MakeSpan(buffer)));
      if (bytes.empty()) break;
      listen(bytes);
      if (!to.Write(bytes)) break;
    }
    to.CloseForWriting();
  };
  std::thread answers([&] { copy(server, client, [](absl::string_view) {}); });
  copy(client, server, [this](absl::string_view bytes) { Heard(bytes); });
  answers.join();
}

}  // namespace cpuagg::notify::testing
