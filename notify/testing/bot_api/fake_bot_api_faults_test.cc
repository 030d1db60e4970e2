// Every fault, as raw sockets see it.

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/loopback.h"
#include "notify/testing/net/test_http_client.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached

class FakeBotApiFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<FakeBotApi>> api = FakeBotApi::Start();
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
  }

  std::string Message(const std::string& chat_id) const {
    return PostRequest(absl::StrCat("/bot", api_->token(), "/sendMessage"),
                       "application/x-www-form-urlencoded",
                       UrlEncodedBody({{"chat_id", chat_id}, {"text", "report"}}));
  }

  absl::StatusOr<HttpReply> Send(const std::string& chat_id = "42") const {
    return Exchange(api_->port(), Message(chat_id));
  }

  Connection Connect() const {
    absl::StatusOr<Connection> connection = Connection::Open(api_->port(), nullptr, kLong);
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }

  std::unique_ptr<FakeBotApi> api_;
};

TEST_F(FakeBotApiFaultsTest, RepliesAreSentVerbatimThenTheRulesAnswerAgain) {
  const HttpReply replies[] = {
      TooManyRequests(2),
      Migrated(-1001234567890),
      Error(401, "Unauthorized"),
      Error(403, "Forbidden: bot was blocked by the user"),
      Error(500, "Internal Server Error"),
      BadGatewayPage(absl::StrCat(api_->base_url(), "/bot", api_->token(), "/sendMessage")),
      {.body = "<html>welcome</html>", .content_type = "text/html"},
      {.body = R"({"ok":true,"result":{"mess)"},
      Redirect("http://127.0.0.1:1/"),
  };
  for (const HttpReply& reply : replies) api_->Enqueue({reply});
  for (const HttpReply& expected : replies) {
    const absl::StatusOr<HttpReply> reply = Send();
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(reply->status_code, expected.status_code);
    EXPECT_EQ(reply->body, expected.body);
    EXPECT_EQ(reply->content_type, expected.content_type);
    const FakeBotApi::Received received = api_->received().back();
    EXPECT_EQ(received.status_code, expected.status_code);
    EXPECT_EQ(received.response_body, expected.body);
    EXPECT_EQ(received.message_id, 0);
  }
  EXPECT_TRUE(api_->faults_consumed());
  const absl::StatusOr<HttpReply> reply = Send();
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status_code, 200);
}

TEST_F(FakeBotApiFaultsTest, ExtraHeadersAreSent) {
  api_->Enqueue({TooManyRequests(7)});
  EXPECT_EQ(Send()->extra_headers.at("retry-after"), "7");
  api_->Enqueue({Redirect("http://127.0.0.1:1/")});
  EXPECT_EQ(Send()->extra_headers.at("location"), "http://127.0.0.1:1/");
}

TEST_F(FakeBotApiFaultsTest, AFaultMayBeForOneChatOnly) {
  api_->Enqueue({.action = Error(403, "Forbidden: bot was kicked"), .only_chat = "-1001"});
  EXPECT_EQ(Send("42")->status_code, 200);
  EXPECT_FALSE(api_->faults_consumed());
  EXPECT_EQ(Send("-1001")->status_code, 403);
  EXPECT_EQ(Send("-1001")->status_code, 200);
}

TEST_F(FakeBotApiFaultsTest, CloseAfterReadingDeliversOnlyWhenAsked) {
  for (const bool deliver : {false, true}) {
    api_->Enqueue({.action = CloseAfterReading{}, .deliver = deliver});
    EXPECT_TRUE(absl::IsDataLoss(Send().status()));  // a clean end without a byte
    const FakeBotApi::Received received = api_->received().back();
    EXPECT_EQ(received.status_code, 0);
    EXPECT_EQ(received.message_id != 0, deliver);
    EXPECT_EQ(received.visible_text, deliver ? "report" : "");
    EXPECT_EQ(received.fields.at("text").value, "report");
  }
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiFaultsTest, AFaultyReplyMayBeToADeliveredMessage) {
  api_->Enqueue({.action = Error(500, "Internal Server Error"), .deliver = true});
  EXPECT_EQ(Send()->status_code, 500);
  EXPECT_EQ(api_->received().back().message_id, 1);
  EXPECT_EQ(nlohmann::json::parse(Send()->body)["result"]["message_id"], 2);
}

TEST_F(FakeBotApiFaultsTest, CloseAfterReadingEndsAKeptConnectionToo) {
  Connection connection = Connect();
  ASSERT_TRUE(connection.Write(Message("42"), kLong).ok());
  ASSERT_TRUE(ReadReply(connection).ok());
  api_->Enqueue({CloseAfterReading{}});
  ASSERT_TRUE(connection.Write(Message("42"), kLong).ok());
  EXPECT_TRUE(absl::IsDataLoss(ReadReply(connection).status()));
  EXPECT_EQ(api_->received().size(), 2u);
}

TEST_F(FakeBotApiFaultsTest, ResetMidUploadReadsNoMoreThanItSays) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{60}}) {
    const size_t before = api_->bytes_received();
    api_->Enqueue({ResetMidUpload{bytes}});
    const absl::Status status = Send().status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;  // a reset, not an end
    EXPECT_EQ(api_->bytes_received() - before, bytes);
  }
  EXPECT_EQ(api_->received().size(), 0u);
  EXPECT_TRUE(Send().ok());
}

TEST_F(FakeBotApiFaultsTest, ResetMidUploadOfAShortRequestResetsAtItsEnd) {
  api_->Enqueue({ResetMidUpload{1 << 20}});
  EXPECT_TRUE(absl::IsUnavailable(Send().status()));
  EXPECT_EQ(api_->received().size(), 0u);
}

TEST_F(FakeBotApiFaultsTest, NeverReplyStaysSilentUntilTheClientLeaves) {
  api_->Enqueue({.action = NeverReply{}, .deliver = true});
  {
    Connection connection = Connect();
    ASSERT_TRUE(connection.Write(Message("42"), kLong).ok());
    ASSERT_TRUE(api_->WaitForRequests(1, kLong));
    std::array<char, 1> byte;
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        connection.Read(absl::MakeSpan(byte), absl::Milliseconds(50)).status()));
    EXPECT_EQ(api_->received().back().status_code, 0);
    EXPECT_EQ(api_->received().back().message_id, 1);
  }
  EXPECT_EQ(Send()->status_code, 200);
}

TEST_F(FakeBotApiFaultsTest, CloseOnAcceptReadsNothing) {
  api_->Enqueue({CloseOnAccept{}});
  Connection connection = Connect();
  std::array<char, 1> byte;
  const absl::StatusOr<size_t> read = connection.Read(absl::MakeSpan(byte), kLong);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, 0u);
  EXPECT_EQ(api_->bytes_received(), 0u);
  EXPECT_EQ(Send()->status_code, 200);
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiFaultsTest, EndlessBodyGoesOnToItsBound) {
  constexpr size_t kBound = (size_t{1} << 20) + 1;
  api_->Enqueue({EndlessBody{kBound}});
  Connection connection = Connect();
  ASSERT_TRUE(connection.Write(Message("42"), kLong).ok());
  std::string received;
  std::array<char, 65536> buffer;
  while (true) {
    const absl::StatusOr<size_t> read = connection.Read(absl::MakeSpan(buffer), kLong);
    ASSERT_TRUE(read.ok()) << read.status();
    if (*read == 0) break;
    received.append(buffer.data(), *read);
  }
  EXPECT_EQ(received.size() - received.find("xx"), kBound);
  EXPECT_TRUE(absl::StartsWith(received, "HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(absl::StrContains(received, "Content-Length"));
  EXPECT_TRUE(absl::StrContains(received, "\r\n\r\n{\"ok\":true,"));
}

TEST_F(FakeBotApiFaultsTest, EndlessBodyEndsWhenTheClientLeaves) {
  api_->Enqueue({EndlessBody{}});
  {
    Connection connection = Connect();
    ASSERT_TRUE(connection.Write(Message("42"), kLong).ok());
    std::array<char, 65536> buffer;
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(connection.Read(absl::MakeSpan(buffer), kLong).ok());
  }
  EXPECT_EQ(Send()->status_code, 200);
}

TEST_F(FakeBotApiFaultsTest, TruncatedReplyAnnouncesMoreThanItSends) {
  api_->Enqueue({TruncatedReply{{.body = R"({"ok":true,"result":{}})"}, 5}});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "Content-Length: 28\r\n")) << status;
  EXPECT_TRUE(absl::EndsWith(status.message(), R"({"ok":true,"result":{}})")) << status;
  EXPECT_EQ(api_->received().back().status_code, 200);
}

TEST_F(FakeBotApiFaultsTest, ARawReplyIsSentAsItIs) {
  constexpr char kBytes[] = "SSH-2.0-OpenSSH_9.2\r\n";
  api_->Enqueue({.action = RawReply{kBytes}, .deliver = true});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(absl::EndsWith(status.message(), kBytes)) << status;
  EXPECT_EQ(api_->received().back().message_id, 1);
}

TEST_F(FakeBotApiFaultsTest, FaultsOfAllKindsPlayInOrder) {
  api_->Enqueue({Error(500, "a")});
  api_->Enqueue({CloseOnAccept{}});
  api_->Enqueue({ResetMidUpload{10}});
  api_->Enqueue({TooManyRequests(1)});
  EXPECT_EQ(Send()->status_code, 500);
  EXPECT_FALSE(Send().ok());
  EXPECT_TRUE(absl::IsUnavailable(Send().status()));
  EXPECT_EQ(Send()->status_code, 429);
  EXPECT_EQ(Send()->status_code, 200);
  EXPECT_EQ(api_->received().size(), 3u);
}

}  // namespace
}  // namespace cpuagg::notify::testing
