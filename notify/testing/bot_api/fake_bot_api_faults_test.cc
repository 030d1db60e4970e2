#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "notify/testing/bot_api/curl_fixture.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

using ::testing::AnyOf;

using FakeBotApiFaultsTest = FakeBotApiTest;

TEST_F(FakeBotApiFaultsTest, RepliesAreSentVerbatimThenTheRulesAnswerAgain) {
  const HttpReply replies[] = {
      TooManyRequests(2),
      Migrated(-1001234567890),
      Error(401, "Unauthorized"),
      Error(403, "Forbidden: bot was blocked by the user"),
      Error(413, "Request Entity Too Large"),
      Error(500, "Internal Server Error"),
      BadGatewayPage(absl::StrCat(api_->base_url(), Path("sendMessage"))),
      {.body = "<html>welcome</html>", .content_type = "text/html"},
      {.body = R"({"ok":true,"result":{"mess)"},
      {.body = ""},
      Redirect("http://127.0.0.1:1/"),
  };
  for (const HttpReply& reply : replies) api_->Enqueue({reply});
  for (const HttpReply& expected : replies) {
    ASSERT_EQ(SendMessage(), CURLE_OK);
    EXPECT_EQ(status_, expected.status_code);
    EXPECT_EQ(body_, expected.body);
    const char* type = nullptr;
    curl_easy_getinfo(curl_, CURLINFO_CONTENT_TYPE, &type);
    EXPECT_STREQ(type, expected.content_type.c_str());
    const FakeBotApi::Received received = api_->received().back();
    EXPECT_EQ(received.status_code, expected.status_code);
    EXPECT_EQ(received.response_body, expected.body);
    EXPECT_EQ(received.message_id, 0);
  }
  EXPECT_TRUE(api_->faults_consumed());
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 200);
}

TEST_F(FakeBotApiFaultsTest, ExtraHeadersAreSent) {
  api_->Enqueue({TooManyRequests(7)});
  EXPECT_EQ(SendMessage(), CURLE_OK);
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &seconds);
  EXPECT_EQ(seconds, 7);
  api_->Enqueue({Redirect("http://127.0.0.1:1/")});
  EXPECT_EQ(SendMessage(), CURLE_OK);
  const char* location = nullptr;
  curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &location);
  EXPECT_STREQ(location, "http://127.0.0.1:1/");
}

TEST_F(FakeBotApiFaultsTest, AFaultMayBeForOneChatOnly) {
  api_->Enqueue({.action = Error(403, "Forbidden: bot was kicked"), .only_chat = "-1001"});
  const auto status_in = [&](const std::string& chat) {
    EXPECT_EQ(SendMessage(absl::StrCat("text=a&chat_id=", chat)), CURLE_OK);
    return status_;
  };
  EXPECT_EQ(status_in("42"), 200);
  EXPECT_FALSE(api_->faults_consumed());
  EXPECT_EQ(status_in("-1001"), 403);
  EXPECT_EQ(status_in("-1001"), 200);
}

TEST_F(FakeBotApiFaultsTest, CloseAfterReadingDeliversOnlyWhenAsked) {
  for (const bool deliver : {false, true}) {
    api_->Enqueue({.action = CloseAfterReading{}, .deliver = deliver});
    EXPECT_EQ(SendMessage(), CURLE_GOT_NOTHING);
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
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 500);
  EXPECT_EQ(api_->received().back().message_id, 1);
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(Json()["result"]["message_id"], 2);
}

TEST_F(FakeBotApiFaultsTest, CloseAfterReadingEndsAKeptConnectionToo) {
  EXPECT_EQ(SendBody(Path("sendMessage"), kMessage), CURLE_OK);
  api_->Enqueue({CloseAfterReading{}});
  // libcurl repeats it over a connection of its own.
  EXPECT_EQ(SendBody(Path("sendMessage"), kMessage), CURLE_OK);
  EXPECT_EQ(api_->received().size(), 3u);
  EXPECT_EQ(api_->received()[1].status_code, 0);
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiFaultsTest, ResetMidUploadReadsNoMoreThanItSays) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{60}}) {
    const size_t before = api_->bytes_received();
    api_->Enqueue({ResetMidUpload{bytes}});
    EXPECT_EQ(SendMessage(), CURLE_RECV_ERROR);  // a reset, not an end
    EXPECT_EQ(api_->bytes_received() - before, bytes);
  }
  EXPECT_EQ(api_->received().size(), 0u);
  EXPECT_EQ(SendMessage(), CURLE_OK);
}

TEST_F(FakeBotApiFaultsTest, ResetMidUploadOfAShortRequestResetsAtItsEnd) {
  api_->Enqueue({ResetMidUpload{1 << 20}});
  EXPECT_EQ(SendMessage(), CURLE_RECV_ERROR);
  EXPECT_EQ(api_->received().size(), 0u);
}

TEST_F(FakeBotApiFaultsTest, NeverReplyStaysSilentUntilTheClientLeaves) {
  api_->Enqueue({.action = NeverReply{}, .deliver = true});
  timeout_ms_ = 100;
  EXPECT_EQ(SendMessage(), CURLE_OPERATION_TIMEDOUT);
  EXPECT_EQ(api_->received().back().status_code, 0);
  EXPECT_EQ(api_->received().back().message_id, 1);
  timeout_ms_ = 30000;
  EXPECT_EQ(SendMessage(), CURLE_OK);
}

TEST_F(FakeBotApiFaultsTest, CloseOnAcceptReadsNothing) {
  api_->Enqueue({CloseOnAccept{}});
  // The client may have sent its request before it learns that nobody reads it.
  EXPECT_THAT(SendMessage(), AnyOf(CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR));
  EXPECT_EQ(api_->bytes_received(), 0u);
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiFaultsTest, EndlessBodyGoesOnToItsBoundWithoutALength) {
  constexpr size_t kBound = (size_t{1} << 20) + 1;
  api_->Enqueue({EndlessBody{kBound}});
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 200);
  curl_off_t length = 0;
  curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  EXPECT_EQ(length, -1);
  EXPECT_TRUE(absl::StartsWith(body_, "{\"ok\":true,"));
  EXPECT_EQ(body_.size() - body_.find("xx"), kBound);
}

TEST_F(FakeBotApiFaultsTest, EndlessBodyEndsWhenTheClientLeaves) {
  api_->Enqueue({EndlessBody{size_t{1} << 40}});
  timeout_ms_ = 50;
  EXPECT_EQ(SendMessage(), CURLE_OPERATION_TIMEDOUT);
  timeout_ms_ = 30000;
  EXPECT_EQ(SendMessage(), CURLE_OK);
}

TEST_F(FakeBotApiFaultsTest, TruncatedReplyAnnouncesMoreThanItSends) {
  api_->Enqueue({TruncatedReply{R"({"ok":true,"result":{}})", 5}});
  EXPECT_EQ(SendMessage(), CURLE_PARTIAL_FILE);
  curl_off_t length = 0;
  curl_easy_getinfo(curl_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  EXPECT_EQ(length, 28);
  EXPECT_EQ(body_, R"({"ok":true,"result":{}})");
}

TEST_F(FakeBotApiFaultsTest, ARawReplyIsSentAsItIs) {
  constexpr char kBytes[] = "SSH-2.0-OpenSSH_9.2\r\n";
  curl_easy_setopt(curl_, CURLOPT_HTTP09_ALLOWED, 1L);
  api_->Enqueue({.action = RawReply{kBytes}, .deliver = true});
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(body_, kBytes);
  EXPECT_EQ(api_->received().back().message_id, 1);
}

TEST_F(FakeBotApiFaultsTest, FaultsOfAllKindsPlayInOrder) {
  api_->Enqueue({Error(500, "a")});
  api_->Enqueue({CloseOnAccept{}});
  api_->Enqueue({ResetMidUpload{10}});
  api_->Enqueue({TooManyRequests(1)});
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 500);
  EXPECT_NE(SendMessage(), CURLE_OK);
  EXPECT_EQ(SendMessage(), CURLE_RECV_ERROR);
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 429);
  EXPECT_EQ(SendMessage(), CURLE_OK);
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(api_->received().size(), 3u);
}

}  // namespace
}  // namespace cpuagg::notify::testing
