// DeliveryTest: Deliver() with a server that answers from a script.

#ifndef CPUAGG_NOTIFY_OUTBOX_DELIVERY_FIXTURE_H_
#define CPUAGG_NOTIFY_OUTBOX_DELIVERY_FIXTURE_H_

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/outbox.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {

using Strings = std::vector<std::string>;

// An answer of success, with the id of a message and of a file.
HttpResponse Sent();
HttpResponse Error(int status, const std::string& description, const std::string& more = "");

// What `outbox` holds.
OutboxListing Queued(const Outbox& outbox);

// Answers from a list, then with success, and checks the outbox during a request.
class ScriptedHttp : public HttpClient {
 public:
  explicit ScriptedHttp(const Outbox& outbox) : outbox_(outbox) {}

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override;

  std::deque<absl::StatusOr<HttpResponse>> answers;
  std::function<void()> on_request;
  // The answer to a request for a chat; nullopt for the next one of the list.
  std::function<std::optional<absl::StatusOr<HttpResponse>>(const std::string& chat,
                                                            absl::Duration timeout)>
      on_answer;
  Strings requests;  // "sendMessage 1", in order
  std::vector<std::map<std::string, std::string>> fields;

 private:
  const Outbox& outbox_;
};

// An outbox with one report to two chats, "1" and "2", and a clock that stands still but for sleep.
class DeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override;

  void Queue(const std::string& id, const Strings& chats,
             const std::vector<QueuedMessage>& parts = {{.html = "<b>text</b>"}});

  // Removes all reports but this one.
  void QueueOnly(const Strings& chats,
                 const std::vector<QueuedMessage>& parts = {{.html = "text"}});

  DeliverySummary DeliverNow(Guarantee guarantee = Guarantee::kAtLeastOnce);

  const acct::testing::TempDir dir_;
  const Outbox outbox_{dir_.Path("outbox")};
  ScriptedHttp http_{outbox_};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  absl::Duration clock_error_;
  absl::Duration run_budget_ = absl::Minutes(5);
  absl::Duration slept_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_DELIVERY_FIXTURE_H_
