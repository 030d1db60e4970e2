#include "notify/testing/net/connection_server.h"

#include <list>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

ConnectionServer::ConnectionServer(Listener listener, Handler handler)
    : listener_(std::move(listener)),
      handler_(std::move(handler)),
      acceptor_([this] { AcceptConnections(); }) {}

ConnectionServer::~ConnectionServer() {
  stop_.Give();
  acceptor_.join();
}

void ConnectionServer::AcceptConnections() {
  std::list<Worker> workers;
  while (!stop_.given()) {
    absl::StatusOr<Connection> connection = listener_.Accept(stop_, absl::InfiniteDuration());
    workers.remove_if([](Worker& worker) {
      if (worker.done) worker.thread.join();
      return worker.done.load();
    });
    if (!connection.ok()) continue;
    ++connections_;
    Worker& worker = workers.emplace_back();
    worker.thread = std::thread([this, &worker, peer = *std::move(connection)]() mutable {
      handler_(std::move(peer));
      worker.done = true;
    });
  }
  for (Worker& worker : workers) worker.thread.join();
}

}  // namespace cpuagg::notify::testing
