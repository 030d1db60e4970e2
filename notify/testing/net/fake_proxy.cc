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
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

// RFC 1928.
constexpr char kSocksVersion = 5;
constexpr char kSocksNobody = 0;    // method: without a password
constexpr char kSocksPassword = 2;  // method: with one
constexpr char kSocksNoMethod = static_cast<char>(0xFF);
constexpr char kSocksName = 3;  // type of address
constexpr char kSocksRefused = 5;
constexpr char kSocksUnsupported = 8;

size_t ByteOf(absl::string_view bytes, size_t index) {
  return index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0;
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
        const std::string first = Hear(client, 1);
        if (first.empty()) return;
        std::optional<Connection> server =
            first[0] == kSocksVersion ? AgreeOverSocks(client) : AgreeOverHttp(client, first);
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

std::string FakeProxy::HearCounted(Connection& peer) {
  return Hear(peer, ByteOf(Hear(peer, 1), 0));
}

std::optional<Connection> FakeProxy::Reach(absl::string_view protocol, absl::string_view host,
                                           uint32_t port) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked_.push_back(absl::StrCat(protocol, " ", host, ":", port));
  }
  return Connection::Open(static_cast<uint16_t>(port));
}

std::optional<Connection> FakeProxy::AgreeOverHttp(Connection& peer, std::string head) {
  while (!absl::EndsWith(head, "\r\n\r\n")) {
    const std::string next = Hear(peer, 1);
    if (next.empty()) return std::nullopt;
    head += next;
  }
  const std::string credentials =
      absl::StrCat("\r\nProxy-Authorization: Basic ",
                   absl::Base64Escape(absl::StrCat(options_.user, ":", options_.password)), "\r\n");
  // "CONNECT name:port HTTP/1.1"
  const std::vector<std::string> words =
      absl::StrSplit(head.substr(0, head.find('\r')), absl::ByAnyChar(" :"));
  uint32_t port = 0;
  std::optional<Connection> server;
  absl::string_view answer = "200 Connection established\r\n";
  if (wants_password() && !absl::StrContains(head, credentials)) {
    answer =
        "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n"
        "Content-Length: 0\r\n";
  } else if (words[0] != "CONNECT" || words.size() != 4 || !absl::SimpleAtoi(words[2], &port)) {
    answer = "405 Method Not Allowed\r\nContent-Length: 0\r\n";
  } else {
    server = Reach("CONNECT", words[1], port);
    if (!server.has_value()) answer = "502 Bad Gateway\r\nContent-Length: 0\r\n";
  }
  peer.Write(absl::StrCat("HTTP/1.1 ", answer, "\r\n"));
  if (!server.has_value()) peer.CloseForWriting();
  return server;
}

bool FakeProxy::IsServedOverSocks(Connection& peer) {
  const std::string methods = HearCounted(peer);
  const char method = wants_password() ? kSocksPassword : kSocksNobody;
  const bool is_offered = absl::StrContains(methods, std::string(1, method));
  peer.Write(std::string({kSocksVersion, is_offered ? method : kSocksNoMethod}));
  if (!is_offered || !wants_password()) return is_offered;
  Hear(peer, 1);  // the version
  const std::string user = HearCounted(peer);
  const std::string password = HearCounted(peer);
  const bool is_served = user == options_.user && password == options_.password;
  peer.Write(std::string({1, static_cast<char>(is_served ? 0 : 1)}));
  return is_served;
}

std::optional<Connection> FakeProxy::AgreeOverSocks(Connection& peer) {
  if (!IsServedOverSocks(peer)) return std::nullopt;
  const std::string request = Hear(peer, 4);
  const bool is_connect = ByteOf(request, 1) == 1;
  std::optional<Connection> server;
  char code = 0;
  if (!is_connect || ByteOf(request, 3) != kSocksName) {
    // With an address the client has not left the name to the proxy.
    code = kSocksUnsupported;
  } else {
    const std::string host = HearCounted(peer);
    const std::string port = Hear(peer, 2);
    server = Reach("SOCKS5", host, static_cast<uint32_t>(ByteOf(port, 0) << 8 | ByteOf(port, 1)));
    if (!server.has_value()) code = kSocksRefused;
  }
  // The address in it means nothing to clients that ask to connect.
  peer.Write(std::string({kSocksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0}));
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
