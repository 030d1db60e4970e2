#include "notify/outgoing/send_message.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

// A server that takes everything, and the fields of the last request to it.
class Server : public HttpClient {
 public:
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    fields.clear();
    for (const FormPart& part : request.parts) fields[part.name] = part.content;
    return HttpResponse{
        .status = 200,
        .body = R"({"ok":true,"result":{"message_id":1,"document":{"file_id":"known"}}})"};
  }

  std::map<std::string, std::string> fields;
};

class SendMessageTest : public ::testing::Test {
 protected:
  // A report of a file and of these messages.
  static QueuedReport ReportOf(std::vector<QueuedMessage> parts) {
    return {.files = {{.name = "a.csv", .content_type = "text/csv", .content = "uid"}},
            .deliveries = {{.chat = {.id = "1"}, .parts = std::move(parts)}}};
  }

  SendResult Send(const QueuedReport& report, size_t part) {
    const ChatQueue& queue = report.deliveries[0];
    return SendQueuedMessage(api_, report, queue, queue.parts[part]);
  }

  Server server_;
  BotApi api_{server_, "https://example.org", Secret("1:x")};
};

TEST_F(SendMessageTest, AReplyIsOneToTheFirstMessageThatWasSent) {
  const QueuedReport report =
      ReportOf({{.html = "refused", .state = PartState::kFailed},
                {.html = "sent", .state = PartState::kSent, .message_id = 12},
                {.html = "sent too", .state = PartState::kSent, .message_id = 13},
                {.html = "reply", .is_reply = true}});
  Send(report, 3);
  const std::string reply = server_.fields["reply_parameters"];
  EXPECT_NE(reply.find("\"message_id\":12"), std::string::npos) << reply;
}

TEST_F(SendMessageTest, WhatIsNoReplyStandsAlone) {
  Send(ReportOf({{.html = "sent", .state = PartState::kSent, .message_id = 12},
                 {.html = "another"},
                 {.html = "reply", .is_reply = true}}),
       1);
  EXPECT_EQ(server_.fields["text"], "another");
  EXPECT_FALSE(server_.fields.contains("reply_parameters"));
  // Nor is a reply one if nothing was sent before.
  Send(ReportOf({{.html = "reply", .is_reply = true}}), 0);
  EXPECT_FALSE(server_.fields.contains("reply_parameters"));
}

// Also to another chat.
TEST_F(SendMessageTest, AFileThatTheServerHasIsSentAsItsId) {
  for (const PartForm form : {PartForm::kDocument, PartForm::kPhoto}) {
    const std::string field = form == PartForm::kPhoto ? "photo" : "document";
    QueuedReport report = ReportOf({{.form = form, .html = "caption"}});
    const SendResult result = Send(report, 0);
    EXPECT_EQ(server_.fields[field], "uid");
    ASSERT_EQ(result.file_id, "known");
    KeepFileId(result, report.deliveries[0].parts[0], report);
    Send(report, 0);
    EXPECT_EQ(server_.fields[field], "known");
  }
}

// An id of a photo is not one of a document.
TEST_F(SendMessageTest, AFileThatWasSentInAnotherFormIsSentItself) {
  QueuedReport report = ReportOf({{.form = PartForm::kPhoto, .html = "caption"}});
  KeepFileId(Send(report, 0), report.deliveries[0].parts[0], report);
  report.deliveries[0].parts[0].form = PartForm::kDocument;
  Send(report, 0);
  EXPECT_EQ(server_.fields["document"], "uid");
}

}  // namespace
}  // namespace cpuagg::notify
