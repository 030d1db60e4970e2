#include "notify/fleet/push_check.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/fleet/push_delivery.h"
#include "notify/fleet/push_state.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {
namespace {

constexpr int64_t kFirst = 500'000 * 3600;

class ScriptedQueries : public HttpClient {
 public:
  HttpResponse answer = {.status = 200};
  std::vector<HttpRequest> requests;

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    requests.push_back(request);
    return answer;
  }
};

class PushCheckTest : public ::testing::Test {
 protected:
  PushCheckTest() {
    for (int i = 0; i < 3; ++i) {
      state_.hours[kFirst + i * 3600] = {
          .host = "lab\"01", .ticks = static_cast<uint64_t>(150 + i), .stamp = absl::Minutes(16)};
    }
  }

  // The sums of the hours, each at its end.
  void Answer(const std::vector<std::string>& sums, const std::string& more = "") {
    std::string values;
    for (size_t i = 0; i < sums.size(); ++i) {
      absl::StrAppend(&values, i == 0 ? "" : ",", "[", kFirst + (i + 1) * 3600, ",\"", sums[i],
                      "\"]");
    }
    http_.answer.body =
        absl::StrCat("{\"status\":\"success\",", more,
                     "\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[",
                     values, "]}]}}");
  }

  absl::StatusOr<PushCheck> Check() {
    return CheckPushed(state_, {.url = "http://127.0.0.1:8428", .secrets = {"hush"}}, http_);
  }

  PushState state_;
  ScriptedQueries http_;
};

TEST_F(PushCheckTest, ComparesTheHoursToTheHundredth) {
  Answer({"1.5", "1.5099999999999998", "1.52"});
  const absl::StatusOr<PushCheck> check = Check();
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->hours, 3u);
  EXPECT_TRUE(check->differences.empty());
  EXPECT_EQ(http_.requests.size(), 2u);
  EXPECT_EQ(http_.requests[0].url, "http://127.0.0.1:8428/api/v1/query_range");
  EXPECT_TRUE(absl::StrContains(
      http_.requests[0].body,
      absl::StrCat("&start=", kFirst + 3600, "&end=", kFirst + 3 * 3600, "&step=3600")))
      << http_.requests[0].body;
}

TEST_F(PushCheckTest, NamesTheHoursThatAreNotTheSame) {
  Answer({"1.5", "1.52", "1.52"});
  const absl::StatusOr<PushCheck> check = Check();
  ASSERT_TRUE(check.ok()) << check.status();
  ASSERT_EQ(check->differences.size(), 1u);
  EXPECT_TRUE(absl::StrContains(check->differences[0],
                                "pushed 1.51 s, and the receiver has 1.52 s of users"))
      << check->differences[0];
  Answer({"1.5"});
  EXPECT_EQ(Check()->differences.size(), 2u);
}

TEST_F(PushCheckTest, LeavesOutWhatTheReceiverDoesNotHave) {
  state_.hours[kFirst].was_refused = true;
  state_.hours[kFirst + 3600].unaccepted_since = absl::FromUnixSeconds(1);
  Answer({"0", "0", "1.52"});
  const absl::StatusOr<PushCheck> check = Check();
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(check->hours, 1u);
  EXPECT_EQ(check->set_aside, 1u);
  EXPECT_TRUE(check->differences.empty());
}

TEST_F(PushCheckTest, HalvesOfAnHourAreOne) {
  state_.hours = {{kFirst, {.host = "a", .ticks = 100, .stamp = absl::Minutes(15)}},
                  {kFirst + 1800, {.host = "a", .ticks = 50, .stamp = absl::Minutes(15)}}};
  Answer({"1.5"});
  const absl::StatusOr<PushCheck> check = Check();
  ASSERT_TRUE(check.ok());
  EXPECT_EQ(check->hours, 1u);
  EXPECT_TRUE(check->differences.empty());
}

TEST_F(PushCheckTest, APartialAnswerIsAWarning) {
  Answer({"1.5", "1.51", "1.52"}, "\"isPartial\":true,");
  EXPECT_EQ(Check()->warning, "not all of its storage nodes answered");
  Answer({"1.5", "1.51", "1.52"}, "\"warnings\":[\"a store is down\"],");
  EXPECT_EQ(Check()->warning, "a store is down");
  Answer({"1.5", "1.51", "1.52"}, "\"warnings\":[\"no hush\\n\"],");
  EXPECT_EQ(Check()->warning, "no <secret>\\n");
}

TEST_F(PushCheckTest, AnythingElseIsAnError) {
  for (const char* body :
       {"", "hush not found", "[]", "{}", "{\"status\":\"error\",\"error\":\"hush\"}",
        "{\"status\":\"success\"}", "{\"status\":\"success\",\"data\":7}",
        "{\"status\":\"success\",\"data\":{\"result\":[7]}}",
        "{\"status\":\"success\",\"data\":{\"result\":[{\"values\":[[1,2]]}]}}",
        "{\"status\":\"success\",\"data\":{\"result\":[{\"values\":[[1,\"NaN\"]]}]}}",
        "{\"status\":\"success\",\"data\":{\"result\":[{\"values\":[[1,\"-1\"]]}]}}",
        "{\"status\":\"success\",\"data\":{\"result\":[{\"values\":[[1,\"1e300\"]]}]}}",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":"
        "[{\"metric\":{},\"values\":[[1e300,\"1\"]]}]}}",
        "{\"status\":5}", "{\"status\":\"success\",\"data\":{\"result\":{}}}"}) {
    http_.answer.body = body;
    const absl::Status status = Check().status();
    EXPECT_FALSE(status.ok()) << body;
    EXPECT_FALSE(absl::StrContains(status.message(), "hush")) << status;
  }
  // What is deep takes no more stack.
  http_.answer.body =
      absl::StrCat("{\"status\":\"success\",\"warnings\":", std::string(400'000, '['),
                   std::string(400'000, ']'), ",\"data\":{\"result\":[]}}");
  EXPECT_FALSE(Check().ok());
  Answer({"1.5"});
  http_.answer.status = 503;
  EXPECT_FALSE(Check().ok());
}

TEST_F(PushCheckTest, WithoutHoursNothingIsAsked) {
  state_ = {};
  EXPECT_EQ(Check()->hours, 0u);
  EXPECT_TRUE(http_.requests.empty());
}

}  // namespace
}  // namespace cpuagg::notify
