#include "notify/bot_api.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/chat.h"
#include "notify/http_client.h"
#include "notify/secret.h"

namespace cpuagg::notify {
namespace {

constexpr char kToken[] = "123456789:AAE-secret-secret-secret-secret";

// Gives the same answer to every request and keeps the last one.
class OneAnswer : public HttpClient {
 public:
  explicit OneAnswer(absl::StatusOr<HttpResponse> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    last = request;
    return answer_;
  }
  HttpRequest last;

 private:
  absl::StatusOr<HttpResponse> answer_;
};

SendResult ResultOf(absl::StatusOr<HttpResponse> answer) {
  OneAnswer http(std::move(answer));
  return BotApi(http, "https://example.org", Secret(kToken)).SendMessage({.id = "42"}, "hello");
}

TEST(BotApiTest, ARequestHasItsAddressAndFields) {
  OneAnswer http(HttpResponse{.status = 200, .body = R"({"ok":true,"result":{"message_id":5}})"});
  BotApi api(http, "https://example.org/prefix", Secret(kToken));
  const SendResult result = api.SendPhoto({.id = "-100", .thread = "7"}, "caption", "png");
  EXPECT_EQ(result.outcome, SendOutcome::kSent);
  EXPECT_EQ(result.message_id, 5);
  EXPECT_EQ(http.last.url, std::string("https://example.org/prefix/bot") + kToken + "/sendPhoto");
  std::string fields;
  for (const FormPart& part : http.last.parts) fields += part.name + "=" + part.content + ";";
  EXPECT_EQ(fields, "caption=caption;parse_mode=HTML;photo=png;chat_id=-100;message_thread_id=7;");
}

TEST(BotApiTest, EveryAnswerHasItsOutcome) {
  struct Case {
    const char* name;
    absl::StatusOr<HttpResponse> answer;
    SendOutcome outcome;
  };
  const auto reply = [](int status, const char* body) {
    return HttpResponse{.status = status, .body = body};
  };
  const Case cases[] = {
      {"refused connection", absl::UnavailableError("x"), SendOutcome::kNotSent},
      {"timeout", absl::UnknownError("x"), SendOutcome::kUnconfirmed},
      {"bad certificate", absl::FailedPreconditionError("x"), SendOutcome::kBotRefused},
      {"429", reply(429, R"({"ok":false,"parameters":{"retry_after":5}})"), SendOutcome::kNotSent},
      {"401", reply(401, R"({"ok":false,"description":"Unauthorized"})"), SendOutcome::kBotRefused},
      {"404", reply(404, R"({"ok":false,"description":"Not Found"})"), SendOutcome::kBotRefused},
      {"403", reply(403, R"({"ok":false,"description":"Forbidden: bot was blocked by the user"})"),
       SendOutcome::kChatRefused},
      {"no chat", reply(400, R"({"ok":false,"description":"Bad Request: chat not found"})"),
       SendOutcome::kChatRefused},
      {"400", reply(400, R"({"ok":false,"description":"Bad Request: message is too long"})"),
       SendOutcome::kMessageRefused},
      {"413", reply(413, "<html>"), SendOutcome::kMessageRefused},
      {"500", reply(500, R"({"ok":false})"), SendOutcome::kUnconfirmed},
      {"502", reply(502, "<html>bad gateway</html>"), SendOutcome::kUnconfirmed},
      {"302", reply(302, ""), SendOutcome::kBotRefused},
      {"200 with HTML", reply(200, "<html>"), SendOutcome::kUnconfirmed},
      {"200, not ok", reply(200, R"({"ok":false})"), SendOutcome::kUnconfirmed},
      {"200, cut", reply(200, R"({"ok":true,"result":{"mess)"), SendOutcome::kUnconfirmed},
      {"200, no id", reply(200, R"({"ok":true,"result":true})"), SendOutcome::kUnconfirmed},
      {"200, a list", reply(200, "[]"), SendOutcome::kUnconfirmed},
      {"200, deep", reply(200, std::string(100000, '[').c_str()), SendOutcome::kUnconfirmed},
  };
  for (const Case& c : cases) {
    const SendResult result = ResultOf(c.answer);
    EXPECT_EQ(result.outcome, c.outcome) << c.name;
    EXPECT_NE(result.detail, "") << c.name;
  }
}

TEST(BotApiTest, TheTimeToWaitIsTakenFromTheAnswerWithinReason) {
  const auto wait = [](const char* value) {
    return ResultOf(
               HttpResponse{.status = 429,
                            .body = std::string(R"({"parameters":{"retry_after":)") + value + "}}"})
        .retry_after;
  };
  EXPECT_EQ(wait("5"), absl::Seconds(5));
  EXPECT_EQ(wait("18446744073709551615"), absl::Hours(7 * 24));
  for (const char* nonsense : {"-5", "\"5\"", "null", "1.5"}) {
    EXPECT_EQ(wait(nonsense), absl::ZeroDuration()) << nonsense;
  }
}

TEST(BotApiTest, TheTokenIsInNoDetail) {
  const std::string page = std::string(180, 'x') + " /bot" + kToken + "/sendMessage";
  for (const absl::StatusOr<HttpResponse>& answer :
       {absl::StatusOr<HttpResponse>(HttpResponse{.status = 502, .body = page}),
        absl::StatusOr<HttpResponse>(absl::UnknownError(page))}) {
    const SendResult result = ResultOf(answer);
    for (size_t length = 8; length < sizeof kToken; ++length) {
      ASSERT_EQ(result.detail.find(std::string(kToken, length)), std::string::npos)
          << result.detail;
    }
    EXPECT_LE(result.detail.size(), 210u);
  }
}

}  // namespace
}  // namespace cpuagg::notify
