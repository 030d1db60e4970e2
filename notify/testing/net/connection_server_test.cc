#include "notify/testing/net/connection_server.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached

void Echo(Connection peer) {
  std::array<char, 64> buffer;
  while (true) {
    const absl::StatusOr<size_t> read = peer.Read(absl::MakeSpan(buffer), kLong);
    if (read.value_or(0) == 0) return;
    if (!peer.Write(absl::string_view(buffer.data(), *read), kLong).ok()) return;
  }
}

std::string ExchangeWord(Connection& connection) {
  std::array<char, 64> buffer;
  if (!connection.Write("word", kLong).ok()) return "cannot write";
  const absl::StatusOr<size_t> read = connection.Read(absl::MakeSpan(buffer), kLong);
  return read.ok() ? std::string(buffer.data(), *read) : read.status().ToString();
}

TEST(ConnectionServerTest, ConnectionsAreServedAtTheSameTime) {
  ConnectionServer server(Listener::Open().value(), Echo);
  absl::StatusOr<Connection> first = Connection::Open(server.port(), nullptr, kLong);
  absl::StatusOr<Connection> second = Connection::Open(server.port(), nullptr, kLong);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(ExchangeWord(*second), "word");
  EXPECT_EQ(ExchangeWord(*first), "word");
  EXPECT_EQ(server.connections(), 2);
}

TEST(ConnectionServerTest, ReturningClosesTheConnection) {
  ConnectionServer server(Listener::Open().value(), [](const Connection&) {});
  absl::StatusOr<Connection> connection = Connection::Open(server.port(), nullptr, kLong);
  ASSERT_TRUE(connection.ok());
  std::array<char, 1> byte;
  EXPECT_EQ(connection->Read(absl::MakeSpan(byte), kLong).value_or(1), 0u);
}

TEST(ConnectionServerTest, EndsWithItsConnectionsOpen) {
  std::optional<ConnectionServer> server;
  server.emplace(Listener::Open().value(),
                 [](Connection peer) { peer.Drain(absl::InfiniteDuration()); });
  absl::StatusOr<Connection> connection = Connection::Open(server->port(), nullptr, kLong);
  ASSERT_TRUE(connection.ok());
  server.reset();
  std::array<char, 1> byte;
  EXPECT_EQ(connection->Read(absl::MakeSpan(byte), kLong).value_or(0), 0u);
}

TEST(ConnectionServerTest, ListensOnIpv6Too) {
  absl::StatusOr<Listener> listener = Listener::OpenOnIpv6(0);
  if (!listener.ok()) GTEST_SKIP() << "no IPv6 here: " << listener.status();
  ConnectionServer server(*std::move(listener), Echo);
  EXPECT_NE(server.port(), 0);
}

}  // namespace
}  // namespace cpuagg::notify::testing
