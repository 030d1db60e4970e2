#include "notify/outbox/delivery_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {

HttpResponse Sent() {
  return {.status = 200,
          .body = R"({"ok":true,"result":{"message_id":11,"photo":[{"file_id":"p1"}]}})"};
}

HttpResponse Error(int status, const std::string& description, const std::string& more) {
  return {.status = status,
          .body = absl::StrCat(R"({"ok":false,"description":")", description, "\"", more, "}")};
}

OutboxListing Queued(const Outbox& outbox) {
  absl::StatusOr<OutboxListing> listing = outbox.List();
  EXPECT_TRUE(listing.ok()) << listing.status();
  return *std::move(listing);
}

absl::StatusOr<HttpResponse> ScriptedHttp::Post(const HttpRequest& request) {
  std::map<std::string, std::string> sent;
  for (const FormPart& part : request.parts) sent[part.name] = part.content;
  const std::string method = request.url.substr(request.url.rfind('/') + 1);
  requests.push_back(absl::StrCat(method, " ", sent["chat_id"]));
  fields.push_back(sent);
  bool recorded = false;
  for (const QueuedReport& report : Queued(outbox_).reports) {
    for (const ChatQueue& delivery : report.deliveries) {
      for (const QueuedMessage& part : delivery.parts) {
        recorded |= delivery.chat.id == sent["chat_id"] && part.state == PartState::kSending;
      }
    }
  }
  EXPECT_TRUE(recorded) << "a request left unrecorded";
  if (on_request) on_request();
  if (on_answer) {
    std::optional<absl::StatusOr<HttpResponse>> answer =
        on_answer(sent["chat_id"], request.timeout);
    if (answer.has_value()) return *std::move(answer);
  }
  if (answers.empty()) return Sent();
  absl::StatusOr<HttpResponse> answer = std::move(answers.front());
  answers.pop_front();
  return answer;
}

void DeliveryTest::SetUp() {
  ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
  Queue("report", {"1", "2"});
}

void DeliveryTest::Queue(const std::string& id, const Strings& chats,
                         const std::vector<QueuedMessage>& parts) {
  now_ += absl::Seconds(1);
  const absl::Time clock = now_ + clock_error_;
  QueuedReport report{.id = id, .created_at = clock, .expires_at = clock + absl::Hours(72)};
  report.subject = "lab01 today";
  report.files = {{.name = "a.png", .content_type = "image/png", .content = "png"}};
  for (const std::string& chat : chats) {
    report.deliveries.push_back({.chat = {.id = chat}, .parts = parts});
  }
  ASSERT_TRUE(outbox_.Save(report).ok());
}

void DeliveryTest::QueueOnly(const Strings& chats, const std::vector<QueuedMessage>& parts) {
  ASSERT_TRUE(outbox_.Remove({.id = "report"}).ok());
  Queue("only", chats, parts);
}

DeliverySummary DeliveryTest::DeliverNow(Guarantee guarantee) {
  BotApi api(http_, "https://example.org", Secret("1:x"));
  absl::StatusOr<DeliverySummary> summary =
      Deliver(outbox_, api,
              {.guarantee = guarantee,
               .run_budget = run_budget_,
               .clock = [this] { return now_ + clock_error_; },
               .stopwatch = [this] { return now_ - absl::UnixEpoch(); },
               .sleep =
                   [this](absl::Duration time) {
                     slept_ += time;
                     now_ += time;
                   }});
  EXPECT_TRUE(summary.ok()) << summary.status();
  return *std::move(summary);
}

}  // namespace cpuagg::notify
