// ReceiverDouble: a receiver of Prometheus remote write on loopback, which answers as a test says.
//
//   ReceiverDouble receiver([](const ReceiverDouble::Heard&) { return HttpReply{204}; });
//   // cpuagg push --url receiver.url()
//   EXPECT_EQ(receiver.Stored()["lab01 alice user"], …);

#ifndef CPUAGG_TOOLS_CLI_TESTS_FLEET_RECEIVER_DOUBLE_H_
#define CPUAGG_TOOLS_CLI_TESTS_FLEET_RECEIVER_DOUBLE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "notify/fleet/remote_write.pb.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::tools::testing {

class ReceiverDouble {
 public:
  struct Heard {
    notify::testing::HttpRequest request;
    notify::remote::WriteRequest write;  // empty if the body is something else
  };
  // Nothing: the connection is closed without an answer.
  using Script = std::function<std::optional<notify::testing::HttpReply>(const Heard&)>;

  // A script is called by one thread at a time. Without one, everything is accepted.
  explicit ReceiverDouble(Script script = nullptr);
  ~ReceiverDouble();

  std::string url() const;  // with the path of a receiver
  std::string base() const;
  std::vector<Heard> heard() const;
  size_t requests() const { return heard().size(); }

  // "name instance user mode", without what a series has not -> value by stamp. Of what was
  // answered with 204 only; a series has the newest value of a stamp.
  std::map<std::string, std::map<int64_t, double>> Stored() const;

 private:
  std::optional<notify::testing::HttpReply> Answer(notify::testing::HttpRequest request);

  const Script script_;
  std::atomic<size_t> bytes_ = 0;
  mutable std::mutex mutex_;
  std::vector<Heard> heard_;                                   // guarded by mutex_
  std::map<std::string, std::map<int64_t, double>> stored_;    // guarded by mutex_
  std::unique_ptr<notify::testing::ConnectionServer> server_;  // last: it uses all of the above
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_CLI_TESTS_FLEET_RECEIVER_DOUBLE_H_
