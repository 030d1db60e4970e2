#include "notify/testing/bot_api/api_reply.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

TEST(ApiReplyTest, ASuccessIsAsciiJson) {
  const HttpReply reply = SuccessReply({{"text", "\U0001F600"}});
  EXPECT_EQ(reply.status_code, 200);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, R"({"ok":true,"result":{"text":"\ud83d\ude00"}})");
}

TEST(ApiReplyTest, AnErrorHasParametersOnlyIfThereAreAny) {
  EXPECT_EQ(
      Error(403, "Forbidden: bot was blocked by the user").body,
      R"({"description":"Forbidden: bot was blocked by the user","error_code":403,"ok":false})");
  const HttpReply reply = Error(429, "x", {{"retry_after", 5}});
  EXPECT_EQ(reply.status_code, 429);
  EXPECT_EQ(nlohmann::json::parse(reply.body)["parameters"]["retry_after"], 5);
}

TEST(ApiReplyTest, AStatusBecomesItsHttpError) {
  const struct {
    absl::Status status;
    int code;
    std::string description;
  } cases[] = {
      {absl::InvalidArgumentError("chat not found"), 400, "Bad Request: chat not found"},
      {absl::UnauthenticatedError(""), 401, "Unauthorized"},
      {absl::NotFoundError(""), 404, "Not Found"},
      {absl::NotFoundError("method not found"), 404, "Not Found: method not found"},
      {absl::ResourceExhaustedError(""), 413, "Request Entity Too Large"},
      {absl::InternalError("x"), 500, "Internal Server Error: x"},
  };
  for (const auto& c : cases) {
    const HttpReply reply = StatusReply(c.status);
    EXPECT_EQ(reply.status_code, c.code) << c.description;
    const nlohmann::json body = nlohmann::json::parse(reply.body);
    EXPECT_EQ(body["ok"], false) << c.description;
    EXPECT_EQ(body["error_code"], c.code) << c.description;
    EXPECT_EQ(body["description"], c.description);
  }
}

}  // namespace
}  // namespace cpuagg::notify::testing
