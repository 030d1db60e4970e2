#include "notify/telegram/bot_api_reply.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {
namespace {

ApiReply Interpret(const absl::StatusOr<HttpResponse>& response) {
  nlohmann::json result;
  return InterpretReply(response, result);
}

HttpResponse Reply(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

HttpResponse Error(int code, const std::string& description) {
  return Reply(
      code,
      nlohmann::json{{"ok", false}, {"error_code", code}, {"description", description}}.dump());
}

TEST(BotApiReplyTest, SuccessHasAResult) {
  nlohmann::json result;
  EXPECT_EQ(InterpretReply(Reply(200, R"({"ok":true,"result":{"a":1}})"), result).outcome,
            Outcome::kDone);
  EXPECT_EQ(result.dump(), R"({"a":1})");
}

TEST(BotApiReplyTest, EveryAnswerHasItsOutcome) {
  struct Case {
    const char* name;
    absl::StatusOr<HttpResponse> answer;
    Outcome outcome;
  };
  const Case cases[] = {
      {"refused connection", absl::UnavailableError("x"), Outcome::kNotSent},
      {"timeout", absl::UnknownError("x"), Outcome::kUnconfirmed},
      {"bad certificate", absl::FailedPreconditionError("x"), Outcome::kBotRefused},
      {"429", Error(429, "Too Many Requests: retry after 5"), Outcome::kNotSent},
      {"429 of a proxy", Reply(429, "<html>"), Outcome::kNotSent},
      {"401", Error(401, "Unauthorized"), Outcome::kBotRefused},
      {"404", Error(404, "Not Found"), Outcome::kBotRefused},
      {"404 of something else", Reply(404, "<html>"), Outcome::kBotRefused},
      {"421", Reply(421, ""), Outcome::kBotRefused},
      {"logged out", Error(400, "Logged out"), Outcome::kBotRefused},
      {"302", Reply(302, ""), Outcome::kBotRefused},
      {"blocked", Error(403, "Forbidden: bot was blocked by the user"), Outcome::kChatRefused},
      {"kicked", Error(403, "Forbidden: bot was kicked from the group chat"),
       Outcome::kChatRefused},
      {"no chat", Error(400, "Bad Request: chat not found"), Outcome::kChatRefused},
      {"no right", Error(400, "Bad Request: not enough rights to send text messages to the chat"),
       Outcome::kChatRefused},
      {"no right for photos",
       Error(400, "Bad Request: not enough rights to send photos to the chat"),
       Outcome::kMessageRefused},
      {"a page of a firewall", Reply(403, "<html>blocked</html>"), Outcome::kServerFailed},
      {"bad HTML", Error(400, "Bad Request: can't parse entities: Unsupported start tag \"x\""),
       Outcome::kMarkupRefused},
      {"text", Error(400, "Bad Request: message is too long"), Outcome::kTooLong},
      {"caption", Error(400, "Bad Request: message caption is too long"), Outcome::kTooLong},
      {"raw text", Error(400, "Bad Request: text is too long"), Outcome::kTooLong},
      {"thread", Error(400, "Bad Request: message thread not found"), Outcome::kThreadRefused},
      {"topic", Error(400, "Bad Request: TOPIC_CLOSED"), Outcome::kThreadRefused},
      {"photo", Error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), Outcome::kMessageRefused},
      {"413", Reply(413, "<html>"), Outcome::kMessageRefused},
      {"500", Error(500, "Internal Server Error"), Outcome::kServerFailed},
      {"502", Reply(502, "<html>bad gateway</html>"), Outcome::kServerFailed},
      {"500 that says ok", Reply(500, R"({"ok":true,"result":{}})"), Outcome::kServerFailed},
      {"201 that says ok", Reply(201, R"({"ok":true,"result":{}})"), Outcome::kServerFailed},
      {"200 with HTML", Reply(200, "<html>"), Outcome::kUnconfirmed},
      {"200, not ok", Reply(200, R"({"ok":false})"), Outcome::kUnconfirmed},
      {"200 with the code of an error",
       Reply(200, R"({"ok":false,"error_code":403,"description":"Forbidden"})"),
       Outcome::kChatRefused},
      {"200 with an invalid code", Reply(200, R"({"ok":false,"error_code":-1})"),
       Outcome::kUnconfirmed},
      {"200, cut", Reply(200, R"({"ok":true,"result":{"mess)"), Outcome::kUnconfirmed},
      {"200, a list", Reply(200, "[]"), Outcome::kUnconfirmed},
      {"200, deep", Reply(200, std::string(100000, '[')), Outcome::kUnconfirmed},
  };
  for (const Case& c : cases) {
    const ApiReply reply = Interpret(c.answer);
    EXPECT_EQ(reply.outcome, c.outcome) << c.name;
    EXPECT_NE(reply.detail, "") << c.name;
  }
}

// Copying a reply takes stack for each of its levels.
TEST(BotApiReplyTest, AReplyThatIsMuchDeeperThanTheBotApisIsNotTakenForOne) {
  const auto reply = [](size_t levels) {
    return Reply(
        200, R"({"ok":true,"result":)" + std::string(levels, '[') + std::string(levels, ']') + "}");
  };
  EXPECT_EQ(Interpret(reply(20)).outcome, Outcome::kDone);
  for (const size_t levels : {size_t{50}, size_t{100'000}}) {
    EXPECT_EQ(Interpret(reply(levels)).outcome, Outcome::kUnconfirmed) << levels;
  }
}

TEST(BotApiReplyTest, TheTimeToWaitIsTakenFromTheAnswerWithinReason) {
  const auto wait = [](const std::string& value) {
    return Interpret(Reply(429, R"({"ok":false,"parameters":{"retry_after":)" + value + "}}"))
        .retry_after;
  };
  EXPECT_EQ(wait("5"), absl::Seconds(5));
  EXPECT_EQ(wait("18446744073709551615"), absl::Hours(7 * 24));
  const auto wait_of_header = [](absl::Duration retry_after) {
    return Interpret(HttpResponse{.status = 429, .body = "<html>", .retry_after = retry_after})
        .retry_after;
  };
  EXPECT_EQ(wait_of_header(absl::Seconds(6)), absl::Seconds(6));
  EXPECT_EQ(wait_of_header(absl::Hours(1000)), absl::Hours(7 * 24));
  // A server that asks to wait without saying how long means some time.
  for (const char* nonsense : {"0", "-5", "\"5\"", "null", "1.5"}) {
    EXPECT_EQ(wait(nonsense), absl::Seconds(1)) << nonsense;
  }
}

TEST(BotApiReplyTest, AGroupThatMigratedHasANewId) {
  const auto reply = [](const std::string& value) {
    return Interpret(Reply(400, R"({"ok":false,"error_code":400,"description":"Bad Request: group )"
                                R"(chat was upgraded to a supergroup chat",)"
                                R"("parameters":{"migrate_to_chat_id":)" +
                                    value + "}}"));
  };
  EXPECT_EQ(reply("-1001234567890").outcome, Outcome::kChatMigrated);
  EXPECT_EQ(reply("-1001234567890").new_chat_id, "-1001234567890");
  for (const char* nonsense : {"0", "5", "\"-100\"", "null", "-1.5"}) {
    EXPECT_EQ(reply(nonsense).outcome, Outcome::kChatRefused) << nonsense;
  }
}

}  // namespace
}  // namespace cpuagg::notify
