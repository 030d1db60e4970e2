// Serves the connections to a port, each in a thread of its own.
//
//   // Accepts, and never says a word.
//   ConnectionServer silent(Listener::Open().value(), [](Connection& peer) { peer.Drain(); });

#ifndef CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_
#define CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_

#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

class ConnectionServer {
 public:
  // Closes the connection by returning. Called from several threads at once. All waits on the
  // connection end when the server is destroyed.
  using Handler = std::function<void(Connection&)>;

  ConnectionServer(Listener listener, Handler handler);

  // Ends all waits and joins all threads.
  ~ConnectionServer();

  ConnectionServer(const ConnectionServer&) = delete;
  ConnectionServer& operator=(const ConnectionServer&) = delete;

  uint16_t port() const { return listener_.port(); }
  int connections() const;  // accepted so far

 private:
  struct Worker {
    std::optional<Connection> peer;  // until it has been served
    std::thread thread;
  };

  void AcceptConnections();

  Listener listener_;
  const Handler handler_;
  mutable std::mutex mutex_;
  bool stopped_ = false;       // guarded by mutex_
  int connections_ = 0;        // guarded by mutex_
  std::list<Worker> workers_;  // guarded by mutex_
  std::thread acceptor_;       // last: it uses all of the above
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_
