#include "notify/testing/net/connection_server.h"

#include <signal.h>

#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

ConnectionServer::ConnectionServer(Listener listener, Handler handler)
    : listener_(std::move(listener)),
      handler_(std::move(handler)),
      acceptor_([this] { AcceptConnections(); }) {}

ConnectionServer::~ConnectionServer() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    for (const Worker& worker : workers_) {
      if (worker.peer.has_value()) worker.peer->Stop();
    }
  }
  listener_.Stop();
  acceptor_.join();
  for (Worker& worker : workers_) worker.thread.join();
}

int ConnectionServer::connections() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return connections_;
}

void ConnectionServer::AcceptConnections() {
  // OpenSSL writes without MSG_NOSIGNAL. The threads of the connections inherit the mask.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (true) {
    std::optional<Connection> peer = listener_.Accept();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    if (!peer.has_value()) continue;
    ++connections_;
    workers_.remove_if([](Worker& worker) {
      if (!worker.peer.has_value()) worker.thread.join();
      return !worker.peer.has_value();
    });
    Worker& worker = workers_.emplace_back(Worker{std::move(peer), {}});
    worker.thread = std::thread([this, &worker] {
      handler_(*worker.peer);
      const std::lock_guard<std::mutex> done(mutex_);
      worker.peer.reset();
    });
  }
}

}  // namespace cpuagg::notify::testing
