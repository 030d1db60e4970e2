// A Bot API server for tests: real sockets on 127.0.0.1, the real server's rules, and faults on
// demand.
//
//   auto api = FakeBotApi::Start({.known_chats = {"-1001"}}).value();
//   api->Enqueue({TooManyRequests(1)});
//   ... send to api->base_url() ...
//   EXPECT_EQ(api->received().back().visible_text, "web01");
//
// It checks as strictly as the real one, or more strictly where the two differ; see
// bot_api_rules.h. Requests to any path are answered (http_session.h), over TLS if it has a
// certificate.

#ifndef CPUAGG_NOTIFY_TESTING_BOT_API_FAKE_BOT_API_H_
#define CPUAGG_NOTIFY_TESTING_BOT_API_FAKE_BOT_API_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "notify/testing/bot_api/bot_api_rules.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/loopback.h"

namespace cpuagg::notify::testing {

// Thread-safe.
class FakeBotApi {
 public:
  struct Options {
    std::string token = "123456789:AAtest-token_of-the-fake-bot-api00";
    // Ids and "@names"; empty: any well-formed chat is known.
    std::vector<std::string> known_chats = {};
    // The updates for getUpdates, in the order of their update_id.
    std::vector<nlohmann::json> updates = {};
    // For https; without one it is plain http.
    std::optional<TlsIdentity> tls_identity = {};
  };

  // A request that arrived completely.
  struct Received {
    std::string method;  // "sendMessage", as sent
    std::string token;
    Fields fields;
    std::map<std::string, std::string> headers;  // names in lower case
    int status_code = 0;                         // 0: no reply was sent, or none that is whole
    std::string response_body;
    std::string visible_text;  // of the text or caption, as the chat shows it
    int64_t message_id = 0;    // of the message now in the chat; 0: none
  };

  // Listens on an ephemeral port and serves from threads of its own until destroyed, which closes
  // all connections, whatever the clients do.
  static absl::StatusOr<std::unique_ptr<FakeBotApi>> Start();
  static absl::StatusOr<std::unique_ptr<FakeBotApi>> Start(Options options);

  FakeBotApi(const FakeBotApi&) = delete;
  FakeBotApi& operator=(const FakeBotApi&) = delete;

  uint16_t port() const { return server_.port(); }
  std::string base_url() const;  // "http://127.0.0.1:PORT", or https
  const std::string& token() const { return options_.token; }

  // Adds a fault, which takes effect after earlier ones. Without faults, the rules answer.
  void Enqueue(Fault fault);

  // Adds an update, as when somebody writes to the bot.
  void AddUpdate(nlohmann::json update);

  // Whether every fault has begun.
  bool faults_consumed() const;

  // All requests so far, in the order in which they were read. A request is added before its reply
  // is sent or its connection is closed.
  std::vector<Received> received() const;

  // Waits until `count` requests have been received; false if that takes longer than `timeout`.
  bool WaitForRequests(size_t count, absl::Duration timeout) const;

  int connections() const { return server_.connections(); }  // accepted so far
  // In all requests, whole or not; nothing of what TLS itself says.
  size_t bytes_received() const { return bytes_received_; }

 private:
  FakeBotApi(Options options, Listener listener);

  void Serve(Connection& client);
  std::optional<ResetMidUpload> TakeResetMidUpload();
  // What is to be done about a request that was read: an HttpReply if there is no fault.
  FaultAction Handle(HttpRequest request);

  const Options options_;
  std::atomic<size_t> bytes_received_ = 0;

  // Not absl::Mutex: ThreadSanitizer does not see into the system's Abseil, and would report
  // everything that it guards.
  mutable std::mutex mutex_;
  mutable std::condition_variable request_received_;
  BotApiRules rules_;               // guarded by mutex_
  FaultQueue faults_;               // guarded by mutex_
  std::vector<Received> received_;  // guarded by mutex_

  ConnectionServer server_;  // last: its threads use all of the above
};

}  // namespace cpuagg::notify::testing

#endif  // CPUAGG_NOTIFY_TESTING_BOT_API_FAKE_BOT_API_H_
