#include "notify/testing/net/http_reply.h"

#include <gtest/gtest.h>

#include <iterator>
#include <optional>
#include <set>
#include <string>

namespace cpuagg::notify::testing {
namespace {

TEST(HttpReplyTest, AReplyIsSerializedWhole) {
  const HttpReply reply = {.status_code = 302,
                           .body = "gone",
                           .content_type = "text/html",
                           .extra_headers = {{"Location", "http://e.org/"}}};
  EXPECT_EQ(Serialize(reply, /*keep_alive=*/true),
            "HTTP/1.1 302 Found\r\nServer: fake-bot-api\r\nContent-Type: text/html\r\n"
            "Content-Length: 4\r\nConnection: keep-alive\r\nLocation: http://e.org/\r\n\r\ngone");
}

TEST(HttpReplyTest, TheAnnouncedLengthMayLie) {
  EXPECT_EQ(SerializeHead({.body = "x"}, 9, /*keep_alive=*/false),
            "HTTP/1.1 200 OK\r\nServer: fake-bot-api\r\nContent-Type: application/json\r\n"
            "Content-Length: 9\r\nConnection: close\r\n\r\n");
}

TEST(HttpReplyTest, WithoutALengthNoneIsAnnounced) {
  EXPECT_EQ(SerializeHead({.content_type = "text/plain"}, std::nullopt, /*keep_alive=*/false),
            "HTTP/1.1 200 OK\r\nServer: fake-bot-api\r\nContent-Type: text/plain\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpReplyTest, EveryCodeTheServerUsesHasItsOwnPhrase) {
  std::set<std::string> phrases;
  const int codes[] = {200, 302, 400, 401, 403, 404, 405, 409, 413, 429, 431, 500, 502, 503, 504};
  for (const int code : codes) phrases.insert(std::string(ReasonPhrase(code)));
  EXPECT_EQ(phrases.size(), std::size(codes));
  EXPECT_EQ(phrases.count("Unknown"), 0u);
  EXPECT_EQ(ReasonPhrase(599), "Unknown");
}

}  // namespace
}  // namespace cpuagg::notify::testing
