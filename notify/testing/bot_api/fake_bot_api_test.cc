#include "notify/testing/bot_api/fake_bot_api.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "notify/testing/bot_api/curl_fixture.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/certificates.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/loopback.h"
#include "notify/testing/picture/test_png.h"

namespace cpuagg::notify::testing {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);  // never reached

// All that comes back.
std::string Exchange(uint16_t port, absl::string_view request) {
  std::optional<Connection> connection = Connection::Open(port);
  if (!connection.has_value() || !connection->Write(request)) return "cannot write";
  std::string reply;
  std::array<char, 4096> buffer;
  while (const size_t size = connection->Read(absl::MakeSpan(buffer))) {
    reply.append(buffer.data(), size);
  }
  return reply;
}

TEST_F(FakeBotApiTest, ARequestIsAnsweredAndRecorded) {
  const std::string form = "chat_id=42&text=%3Cb%3Ehi%3C/b%3E&parse_mode=HTML";
  ASSERT_EQ(SendBody(Path("sendMessage") + "?silent=1", form), CURLE_OK);
  EXPECT_EQ(status_, 200);
  EXPECT_EQ(Json()["result"]["text"], "hi");
  const std::vector<FakeBotApi::Received> received = api_->received();
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].method, "sendMessage");
  EXPECT_EQ(received[0].token, api_->token());
  EXPECT_EQ(received[0].fields.at("text"), Text("<b>hi</b>"));
  EXPECT_EQ(received[0].fields.at("silent"), Text("1"));
  EXPECT_EQ(received[0].headers.at("host"), absl::StrCat("127.0.0.1:", api_->port()));
  EXPECT_EQ(received[0].status_code, 200);
  EXPECT_EQ(received[0].response_body, body_);
  EXPECT_EQ(received[0].visible_text, "hi");
  EXPECT_EQ(received[0].message_id, Json()["result"]["message_id"]);
  EXPECT_GT(api_->bytes_received(), form.size());
}

TEST_F(FakeBotApiTest, EveryKindOfBodyIsUnderstoodOverOneConnection) {
  const std::string path = Path("sendMessage");
  EXPECT_EQ(SendBody(path + "?chat_id=42&text=a%20b%2B", ""), CURLE_OK);
  EXPECT_EQ(SendBody(path, "chat_id=42&text=a+b%2B"), CURLE_OK);
  EXPECT_EQ(SendBody(path, R"({"chat_id":42,"text":"a b+"})", "application/json; charset=utf-8"),
            CURLE_OK);
  const Fields fields = {{"chat_id", Text("42")}, {"text", Text("a b+")}};
  EXPECT_EQ(Send("sendMessage", fields), CURLE_OK);
  curl_slist* const chunked = curl_slist_append(nullptr, "Transfer-Encoding: chunked");
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, chunked);
  EXPECT_EQ(Send("sendMessage", fields), CURLE_OK);
  curl_slist_free_all(chunked);
  const std::vector<FakeBotApi::Received> received = api_->received();
  EXPECT_EQ(received.size(), 5u);
  for (const FakeBotApi::Received& request : received) {
    EXPECT_EQ(request.visible_text, "a b+");
    EXPECT_EQ(request.fields, fields);
  }
  EXPECT_EQ(received.back().headers.count("content-length"), 0u);
  EXPECT_EQ(api_->connections(), 1);
}

TEST_F(FakeBotApiTest, AnUploadIsByteIdentical) {
  const Field png = {MakePng(1280, 720), "chart.png", "image/png"};
  ASSERT_EQ(Send("sendPhoto",
                 {{"chat_id", Text("-1001")}, {"caption", Text("h\u00E9llo")}, {"photo", png}}),
            CURLE_OK);
  EXPECT_EQ(status_, 200) << body_;
  EXPECT_EQ(api_->received().back().fields.at("photo"), png);
  EXPECT_EQ(api_->received().back().visible_text, "h\u00E9llo");
  const nlohmann::json largest = Json()["result"]["photo"].back();
  EXPECT_EQ(largest["width"], 1280);
  ASSERT_EQ(Send("sendPhoto", {{"chat_id", Text("43")}, {"photo", Text(largest["file_id"])}}),
            CURLE_OK);
  EXPECT_EQ(status_, 200) << body_;

  // Almost boundaries, and every byte. libcurl asks for leave to send more than a mebibyte.
  std::string csv = "\r\n--\r\n------------------------\r\n";
  for (size_t i = 0; i < size_t{3} << 20; ++i) csv += static_cast<char>(i * 7);
  ASSERT_EQ(Send("sendDocument", {{"chat_id", Text("42")}, {"document", {csv, "a", "text/csv"}}}),
            CURLE_OK);
  EXPECT_EQ(status_, 200) << body_;
  EXPECT_EQ(api_->received().back().headers.at("expect"), "100-continue");
  EXPECT_TRUE(api_->received().back().fields.at("document").value == csv);
}

TEST_F(FakeBotApiTest, RefusalsHaveTheirHttpStatus) {
  Start({.known_chats = {"42"}});
  const std::string json = "application/json";
  const struct {
    std::string path;
    std::string body;
    long code;
    std::string description;
  } cases[] = {
      {Path("sendMessage"), R"({"chat_id":42})", 400, "Bad Request: message text is empty"},
      {Path("sendMessage"), R"({"chat_id":43,"text":"a"})", 400, "Bad Request: chat not found"},
      {Path("sendMessage"), "{", 400, "Bad Request: can't parse request: JSON object expected"},
      {Path("sendMessage"), "{\"a\":\"\xFF\"}", 400,
       "Bad Request: can't parse request: JSON object expected"},
      {Path("sendMessage"),
       absl::StrCat(R"({"chat_id":42,"text":")", std::string(size_t{1} << 20, 'x'), R"("})"), 413,
       "Request Entity Too Large"},
      {"/bot1:AAtest-token_of-the-fake-bot-api00/getMe", "{}", 401, "Unauthorized"},
      {"/bot1:x/getMe", "{}", 404, "Not Found"},
      {"/", "{}", 404, "Not Found"},
      {Path("getYou"), "{}", 404, "Not Found: method not found"},
  };
  for (const auto& c : cases) {
    ASSERT_EQ(SendBody(c.path, c.body, json), CURLE_OK);
    EXPECT_EQ(status_, c.code) << c.description;
    EXPECT_EQ(Json()["ok"], false);
    EXPECT_EQ(Json()["error_code"], c.code);
    EXPECT_EQ(Json()["description"], c.description);
    EXPECT_EQ(api_->received().back().status_code, c.code);
    EXPECT_EQ(api_->received().back().message_id, 0);
  }
}

TEST_F(FakeBotApiTest, WhatIsNotHttpIsRefusedAndNotRecorded) {
  const std::string multipart = absl::StrCat(
      "POST ", Path("sendMessage"), " HTTP/1.1\r\nConnection: close\r\nContent-Length: 60\r\n",
      "Content-Type: multipart/form-data; boundary=B\r\n\r\n",
      "--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n-");
  for (const std::string& request :
       {std::string("\x16\x03\x01 this is TLS\r\n\r\n"), multipart,
        "GET / HTTP/1.1\r\nA: " + std::string(9000, 'a') + "\r\n\r\n"}) {
    const std::string reply = Exchange(api_->port(), request);
    EXPECT_TRUE(absl::StartsWith(reply, "HTTP/1.1 4")) << reply;
  }
  EXPECT_EQ(api_->received().size(), 0u);
}

TEST_F(FakeBotApiTest, RequestsThatArriveTogetherAreAnsweredInOrder) {
  const std::string path = absl::StrCat("GET ", Path("sendMessage"), "?chat_id=42&text=");
  const std::string replies =
      Exchange(api_->port(), absl::StrCat(path, "one HTTP/1.1\r\n\r\n", path,
                                          "two HTTP/1.1\r\nConnection: close\r\n\r\n"));
  ASSERT_EQ(api_->received().size(), 2u);
  EXPECT_TRUE(absl::StrContains(replies, api_->received()[0].response_body));
  EXPECT_TRUE(absl::EndsWith(replies, api_->received()[1].response_body));
  EXPECT_EQ(api_->received()[0].visible_text, "one");
}

TEST_F(FakeBotApiTest, SpeaksTlsToWhoAcceptsItsCertificate) {
  const CertificateAuthority authority("the test's authority");
  Start({.tls_identity = authority.Issue({.host = "127.0.0.1"})});
  const Fields fields = {{"chat_id", Text("42")},
                         {"document", {std::string(size_t{3} << 20, 'x'), "a", "text/csv"}}};
  EXPECT_EQ(Send("sendDocument", fields), CURLE_PEER_FAILED_VERIFICATION);
  EXPECT_EQ(api_->bytes_received(), 0u);

  const std::string pem = authority.certificate_pem();
  curl_blob trusted = {.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = 0};
  curl_easy_setopt(curl_, CURLOPT_CAINFO_BLOB, &trusted);
  ASSERT_EQ(Send("sendDocument", fields), CURLE_OK);
  EXPECT_EQ(status_, 200) << body_;
  EXPECT_TRUE(api_->received().back().fields == fields);
  EXPECT_EQ(api_->connections(), 2);
}

TEST_F(FakeBotApiTest, ManyClientsAreServedAtOnce) {
  constexpr size_t kClients = 8;
  constexpr size_t kRequests = 10;
  const std::string request = absl::StrCat(
      "GET ", Path("sendMessage"), "?chat_id=42&text=a HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::vector<std::thread> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      for (size_t j = 0; j < kRequests; ++j) {
        EXPECT_TRUE(absl::StartsWith(Exchange(api_->port(), request), "HTTP/1.1 200 "));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const std::vector<FakeBotApi::Received> received = api_->received();
  ASSERT_EQ(received.size(), kClients * kRequests);
  for (size_t i = 0; i < received.size(); ++i) {
    EXPECT_EQ(received[i].message_id, static_cast<int64_t>(i + 1));
  }
  EXPECT_EQ(api_->connections(), static_cast<int>(kClients * kRequests));
}

TEST_F(FakeBotApiTest, WaitingForRequestsTimesOut) {
  EXPECT_TRUE(api_->WaitForRequests(0, absl::ZeroDuration()));
  EXPECT_FALSE(api_->WaitForRequests(1, absl::Milliseconds(1)));
}

TEST_F(FakeBotApiTest, StopsSoonWhateverClientsDo) {
  const auto begin_request = [&](const std::string& request) {
    std::optional<Connection> connection = Connection::Open(api_->port());
    EXPECT_TRUE(connection.has_value() && connection->Write(request));
    return connection;
  };
  const auto silent = begin_request("");
  const auto half = begin_request("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  const std::string whole = "GET " + Path("getMe") + " HTTP/1.1\r\n\r\n";
  api_->Enqueue({NeverReply{}});
  const auto waiting = begin_request(whole);
  ASSERT_TRUE(api_->WaitForRequests(1, kLong));
  api_->Enqueue({EndlessBody{}});
  const auto deaf = begin_request(whole);
  ASSERT_TRUE(api_->WaitForRequests(2, kLong));

  const uint16_t port = api_->port();
  const absl::Time begin = absl::Now();
  api_.reset();
  EXPECT_LT(absl::Now() - begin, kLong);
  EXPECT_FALSE(Connection::Open(port).has_value());
}

}  // namespace
}  // namespace cpuagg::notify::testing
