#include "notify/testing/net/connection_server.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {
namespace {

void Echo(Connection& peer) {
  std::array<char, 64> buffer;
  while (const size_t size = peer.Read(absl::MakeSpan(buffer))) {
    if (!peer.Write(absl::string_view(buffer.data(), size))) return;
  }
}

std::string Read(Connection& connection) {
  std::array<char, 64> buffer;
  return std::string(buffer.data(), connection.Read(absl::MakeSpan(buffer)));
}

TEST(ConnectionServerTest, ConnectionsAreServedAtTheSameTime) {
  ConnectionServer server(Listener::Open().value(), Echo);
  std::optional<Connection> first = Connection::Open(server.port());
  std::optional<Connection> second = Connection::Open(server.port());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_TRUE(second->Write("two"));
  EXPECT_EQ(Read(*second), "two");
  EXPECT_TRUE(first->Write("one"));
  EXPECT_EQ(Read(*first), "one");
  EXPECT_EQ(server.connections(), 2);
}

TEST(ConnectionServerTest, AClientSeesWhetherItsConnectionWasClosedOrReset) {
  for (const bool reset : {false, true}) {
    ConnectionServer server(Listener::Open().value(), [reset](Connection& peer) {
      if (reset) peer.ResetWhenClosed();
    });
    std::optional<Connection> connection = Connection::Open(server.port());
    ASSERT_TRUE(connection.has_value());
    errno = 0;
    EXPECT_EQ(Read(*connection), "");
    EXPECT_EQ(errno, reset ? ECONNRESET : 0);
  }
}

TEST(ConnectionServerTest, EndsWithItsConnectionsOpenAndItsPortClosed) {
  auto server = std::make_unique<ConnectionServer>(Listener::Open().value(),
                                                   [](Connection& peer) { peer.Drain(); });
  const uint16_t port = server->port();
  std::optional<Connection> connection = Connection::Open(port);
  ASSERT_TRUE(connection.has_value() && connection->Write("a"));
  server.reset();
  EXPECT_EQ(Read(*connection), "");
  EXPECT_FALSE(Connection::Open(port).has_value());
  // No signal is raised, however often one tries.
  while (connection->Write("b")) {
  }
}

}  // namespace
}  // namespace cpuagg::notify::testing
