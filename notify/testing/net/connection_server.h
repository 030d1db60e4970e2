// Serves the connections to a port, each in a thread of its own.
//
//   // Accepts, and never says a word.
//   ConnectionServer silent(Listener::Open().value(),
//                           [](Connection peer) { peer.Drain(absl::InfiniteDuration()); });

#ifndef CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_
#define CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

class ConnectionServer {
 public:
  // Closes the connection by returning. Called from several threads at once. All waits on the
  // connection end when the server is destroyed.
  using Handler = std::function<void(Connection)>;

  ConnectionServer(Listener listener, Handler handler);

  // Ends all waits and joins all threads.
  ~ConnectionServer();

  ConnectionServer(const ConnectionServer&) = delete;
  ConnectionServer& operator=(const ConnectionServer&) = delete;

  uint16_t port() const { return listener_.port(); }
  int connections() const { return connections_; }  // accepted so far

  // For connections that the handler opens.
  const StopSignal& stop() const { return stop_; }

 private:
  struct Worker {
    std::thread thread;
    std::atomic<bool> done = false;
  };

  void AcceptConnections();

  Listener listener_;
  const Handler handler_;
  StopSignal stop_;
  std::atomic<int> connections_ = 0;
  std::thread acceptor_;  // last: it uses all of the above
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_NET_CONNECTION_SERVER_H_
