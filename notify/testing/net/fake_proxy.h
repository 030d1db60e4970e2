// A proxy for tests, to which every name is this machine's: HTTP's CONNECT and SOCKS 5 on one port.
//
//   auto proxy = FakeProxy::Start().value();
//   ... https://bot-api.test:PORT/ by way of absl::StrCat("socks5h://", proxy->address()) ...
//   EXPECT_EQ(proxy->asked(), (std::vector<std::string>{"SOCKS5 bot-api.test:PORT"}));
//
// RFC 9110, section 9.3.6; RFC 1928 and 1929. What it is asked for besides is refused.

#ifndef CPUAGG_NOTIFY_TESTING_NET_FAKE_PROXY_H_
#define CPUAGG_NOTIFY_TESTING_NET_FAKE_PROXY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

// Thread-safe.
class FakeProxy {
 public:
  struct Options {
    // Whom it serves; everybody if both are empty.
    std::string user = {};
    std::string password = {};
  };

  // Listens on an ephemeral port of 127.0.0.1 until destroyed, which closes all connections.
  static absl::StatusOr<std::unique_ptr<FakeProxy>> Start();
  static absl::StatusOr<std::unique_ptr<FakeProxy>> Start(Options options);

  FakeProxy(const FakeProxy&) = delete;
  FakeProxy& operator=(const FakeProxy&) = delete;

  std::string address() const;  // "127.0.0.1:PORT"

  // What connections were asked for, as "CONNECT name:port" or "SOCKS5 name:port"; not by clients
  // that it does not serve.
  std::vector<std::string> asked() const;

  // All that clients sent, to the proxy and through it, one connection after the other.
  std::string heard() const;

  int connections() const { return server_.connections(); }  // accepted so far

 private:
  FakeProxy(Options options, Listener listener);

  bool wants_password() const { return !options_.user.empty() || !options_.password.empty(); }

  // The connection that the client asked for, once it knows that it has it; nullopt if it was
  // refused. `head` is what the client has said already; over SOCKS, its first byte was read.
  std::optional<Connection> AgreeOverHttp(Connection& peer, std::string head);
  std::optional<Connection> AgreeOverSocks(Connection& peer);

  // Over SOCKS, who the client is.
  bool IsServedOverSocks(Connection& peer);

  // `size` bytes, or as many as the byte before them says; fewer if the client has gone.
  std::string Hear(Connection& peer, size_t size);
  std::string HearCounted(Connection& peer);
  void Heard(absl::string_view bytes);

  std::optional<Connection> Reach(absl::string_view protocol, absl::string_view host,
                                  uint32_t port);

  // Until both sides have ended.
  void Relay(Connection& client, Connection& server);

  const Options options_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;  // guarded by mutex_
  std::string heard_;               // guarded by mutex_
  ConnectionServer server_;         // last: its threads use all of the above
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_FAKE_PROXY_H_
