#include "notify/fleet/engine.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/fleet/engine_answer.h"
#include "notify/fleet/engine_double.h"
#include "notify/http/http_client.h"
#include "notify/telegram/secret.h"

namespace cpuagg::notify {
namespace {

const absl::Time kAskedAt = absl::FromUnixSeconds(1795564800);

class EngineTest : public ::testing::Test {
 protected:
  absl::StatusOr<EngineAnswer> Ask(Engine::Options options) {
    Engine engine(http_, std::move(options));
    return engine.AskAt("sum(up)", kAskedAt);
  }
  absl::Status Refused(const HttpResponse& response) {
    responses_ = {response};
    return Ask(http_.options()).status();
  }

  // The answers in order; the last one again and again.
  std::vector<absl::StatusOr<HttpResponse>> responses_ = {Success("")};
  EngineDouble http_{[this](const AskedQuestion&) {
    const size_t place = http_.requests.size() - 1;
    return responses_[std::min(place, responses_.size() - 1)];
  }};
};

TEST_F(EngineTest, QuestionsAreForms) {
  Engine::Options options = http_.options();
  options.headers = {"X-Scope-OrgID: lab"};
  Engine engine(http_, options);
  EXPECT_EQ(engine.HostAndPort(), "engine:8428");
  ASSERT_TRUE(engine.AskAt("sum(a{b=\"ü&+\"})", kAskedAt).ok());
  ASSERT_TRUE(engine.AskOver("up", kAskedAt, kAskedAt + absl::Hours(2), absl::Hours(1)).ok());
  EXPECT_EQ(http_.questions[0].path, "/api/v1/query");
  EXPECT_EQ(http_.questions[0].form,
            (std::map<std::string, std::string>{{"query", "sum(a{b=\"ü&+\"})"},
                                                {"time", "1795564800"},
                                                {"nocache", "1"},
                                                {"timeout", "60s"}}));
  EXPECT_EQ(http_.questions[1].path, "/api/v1/query_range");
  EXPECT_EQ(http_.questions[1].form["start"], "1795564800");
  EXPECT_EQ(http_.questions[1].form["end"], "1795572000");
  EXPECT_EQ(http_.questions[1].form["step"], "3600");
  EXPECT_EQ(http_.requests[0].headers, options.headers);
  EXPECT_TRUE(http_.requests[0].accepts_compressed);
}

TEST_F(EngineTest, ABusyEngineIsAskedAgain) {
  responses_ = {absl::UnavailableError("refused"),
                HttpResponse{.status = 429, .retry_after = absl::Seconds(7)}, Success("")};
  EXPECT_TRUE(Ask(http_.options()).ok());
  EXPECT_EQ(http_.waits, (std::vector<absl::Duration>{absl::Seconds(1), absl::Seconds(7)}));
  http_.waits.clear();
  http_.requests.clear();
  responses_ = {HttpResponse{.status = 503, .retry_after = absl::Hours(9)}};
  EXPECT_TRUE(absl::IsUnavailable(Ask(http_.options()).status()));
  EXPECT_EQ(http_.waits, (std::vector<absl::Duration>{absl::Seconds(20), absl::Seconds(20)}));
  EXPECT_EQ(http_.requests.size(), 3u);
}

TEST_F(EngineTest, AllQuestionsTogetherHaveALimitOfTime) {
  absl::Duration now = absl::Hours(5);
  Engine::Options options = http_.options();
  options.stopwatch = [&] { return now; };
  Engine engine(http_, options);
  EXPECT_TRUE(engine.AskAt("up", kAskedAt).ok());
  now += absl::Minutes(5) - absl::Seconds(9);
  EXPECT_TRUE(engine.AskAt("up", kAskedAt).ok());
  EXPECT_EQ(http_.requests[1].timeout, absl::Seconds(9));
  // There is no time for another try.
  responses_ = {HttpResponse{.status = 503, .retry_after = absl::Seconds(10)}};
  EXPECT_TRUE(absl::IsUnavailable(engine.AskAt("up", kAskedAt).status()));
  EXPECT_EQ(http_.requests.size(), 3u);
  now += absl::Seconds(9);
  const absl::Status status = engine.AskAt("up", kAskedAt).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "engine:8428: the questions of this report"));
  EXPECT_EQ(http_.requests.size(), 3u);
}

TEST_F(EngineTest, WhatIsTooLargeMayBeAskedInParts) {
  const absl::Status series = Refused(EngineRefusal(422, "422", "timeseries exceeds 300000"));
  EXPECT_TRUE(absl::IsResourceExhausted(series));
  EXPECT_EQ(series.message(),
            "engine:8428: HTTP status 422, too many series: timeseries exceeds 300000");
  const absl::Status samples = Refused(EngineRefusal(422, "execution", "too many samples"));
  EXPECT_TRUE(absl::IsResourceExhausted(samples));
  EXPECT_EQ(samples.message(), "engine:8428: HTTP status 422: too many samples");
  EXPECT_TRUE(absl::IsResourceExhausted(Refused(EngineRefusal(503, "timeout", "slow"))));
  EXPECT_TRUE(absl::IsResourceExhausted(Refused({.status = 504})));
  responses_ = {absl::OutOfRangeError("longer than 64 MiB")};
  EXPECT_TRUE(absl::IsResourceExhausted(Ask(http_.options()).status()));
  for (const HttpRequest& request : http_.requests) {
    EXPECT_EQ(request.most_reply_bytes, size_t{64} << 20);
  }
}

TEST_F(EngineTest, RefusalsSayWhatToChange) {
  const struct {
    int status;
    const char* expected;
  } cases[] = {{401, "check FLEET_USER"},
               {403, "FLEET_TOKEN_FILE"},
               {302, "redirects (HTTP status 302)"},
               {400, "is this the base of the query API?"},
               {404, "is this the base of the query API?"}};
  for (const auto& c : cases) {
    const absl::Status status = Refused({.status = c.status, .body = "no\n"});
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), c.expected)) << status;
  }
  EXPECT_TRUE(absl::IsDataLoss(Refused({.status = 200, .body = "<html>"})));
}

TEST_F(EngineTest, NoErrorShowsASecret) {
  Engine::Options options = http_.options();
  options.secrets = {Secret("fleet-secret-0815")};
  const absl::StatusOr<HttpResponse> answers[] = {
      HttpResponse{.status = 401, .body = "not fleet-secret-0815"},
      EngineRefusal(422, "422", "series fleet-secret-0815"),
      Success(OneValue("{}", 1, "fleet-secret-0815")), absl::UnavailableError("fleet-secret-0815")};
  for (const absl::StatusOr<HttpResponse>& answer : answers) {
    responses_ = {answer};
    const absl::Status status = Ask(options).status();
    EXPECT_FALSE(status.ok());
    EXPECT_FALSE(absl::StrContains(status.message(), "0815")) << status;
  }
  responses_ = {Success("", R"(,"warnings":["fleet-secret-0815"])")};
  const absl::StatusOr<EngineAnswer> warned = Ask(options);
  ASSERT_TRUE(warned.ok()) << warned.status();
  ASSERT_EQ(warned->damage.size(), 1u);
  EXPECT_FALSE(absl::StrContains(warned->damage[0], "0815")) << warned->damage[0];
}

}  // namespace
}  // namespace cpuagg::notify
