// Tests the client with real sockets: what the server receives, and how the client interprets the
// reply. curl_connection_test.cc tests whom it connects to.

#include "notify/http/curl_http_client.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "notify/http/http_client.h"
#include "notify/http/posting_fixture.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify {
namespace {

using testing::CloseAfterReading;
using testing::CloseOnAccept;
using testing::EndlessBody;
using testing::FakeBotApi;
using testing::FaultAction;
using testing::HttpReply;
using testing::NeverReply;
using testing::RawReply;
using testing::ResetMidUpload;
using testing::TruncatedReply;

class CurlHttpClientTest : public PostingFixture {};

TEST_F(CurlHttpClientTest, AFormArrivesAsItWasGiven) {
  std::string file(size_t{3} << 20, 'x');
  for (size_t i = 0; i < file.size(); ++i) file[i] = static_cast<char>(i * 7);
  options_.user_agent = "cpuagg/1";
  const absl::StatusOr<HttpResponse> response =
      Post({.url = Url(api_->base_url(), "sendDocument"),
            .parts = {{.name = "chat_id", .content = "-1001"},
                      {.name = "caption", .content = "\"a\" & \xC3\xA4\n--"},
                      {.name = "document",
                       .content = file,
                       .file_name = "users.csv",
                       .content_type = "text/csv"}}});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200) << response->body;
  ASSERT_EQ(api_->received().size(), 1u);
  const FakeBotApi::Received received = api_->received()[0];
  EXPECT_EQ(response->body, received.response_body);
  EXPECT_EQ(received.fields.at("chat_id").value, "-1001");
  EXPECT_EQ(received.fields.at("caption").value, "\"a\" & \xC3\xA4\n--");
  EXPECT_TRUE(received.fields.at("document") == (testing::Field{file, "users.csv", "text/csv"}));
  EXPECT_EQ(received.headers.at("user-agent"), "cpuagg/1");
  // Otherwise libcurl waits a second for "100 Continue", which many servers do not send.
  EXPECT_EQ(received.headers.count("expect"), 0u);
}

TEST_F(CurlHttpClientTest, ARequestWithoutPartsHasAnEmptyBody) {
  const absl::StatusOr<HttpResponse> response = Post({.url = Url(api_->base_url(), "getMe")});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200) << response->body;
  ASSERT_EQ(api_->received().size(), 1u);
  EXPECT_EQ(api_->received()[0].headers.at("content-length"), "0");
}

TEST_F(CurlHttpClientTest, RefusalsAreReplies) {
  const HttpReply replies[] = {
      testing::TooManyRequests(7),
      testing::Error(400, "Bad Request: chat not found"),
      testing::Error(500, "Internal Server Error"),
      testing::BadGatewayPage(Url(api_->base_url())),
      {.body = R"({"ok":true,"resu)"},
      {.body = ""},
  };
  for (const HttpReply& reply : replies) {
    api_->Enqueue({reply});
    const absl::StatusOr<HttpResponse> response = Send();
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->status, reply.status_code);
    EXPECT_EQ(response->body, reply.body);
    EXPECT_EQ(response->retry_after, absl::Seconds(reply.status_code == 429 ? 7 : 0));
  }
}

TEST_F(CurlHttpClientTest, ARedirectIsNotFollowed) {
  absl::StatusOr<std::unique_ptr<FakeBotApi>> other = FakeBotApi::Start();
  ASSERT_TRUE(other.ok()) << other.status();
  api_->Enqueue({testing::Redirect(Url((*other)->base_url()))});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(api_->received().size(), 1u);
  EXPECT_EQ((*other)->connections(), 0);
}

TEST_F(CurlHttpClientTest, ARequestIsNeverRepeated) {
  for (int posts = 1; posts <= 3; ++posts) {
    api_->Enqueue({.action = CloseAfterReading{}, .deliver = true});
    const absl::Status status = Send().status();
    EXPECT_TRUE(absl::IsUnknown(status)) << status;
    EXPECT_EQ(api_->received().size(), static_cast<size_t>(posts));
    EXPECT_EQ(api_->connections(), posts);
  }
  // Nor over a connection that the server would have kept open.
  for (int posts = 4; posts <= 5; ++posts) {
    EXPECT_TRUE(Send().ok());
    EXPECT_EQ(api_->received().size(), static_cast<size_t>(posts));
    EXPECT_EQ(api_->connections(), posts);
  }
}

TEST_F(CurlHttpClientTest, AConnectionThatBreaksMayHaveCarriedTheRequest) {
  const FaultAction actions[] = {ResetMidUpload{1}, ResetMidUpload{size_t{1} << 20},
                                 ResetMidUpload{size_t{64} << 20}, CloseOnAccept{}};
  for (const FaultAction& action : actions) {
    api_->Enqueue({action});
    const absl::Status status = Post({.url = Url(api_->base_url(), "sendDocument"),
                                      .parts = {{.name = "chat_id", .content = "42"},
                                                {.name = "document",
                                                 .content = std::string(size_t{8} << 20, 'x'),
                                                 .file_name = "users.csv",
                                                 .content_type = "text/csv"}}})
                                    .status();
    EXPECT_TRUE(absl::IsUnknown(status)) << action.index() << ": " << status;
  }
  EXPECT_EQ(api_->connections(), 4);
  EXPECT_TRUE(api_->received().empty());
  EXPECT_TRUE(api_->faults_consumed());
}

TEST_F(CurlHttpClientTest, AServerThatNeverRepliesIsLeftInTime) {
  api_->Enqueue({NeverReply{}});
  const absl::Time begin = absl::Now();
  const absl::Status status = Send(kShort).status();
  EXPECT_LT(absl::Now() - begin, kLong);
  EXPECT_TRUE(absl::IsUnknown(status)) << status;
  EXPECT_EQ(api_->received().size(), 1u);
}

TEST_F(CurlHttpClientTest, NoTimeIsNotAllTheTime) {
  for (const absl::Duration timeout : {absl::ZeroDuration(), -absl::Seconds(1)}) {
    api_->Enqueue({NeverReply{}});
    EXPECT_FALSE(Send(timeout).ok());
  }
}

TEST_F(CurlHttpClientTest, ABrokenReplyLeavesUnknownWhatBecameOfTheRequest) {
  const struct {
    const char* what;
    FaultAction action;
  } cases[] = {
      {"ends before its Content-Length", TruncatedReply{R"({"ok":true})", 5}},
      {"ends within a chunk",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"ok\":true"}},
      {"ends before the last chunk",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"}},
      {"has a chunk without a size",
       RawReply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n"}},
      {"has an invalid length", RawReply{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"}},
      {"is of another protocol", RawReply{"SSH-2.0-OpenSSH_9.2\r\n"}},
      {"is HTTP/0.9", RawReply{"{\"ok\":true,\"result\":{\"message_id\":1}}"}},
      {"is of an unknown version", RawReply{"HTTP/7.3 200 OK\r\nContent-Length: 2\r\n\r\n{}"}},
      {"is empty", RawReply{""}},
  };
  size_t posts = 0;
  for (const auto& c : cases) {
    api_->Enqueue({.action = c.action, .deliver = true});
    const absl::Status status = Send().status();
    EXPECT_TRUE(absl::IsUnknown(status)) << c.what << ": " << status;
    EXPECT_EQ(api_->received().size(), ++posts) << c.what;
  }
}

TEST_F(CurlHttpClientTest, AReplyThatEndsWithinItsHeadersHasNoBody) {
  // libcurl takes it for complete; the caller must notice that nothing confirms the message.
  api_->Enqueue({RawReply{"HTTP/1.1 200 OK\r\nContent-Le"}});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "");
}

TEST_F(CurlHttpClientTest, AReplyMayHaveAMebibyte) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  api_->Enqueue({HttpReply{.body = std::string(kMebibyte, 'x')}});
  const absl::StatusOr<HttpResponse> response = Send();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body.size(), kMebibyte);

  api_->Enqueue({HttpReply{.body = std::string(kMebibyte + 1, 'x')}});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "longer than 1 MiB")) << status;
}

TEST_F(CurlHttpClientTest, ARequestSaysHowLongItsReplyMayBe) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  api_->Enqueue({HttpReply{.body = std::string(2 * kMebibyte, 'x')}});
  const HttpRequest request = {.url = Url(api_->base_url()), .most_reply_bytes = 2 * kMebibyte};
  const absl::StatusOr<HttpResponse> response = Post(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body.size(), 2 * kMebibyte);
  api_->Enqueue({HttpReply{.body = std::string(2 * kMebibyte + 1, 'x')}});
  EXPECT_TRUE(absl::StrContains(Post(request).status().message(), "longer than 2 MiB"));
}

TEST_F(CurlHttpClientTest, ABodyArrivesAsItIs) {
  ASSERT_TRUE(Post({.url = Url(api_->base_url()),
                    .body = "{\"chat_id\": 42, \"text\": \"a b\"}",
                    .headers = {"Content-Type: application/json"}})
                  .ok());
  ASSERT_EQ(api_->received().size(), 1u);
  EXPECT_EQ(api_->received()[0].visible_text, "a b");
}

TEST_F(CurlHttpClientTest, AnEndlessReplyTakesBoundedMemory) {
  const auto peak_kib = [] {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = peak_kib();
  api_->Enqueue({EndlessBody{}});
  const absl::Status status = Send().status();
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
  EXPECT_LT(peak_kib() - before, 64 << 10);
  EXPECT_EQ(api_->received().size(), 1u);
}

}  // namespace
}  // namespace cpuagg::notify
