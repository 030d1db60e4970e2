#include "notify/testing/bot_api/fault.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

int StatusCode(const std::optional<Fault>& fault) {
  const auto* reply = fault.has_value() ? std::get_if<HttpReply>(&fault->action) : nullptr;
  return reply == nullptr ? 0 : reply->status_code;
}

TEST(FaultTest, RepliesSayWhatTheRealServerSays) {
  const HttpReply limited = TooManyRequests(7);
  EXPECT_EQ(limited.status_code, 429);
  EXPECT_EQ(limited.extra_headers.at("Retry-After"), "7");
  const nlohmann::json body = nlohmann::json::parse(limited.body);
  EXPECT_EQ(body["description"], "Too Many Requests: retry after 7");
  EXPECT_EQ(body["parameters"]["retry_after"], 7);

  const HttpReply migrated = Migrated(-1001234567890);
  EXPECT_EQ(migrated.status_code, 400);
  EXPECT_EQ(nlohmann::json::parse(migrated.body)["parameters"]["migrate_to_chat_id"],
            -1001234567890);

  EXPECT_EQ(nlohmann::json::parse(Error(403, "Forbidden: x").body)["error_code"], 403);

  const HttpReply page = BadGatewayPage("https://e.org/bot1:A/x");
  EXPECT_EQ(page.status_code, 502);
  EXPECT_EQ(page.content_type, "text/html");
  EXPECT_NE(page.body.find("https://e.org/bot1:A/x"), std::string::npos);

  EXPECT_EQ(Redirect("https://e.org/").status_code, 302);
  EXPECT_EQ(Redirect("https://e.org/").extra_headers.at("Location"), "https://e.org/");
}

TEST(FaultTest, FaultsAreTakenInOrderOnePerRequest) {
  FaultQueue queue;
  queue.Add({Error(500, "a")});
  queue.Add({Error(502, "b")});
  EXPECT_EQ(StatusCode(queue.TakeForRequest("1")), 500);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(StatusCode(queue.TakeForRequest("1")), 502);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.TakeForRequest("1").has_value());
}

TEST(FaultTest, AFaultForOneChatWaitsForIt) {
  FaultQueue queue;
  queue.Add({.action = Error(403, "a"), .only_chat = "-1001"});
  queue.Add({Error(500, "b")});
  EXPECT_EQ(StatusCode(queue.TakeForRequest("7")), 500);
  EXPECT_FALSE(queue.TakeForRequest("7").has_value());
  EXPECT_FALSE(queue.TakeForRequest("").has_value());
  EXPECT_EQ(StatusCode(queue.TakeForRequest("-1001")), 403);
}

TEST(FaultTest, FaultsBeforeTheRequestIsReadWaitForTheirTurn) {
  FaultQueue queue;
  queue.Add({Error(500, "a")});
  queue.Add({CloseOnAccept{}});
  queue.Add({ResetMidUpload{5}});
  queue.Add({Error(502, "b")});
  EXPECT_FALSE(queue.TakeCloseOnAccept());
  EXPECT_FALSE(queue.TakeResetMidUpload().has_value());
  EXPECT_EQ(StatusCode(queue.TakeForRequest("1")), 500);

  EXPECT_FALSE(queue.TakeForRequest("1").has_value());
  EXPECT_TRUE(queue.TakeCloseOnAccept());

  EXPECT_FALSE(queue.TakeCloseOnAccept());
  EXPECT_FALSE(queue.TakeForRequest("1").has_value());
  const std::optional<ResetMidUpload> reset = queue.TakeResetMidUpload();
  ASSERT_TRUE(reset.has_value());
  EXPECT_EQ(reset->after_bytes, 5u);

  EXPECT_EQ(StatusCode(queue.TakeForRequest("1")), 502);
}

}  // namespace
}  // namespace cpuagg::notify::testing
