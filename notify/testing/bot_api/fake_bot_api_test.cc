// The server as raw sockets see it. What it answers to a well-formed request is the matter of
// bot_api_rules_test.cc; here is what comes before: connections, HTTP, and the record.

#include "notify/testing/bot_api/fake_bot_api.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/form_fields.h"
#include "notify/testing/net/http_reply.h"
#include "notify/testing/net/loopback.h"
#include "notify/testing/net/test_http_client.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached
constexpr char kForm[] = "application/x-www-form-urlencoded";

class FakeBotApiTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({}); }

  void Start(FakeBotApi::Options options) {
    absl::StatusOr<std::unique_ptr<FakeBotApi>> api = FakeBotApi::Start(std::move(options));
    ASSERT_TRUE(api.ok()) << api.status();
    api_ = *std::move(api);
  }

  std::string Path(const std::string& method) const {
    return absl::StrCat("/bot", api_->token(), "/", method);
  }

  HttpReply Send(const std::string& request) const {
    const absl::StatusOr<HttpReply> reply = Exchange(api_->port(), request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(HttpReply{.status_code = 0});
  }

  Connection Connect() const {
    absl::StatusOr<Connection> connection = Connection::Open(api_->port(), nullptr, kLong);
    EXPECT_TRUE(connection.ok()) << connection.status();
    return *std::move(connection);
  }

  std::unique_ptr<FakeBotApi> api_;
};

TEST_F(FakeBotApiTest, ARequestIsAnsweredAndRecorded) {
  const std::string body =
      UrlEncodedBody({{"chat_id", "42"}, {"text", "<b>hi</b>"}, {"parse_mode", "HTML"}});
  const HttpReply reply = Send(PostRequest(Path("sendMessage") + "?silent=1", kForm, body));
  EXPECT_EQ(reply.status_code, 200);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.extra_headers.at("connection"), "keep-alive");
  const nlohmann::json result = nlohmann::json::parse(reply.body)["result"];
  EXPECT_EQ(result["text"], "hi");

  const std::vector<FakeBotApi::Received> received = api_->received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].method, "sendMessage");
  EXPECT_EQ(received[0].token, api_->token());
  EXPECT_EQ(received[0].target, Path("sendMessage") + "?silent=1");
  EXPECT_EQ(received[0].fields.at("text").value, "<b>hi</b>");
  EXPECT_EQ(received[0].fields.at("silent").value, "1");
  EXPECT_EQ(received[0].raw_body, body);
  EXPECT_EQ(received[0].headers.at("host"), "localhost");
  EXPECT_EQ(received[0].status_code, 200);
  EXPECT_EQ(received[0].response_body, reply.body);
  EXPECT_EQ(received[0].visible_text, "hi");
  EXPECT_EQ(received[0].message_id, result["message_id"]);
  EXPECT_EQ(api_->connections(), 1);
  EXPECT_GT(api_->bytes_received(), body.size());
}

TEST_F(FakeBotApiTest, EveryKindOfBodyIsUnderstood) {
  const std::string path = Path("sendMessage");
  const std::string requests[] = {
      absl::StrCat("GET ", path, "?chat_id=42&text=a%20b HTTP/1.1\r\nHost: x\r\n\r\n"),
      PostRequest(path, kForm, "chat_id=42&text=a+b"),
      PostRequest(path, "application/json; charset=utf-8", R"({"chat_id":42,"text":"a b"})"),
      PostRequest(path, kMultipartType,
                  MultipartBody({MultipartPart("chat_id", "42"), MultipartPart("text", "a b")})),
      absl::StrCat("POST ", path, " HTTP/1.1\r\nContent-Type: ", kForm,
                   "\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "7\r\nchat_id\r\nC\r\n=42&text=a+b\r\n0\r\n\r\n"),
  };
  for (const std::string& request : requests) {
    EXPECT_EQ(Send(request).status_code, 200) << request;
    EXPECT_EQ(api_->received().back().visible_text, "a b") << request;
  }
  EXPECT_EQ(api_->received().size(), std::size(requests));
}

TEST_F(FakeBotApiTest, AnUploadIsByteIdentical) {
  const std::string png = MakePng(300, 200);
  const HttpReply reply =
      Send(PostRequest(Path("sendPhoto"), kMultipartType,
                       MultipartBody({MultipartPart("chat_id", "42"), MultipartPart("caption", "c"),
                                      MultipartFile("photo", "chart.png", "image/png", png)})));
  EXPECT_EQ(reply.status_code, 200) << reply.body;
  const FakeBotApi::Received received = api_->received().back();
  EXPECT_EQ(received.fields.at("photo"), (Field{png, "chart.png", "image/png"}));
  EXPECT_EQ(received.visible_text, "c");

  const std::string file_id = nlohmann::json::parse(reply.body)["result"]["photo"][0]["file_id"];
  const std::string body = UrlEncodedBody({{"chat_id", "43"}, {"photo", file_id}});
  EXPECT_EQ(Send(PostRequest(Path("sendPhoto"), kForm, body)).status_code, 200);
}

TEST_F(FakeBotApiTest, RefusalsHaveTheirHttpStatus) {
  Start({.known_chats = {"42"}});
  const std::string large(size_t{1} << 20, 'x');
  const struct {
    std::string request;
    int code;
    std::string description;
  } cases[] = {
      {PostRequest(Path("sendMessage"), kForm, "chat_id=42"), 400,
       "Bad Request: message text is empty"},
      {PostRequest(Path("sendMessage"), kForm, "chat_id=43&text=a"), 400,
       "Bad Request: chat not found"},
      {PostRequest(Path("sendMessage"), kForm, "chat_id=42&text=%3Cb%3E&parse_mode=HTML"), 400,
       "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""},
      {PostRequest(Path("sendMessage"), "application/json", "{"), 400,
       "Bad Request: can't parse request: JSON object expected"},
      {PostRequest(Path("sendMessage"), kForm, "chat_id=42&text=" + large), 413,
       "Request Entity Too Large"},
      {PostRequest("/bot1:AAtest-token_of-the-fake-bot-api00/getMe", kForm, ""), 401,
       "Unauthorized"},
      {PostRequest("/bot1:x/getMe", kForm, ""), 404, "Not Found"},
      {PostRequest("/", kForm, ""), 404, "Not Found"},
      {PostRequest(Path("getYou"), kForm, ""), 404, "Not Found: method not found"},
      {absl::StrCat("PUT ", Path("getMe"), " HTTP/1.1\r\n\r\n"), 405, "Method Not Allowed"},
  };
  for (const auto& c : cases) {
    const HttpReply reply = Send(c.request);
    const nlohmann::json body = nlohmann::json::parse(reply.body);
    EXPECT_EQ(reply.status_code, c.code) << c.description;
    EXPECT_EQ(body["ok"], false);
    EXPECT_EQ(body["error_code"], c.code);
    EXPECT_EQ(body["description"], c.description);
    EXPECT_EQ(api_->received().back().status_code, c.code);
    EXPECT_EQ(api_->received().back().message_id, 0);
  }
}

TEST_F(FakeBotApiTest, WhatIsNotHttpIsRefusedAndNotRecorded) {
  const struct {
    std::string request;
    int code;
  } cases[] = {
      {"\x16\x03\x01 this is TLS\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413},
      {"GET / HTTP/1.1\r\nA: " + std::string(70000, 'a') + "\r\n\r\n", 413},
  };
  for (const auto& c : cases) {
    const HttpReply reply = Send(c.request);
    EXPECT_EQ(reply.status_code, c.code);
    EXPECT_EQ(reply.extra_headers.at("connection"), "close");
  }
  EXPECT_EQ(api_->received().size(), 0u);
}

TEST_F(FakeBotApiTest, APathPrefixComesBeforeTheCall) {
  Start({.path_prefix = "/telegram"});
  EXPECT_EQ(api_->base_url(), absl::StrCat("http://127.0.0.1:", api_->port(), "/telegram"));
  EXPECT_EQ(Send(PostRequest("/telegram" + Path("getMe"), kForm, "")).status_code, 200);
  EXPECT_EQ(Send(PostRequest(Path("getMe"), kForm, "")).status_code, 404);
}

TEST_F(FakeBotApiTest, AConnectionServesManyRequests) {
  Connection connection = Connect();
  for (int i = 1; i <= 3; ++i) {
    const std::string body = absl::StrCat("chat_id=42&text=", i);
    ASSERT_TRUE(connection.Write(PostRequest(Path("sendMessage"), kForm, body), kLong).ok());
    const absl::StatusOr<HttpReply> reply = ReadReply(connection);
    ASSERT_TRUE(reply.ok()) << reply.status();
    EXPECT_EQ(nlohmann::json::parse(reply->body)["result"]["message_id"], i);
  }
  EXPECT_EQ(api_->connections(), 1);
  EXPECT_EQ(api_->received().size(), 3u);
}

TEST_F(FakeBotApiTest, RequestsThatArriveTogetherAreAnsweredInOrder) {
  const std::string one = PostRequest(Path("sendMessage"), kForm, "chat_id=42&text=one");
  const std::string two = absl::StrCat("POST ", Path("sendMessage"),
                                       " HTTP/1.1\r\nConnection: close\r\nContent-Type: ", kForm,
                                       "\r\nContent-Length: 19\r\n\r\nchat_id=42&text=two");
  Connection connection = Connect();
  ASSERT_TRUE(connection.Write(one + two, kLong).ok());
  ASSERT_TRUE(api_->WaitForRequests(2, kLong));
  EXPECT_EQ(api_->received()[0].visible_text, "one");
  EXPECT_EQ(api_->received()[1].visible_text, "two");
}

TEST_F(FakeBotApiTest, AClientMayAskForTheConnectionToClose) {
  Connection connection = Connect();
  ASSERT_TRUE(
      connection
          .Write(absl::StrCat("GET ", Path("getMe"), " HTTP/1.1\r\nConnection: close\r\n\r\n"),
                 kLong)
          .ok());
  const absl::StatusOr<HttpReply> reply = ReadReply(connection);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->extra_headers.at("connection"), "close");
  EXPECT_TRUE(absl::IsDataLoss(ReadReply(connection).status()));  // the end, and no more
}

TEST_F(FakeBotApiTest, ExpectContinueIsAnsweredBeforeTheBody) {
  Connection connection = Connect();
  ASSERT_TRUE(
      connection
          .Write(absl::StrCat("POST ", Path("sendMessage"), " HTTP/1.1\r\nContent-Type: ", kForm,
                              "\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\r\n"),
                 kLong)
          .ok());
  std::string received(25, '\0');
  ASSERT_EQ(connection.Read(absl::MakeSpan(received), kLong).value_or(0), 25u);
  EXPECT_EQ(received, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(connection.Write("chat_id=42&text=a", kLong).ok());
  const absl::StatusOr<HttpReply> reply = ReadReply(connection);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->status_code, 200);
}

TEST_F(FakeBotApiTest, ManyClientsAreServedAtOnce) {
  constexpr int kClients = 8;
  constexpr int kRequests = 10;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this] {
      for (int j = 0; j < kRequests; ++j) {
        EXPECT_EQ(Send(PostRequest(Path("sendMessage"), kForm, "chat_id=42&text=a")).status_code,
                  200);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const std::vector<FakeBotApi::Received> received = api_->received();
  ASSERT_EQ(received.size(), size_t{kClients * kRequests});
  for (size_t i = 0; i < received.size(); ++i) {
    EXPECT_EQ(received[i].message_id, static_cast<int64_t>(i + 1));
  }
  EXPECT_EQ(api_->connections(), kClients * kRequests);
}

TEST_F(FakeBotApiTest, WaitingForRequestsTimesOut) {
  EXPECT_TRUE(api_->WaitForRequests(0, absl::ZeroDuration()));
  EXPECT_FALSE(api_->WaitForRequests(1, absl::Milliseconds(1)));
}

TEST_F(FakeBotApiTest, StopsWithinASecondWhateverClientsDo) {
  Connection silent = Connect();
  Connection half = Connect();
  ASSERT_TRUE(half.Write("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", kLong).ok());
  api_->Enqueue({NeverReply{}});
  Connection waiting = Connect();
  ASSERT_TRUE(waiting.Write(PostRequest(Path("getMe"), kForm, ""), kLong).ok());
  ASSERT_TRUE(api_->WaitForRequests(1, kLong));
  api_->Enqueue({EndlessBody{}});
  Connection deaf = Connect();
  ASSERT_TRUE(deaf.Write(PostRequest(Path("getMe"), kForm, ""), kLong).ok());
  ASSERT_TRUE(api_->WaitForRequests(2, kLong));

  const uint16_t port = api_->port();
  const absl::Time begin = absl::Now();
  api_.reset();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_TRUE(absl::IsUnavailable(Connection::Open(port, nullptr, kLong).status()));
}

}  // namespace
}  // namespace cpuagg::notify::testing
