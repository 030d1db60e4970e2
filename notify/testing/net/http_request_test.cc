#include "notify/testing/net/http_request.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

constexpr size_t kMaxBody = 1000;

// The first error, or how much of `input` was taken, given `step` bytes at a time.
absl::StatusOr<size_t> ConsumeInSteps(HttpRequestParser& parser, absl::string_view input,
                                      size_t step) {
  size_t total = 0;
  while (total < input.size() && !parser.done()) {
    const absl::StatusOr<size_t> taken = parser.Consume(input.substr(total, step));
    if (!taken.ok()) return taken;
    total += *taken;
  }
  return total;
}

TEST(HttpRequestTest, ARequestIsTheSameHoweverItIsCutUp) {
  const std::string requests[] = {
      "POST /bot1:A/sendMessage?x=1 HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\n"
      "Content-Length: 11\r\nx-twice:  2 \r\n\r\nhello\r\nbody",
      "POST /bot1:A/sendMessage?x=1 HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n006\r\n\r\nbody\r\n0\r\nTrailer: "
      "t\r\n\r\n",
  };
  for (const std::string& request : requests) {
    for (size_t step = 1; step <= request.size(); ++step) {
      HttpRequestParser parser(kMaxBody);
      const absl::StatusOr<size_t> taken = ConsumeInSteps(parser, request + "NEXT", step);
      ASSERT_TRUE(taken.ok()) << taken.status() << " in steps of " << step;
      ASSERT_TRUE(parser.done());
      ASSERT_EQ(*taken, request.size()) << "in steps of " << step;
      ASSERT_EQ(parser.request().method, "POST");
      ASSERT_EQ(parser.request().target, "/bot1:A/sendMessage?x=1");
      ASSERT_EQ(parser.request().Header("x-twice"), "1, 2");
      ASSERT_EQ(parser.request().body, "hello\r\nbody");
    }
  }
}

TEST(HttpRequestTest, ARequestIsNotDoneBeforeItsLastByte) {
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t size = 0; size < request.size(); ++size) {
    HttpRequestParser parser(kMaxBody);
    ASSERT_TRUE(ConsumeInSteps(parser, request.substr(0, size), size + 1).ok());
    EXPECT_FALSE(parser.done()) << size;
  }
}

TEST(HttpRequestTest, ARequestWithoutBodyEndsWithItsHeaders) {
  for (const std::string request :
       {"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nGET /x HTTP/1.1\n\n"}) {
    HttpRequestParser parser(kMaxBody);
    ASSERT_TRUE(parser.Consume(request).ok());
    EXPECT_TRUE(parser.done());
    EXPECT_EQ(parser.request().body, "");
  }
}

TEST(HttpRequestTest, WhatIsNotHttpIsRefused) {
  const std::string cases[] = {
      "GET /\r\n",
      "GET / HTTP/2.0\r\n",
      "GET  HTTP/1.1\r\n",
      " / HTTP/1.1\r\n",
      "\x16\x03\x01\x02\n",
      "GET / HTTP/1.1\r\nno colon\r\n",
      "GET / HTTP/1.1\r\n: no name\r\n",
      "GET / HTTP/1.1\r\nA: 1\r\n folded: 2\r\n",
      "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
  };
  for (const std::string& request : cases) {
    HttpRequestParser parser(kMaxBody);
    EXPECT_TRUE(absl::IsInvalidArgument(parser.Consume(request).status())) << request;
  }
}

TEST(HttpRequestTest, BoundsHold) {
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const struct {
    std::string what;
    std::string request;
    bool ok;
  } cases[] = {
      {"largest body", "POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", true},
      {"larger body", "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", false},
      {"largest chunk", chunked + "3E8\r\n", true},
      {"larger chunk", chunked + "3E9\r\n", false},
      {"chunks too large together", chunked + "1\r\na\r\n3E8\r\n", false},
      {"a length that overflows", chunked + "FFFFFFFFFFFFFFFF\r\n", false},
      {"an endless request line", std::string(HttpRequestParser::kMaxHeadBytes + 1, 'a'), false},
      {"endless headers",
       "GET / HTTP/1.1\r\nA: " + std::string(HttpRequestParser::kMaxHeadBytes, 'a'), false},
      {"an endless chunk size", chunked + std::string(1000, '0'), false},
  };
  for (const auto& c : cases) {
    HttpRequestParser parser(kMaxBody);
    const absl::Status status = parser.Consume(c.request).status();
    EXPECT_EQ(status.code(), c.ok ? absl::StatusCode::kOk : absl::StatusCode::kResourceExhausted)
        << c.what << ": " << status;
  }
}

TEST(HttpRequestTest, ManySmallChunksAreNotTakenForALargeHead) {
  std::string request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const size_t chunks = HttpRequestParser::kMaxHeadBytes;
  for (size_t i = 0; i < chunks; ++i) request += "1\r\na\r\n";
  HttpRequestParser parser(chunks);
  ASSERT_TRUE(parser.Consume(request + "0\r\n\r\n").ok());
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.request().body.size(), chunks);
}

TEST(HttpRequestTest, KeepAliveFollowsVersionAndHeader) {
  const struct {
    std::string head;
    bool keep_alive;
  } cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const auto& c : cases) {
    HttpRequestParser parser(kMaxBody);
    ASSERT_TRUE(parser.Consume(c.head).ok());
    EXPECT_EQ(parser.request().KeepAlive(), c.keep_alive) << c.head;
  }
}

TEST(HttpRequestTest, AwaitsContinueOnlyBetweenHeadAndBody) {
  for (const std::string length : {"Content-Length: 2", "Transfer-Encoding: chunked"}) {
    HttpRequestParser parser(kMaxBody);
    ASSERT_TRUE(parser.Consume("POST / HTTP/1.1\r\nExpect: 100-Continue\r\n").ok());
    EXPECT_FALSE(parser.awaits_continue());
    ASSERT_TRUE(parser.Consume(length + "\r\n\r\n").ok());
    EXPECT_TRUE(parser.awaits_continue()) << length;
    ASSERT_TRUE(parser.Consume("2").ok());
    EXPECT_FALSE(parser.awaits_continue()) << length;
  }
  HttpRequestParser without(kMaxBody);
  ASSERT_TRUE(without.Consume("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n").ok());
  EXPECT_FALSE(without.awaits_continue());
}

}  // namespace
}  // namespace cpuagg::notify::testing
