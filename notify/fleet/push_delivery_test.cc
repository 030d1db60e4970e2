#include "notify/fleet/push_delivery.h"

#include <snappy.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/fleet/push_plan.h"
#include "notify/fleet/push_state.h"
#include "notify/fleet/remote_write.h"
#include "notify/fleet/remote_write.pb.h"
#include "notify/http/http_client.h"

namespace cpuagg::notify {
namespace {

// A receiver that stores all of a request, or nothing of it.
class ModelReceiver : public HttpClient {
 public:
  // The status for a sample of this series and time; 204 to accept it.
  std::function<int(const std::string& user, int64_t stamp)> judge = [](const auto&, int64_t) {
    return 204;
  };
  size_t most_samples = 100'000;
  std::string text = "out of bounds\nmore";
  absl::Status failure;
  std::map<std::pair<std::string, int64_t>, double> stored;  // by user and stamp
  int requests = 0;
  HttpRequest last;

  absl::StatusOr<HttpResponse> Post(const HttpRequest& request) override {
    ++requests;
    last = request;
    if (!failure.ok()) return failure;
    std::string bytes;
    EXPECT_TRUE(snappy::Uncompress(request.body.data(), request.body.size(), &bytes));
    remote::WriteRequest write;
    EXPECT_TRUE(write.ParseFromString(bytes));
    std::map<std::pair<std::string, int64_t>, double> added;
    for (const remote::TimeSeries& series : write.timeseries()) {
      std::string user = "*";
      for (const remote::Label& label : series.labels()) {
        if (label.name() == "user") user = label.value();
      }
      for (const remote::Sample& sample : series.samples()) {
        const int status = judge(user, sample.timestamp());
        if (status != 204) return HttpResponse{.status = status, .body = text};
        added[{user, sample.timestamp()}] = sample.value();
      }
    }
    if (added.size() > most_samples) return HttpResponse{.status = 413, .body = text};
    stored.insert(added.begin(), added.end());
    return HttpResponse{.status = 204};
  }
};

class PushDeliveryTest : public ::testing::Test {
 protected:
  static constexpr int64_t kNow = 1'795'000'000;

  // Hours that are 1 to `count` hours old, of users u0, u1 and so on.
  void MakePlan(int count, int users) {
    plan_ = {};
    plan_.last_collect = absl::FromUnixSeconds(kNow);
    plan_.series = {{{"__name__", "a"}}};
    for (int user = 0; user < users; ++user) {
      plan_.series.push_back({{"__name__", "b"}, {"user", absl::StrCat("u", user)}});
    }
    plan_.current = {{.series = 0, .stamp = kNow * 1000, .value = 1}};
    for (int hour = count; hour > 0; --hour) {
      HourPush push{.begin = HourOf(hour), .of_host = 1};
      const int64_t stamp = push.begin * 1000 + 900'000;
      for (uint32_t series = 0; series < plan_.series.size(); ++series) {
        push.samples.push_back({.series = series, .stamp = stamp, .value = series + 0.5});
        if (series > 0) push.pushed.users.insert({series, plan_.series[series].at("user")});
      }
      plan_.hours.push_back(push);
    }
  }
  static int64_t HourOf(int ago) { return kNow - ago * 3600; }

  PushSummary Deliver(absl::Duration after = absl::ZeroDuration()) {
    return DeliverPush(plan_, receiver_,
                       {.now = absl::FromUnixSeconds(kNow) + after,
                        .lifetime = absl::Hours(72),
                        .run_budget = absl::Minutes(5),
                        .stopwatch = [&] { return elapsed_ += step_; }},
                       model_, state_);
  }

  PushPlan plan_;
  PushState state_;
  ModelReceiver model_;
  Receiver receiver_ = {.url = "http://127.0.0.1/api/v1/write",
                        .headers = {"Authorization: Bearer hush"},
                        .secrets = {"hush"}};
  absl::Duration elapsed_;
  absl::Duration step_;
};

TEST_F(PushDeliveryTest, OneRequestWithTheHeadersOfTheSpecification) {
  MakePlan(20, 3);
  const PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kDone);
  EXPECT_EQ(summary.requests, 1u);
  EXPECT_EQ(summary.hours, 20u);
  EXPECT_EQ(summary.samples, 81u);
  EXPECT_EQ(model_.stored.size(), 81u);
  EXPECT_EQ(state_.hours.size(), 20u);
  EXPECT_EQ(state_.last_collect, plan_.last_collect);
  EXPECT_EQ(model_.last.headers,
            (std::vector<std::string>{
                "Content-Encoding: snappy", "Content-Type: application/x-protobuf",
                "X-Prometheus-Remote-Write-Version: 0.1.0", "Authorization: Bearer hush"}));
}

TEST_F(PushDeliveryTest, ALongHistoryIsSeveralRequests) {
  MakePlan(300, 50);
  EXPECT_EQ(Deliver().end, PushEnd::kDone);
  EXPECT_EQ(model_.requests, 4);
  EXPECT_EQ(model_.stored.size(), 300u * 51 + 1);
}

TEST_F(PushDeliveryTest, ABadSampleHoldsNothingElse) {
  MakePlan(10, 8);
  const int64_t bad = HourOf(4) * 1000 + 900'000;
  model_.judge = [&](const std::string& user, int64_t stamp) {
    return user == "u5" && stamp == bad ? 400 : 204;
  };
  const PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kDone);
  EXPECT_EQ(model_.stored.size(), 10u * 9);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_EQ(summary.problems[0],
            "u5 in the hour 2026-11-18T07:06Z: refused and set aside: HTTP status 400, out of "
            "bounds");
  EXPECT_TRUE(state_.hours[HourOf(4)].was_refused);
  EXPECT_FALSE(state_.hours[HourOf(5)].was_refused);
  EXPECT_EQ(state_.hours.size(), 10u);
}

TEST_F(PushDeliveryTest, HoursThatAreTooOldAreSetAside) {
  MakePlan(40, 20);
  model_.judge = [&](const std::string&, int64_t stamp) {
    return stamp < HourOf(10) * 1000 ? 400 : 204;
  };
  const PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kDone);
  EXPECT_EQ(model_.stored.size(), 10u * 21 + 1);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_TRUE(absl::StrContains(summary.problems[0], " and 29 more: refused and set aside"))
      << summary.problems[0];
  EXPECT_LT(model_.requests, 100);
}

TEST_F(PushDeliveryTest, ASmallLimitOfTheReceiverIsKept) {
  MakePlan(30, 20);
  model_.most_samples = 7;
  EXPECT_EQ(Deliver().end, PushEnd::kDone);
  EXPECT_EQ(model_.stored.size(), 30u * 21 + 1);
  EXPECT_EQ(state_.hours.size(), 30u);
  for (const auto& [begin, hour] : state_.hours) EXPECT_FALSE(hour.was_refused);
}

TEST_F(PushDeliveryTest, AnHourThatIsTooLargeForARequestIsDivided) {
  MakePlan(1, 9000);
  EXPECT_EQ(Deliver().end, PushEnd::kDone);
  EXPECT_EQ(model_.stored.size(), 9002u);
}

// Otherwise a wrong path would set everything aside.
TEST_F(PushDeliveryTest, IfNothingIsAcceptedNothingIsSetAside) {
  MakePlan(30, 20);
  model_.judge = [](const std::string&, int64_t) { return 400; };
  const PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kRefused);
  EXPECT_TRUE(absl::StrContains(summary.reason, "accepts nothing: HTTP status 400, out of bounds"))
      << summary.reason;
  EXPECT_TRUE(state_.hours.empty());
  EXPECT_EQ(model_.requests, 2);
}

TEST_F(PushDeliveryTest, StopsAtOnceIfSomebodyHasToChangeSomething) {
  for (const int status : {301, 302, 307, 401, 403, 404, 405}) {
    MakePlan(30, 20);
    model_.requests = 0;
    model_.judge = [=](const std::string&, int64_t) { return status; };
    const PushSummary summary = Deliver();
    EXPECT_EQ(summary.end, PushEnd::kRefused) << status;
    EXPECT_TRUE(absl::StrContains(summary.reason, absl::StrCat(status))) << summary.reason;
    EXPECT_EQ(model_.requests, 1) << status;
  }
  EXPECT_TRUE(state_.hours.empty());
}

TEST_F(PushDeliveryTest, TheNextRunTriesAgainIfTheReceiverIsBusyOrGone) {
  for (const int status : {429, 502, 503, 504}) {
    MakePlan(3, 2);
    model_.requests = 0;
    model_.judge = [=](const std::string&, int64_t) { return status; };
    EXPECT_EQ(Deliver().end, PushEnd::kPostponed) << status;
    EXPECT_EQ(model_.requests, 1) << status;
  }
  for (const absl::Status& failure :
       {absl::UnavailableError("refused"), absl::UnknownError("timed out")}) {
    model_.failure = failure;
    const PushSummary summary = Deliver();
    EXPECT_EQ(summary.end, PushEnd::kPostponed);
    EXPECT_EQ(summary.reason, failure.message());
  }
  EXPECT_TRUE(state_.hours.empty());
  EXPECT_EQ(state_.failing_since, absl::FromUnixSeconds(kNow));
  model_.failure = absl::OkStatus();
  model_.judge = [](const std::string&, int64_t) { return 204; };
  EXPECT_EQ(Deliver().end, PushEnd::kDone);
  EXPECT_FALSE(state_.failing_since.has_value());
}

TEST_F(PushDeliveryTest, ABadCertificateStopsIt) {
  MakePlan(3, 2);
  model_.failure = absl::FailedPreconditionError("the certificate is not accepted");
  EXPECT_EQ(Deliver().end, PushEnd::kRefused);
}

TEST_F(PushDeliveryTest, AReceiverThatFailsForEverythingIsAskedTwice) {
  MakePlan(30, 20);
  model_.judge = [](const std::string&, int64_t) { return 500; };
  EXPECT_EQ(Deliver().end, PushEnd::kPostponed);
  EXPECT_EQ(model_.requests, 2);
  EXPECT_TRUE(state_.hours.empty());
}

TEST_F(PushDeliveryTest, AnHourForWhichItFailsIsTriedForAWhileAndThenGivenUp) {
  MakePlan(10, 3);
  model_.judge = [&](const std::string&, int64_t stamp) {
    return stamp < HourOf(9) * 1000 ? 500 : 204;
  };
  PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kPostponed);
  EXPECT_EQ(summary.hours, 9u);
  EXPECT_TRUE(absl::StrContains(summary.reason, "fails for 1 hour and accepts others"))
      << summary.reason;
  EXPECT_EQ(state_.hours[HourOf(10)].unaccepted_since, absl::FromUnixSeconds(kNow));
  EXPECT_FALSE(state_.failing_since.has_value());
  // As PlanPush() has it.
  plan_.hours.erase(plan_.hours.begin() + 1, plan_.hours.end());
  plan_.hours[0].pushed.unaccepted_since = state_.hours[HourOf(10)].unaccepted_since;
  summary = Deliver(absl::Hours(72));
  EXPECT_EQ(summary.end, PushEnd::kPostponed);
  summary = Deliver(absl::Hours(73));
  EXPECT_EQ(summary.end, PushEnd::kDone);
  ASSERT_EQ(summary.problems.size(), 1u);
  EXPECT_TRUE(
      absl::StrContains(summary.problems[0], "given up after EXPIRE_AFTER: HTTP status 500"))
      << summary.problems[0];
  EXPECT_TRUE(state_.hours[HourOf(10)].was_refused);
  EXPECT_FALSE(state_.hours[HourOf(10)].unaccepted_since.has_value());
}

TEST_F(PushDeliveryTest, WhatARunHasNoTimeForIsLeftToTheNext) {
  MakePlan(300, 50);
  step_ = absl::Minutes(2);
  const PushSummary summary = Deliver();
  EXPECT_EQ(summary.end, PushEnd::kPostponed);
  EXPECT_TRUE(absl::StrContains(summary.reason, "SEND_WITHIN")) << summary.reason;
  EXPECT_GT(summary.hours, 0u);
  EXPECT_LT(summary.hours, 300u);
  EXPECT_EQ(state_.hours.size(), summary.hours);
  // The newest ones are there.
  EXPECT_TRUE(state_.hours.contains(HourOf(1)));
}

TEST_F(PushDeliveryTest, TheAnswerIsShownWithoutSecretsAndOnOneLine) {
  MakePlan(1, 1);
  model_.text = "you said \x1b[1mBearer hush\r\nsecond line";
  model_.judge = [](const std::string&, int64_t) { return 403; };
  const PushSummary summary = Deliver();
  EXPECT_TRUE(absl::StrContains(summary.reason, "you said \\x1b[1mBearer <secret>;"))
      << summary.reason;
  EXPECT_EQ(AnswerText(std::string(5000, 'x'), {}).size(), 199 + std::string("…").size());
}

TEST_F(PushDeliveryTest, DroppedHoursLeaveTheState) {
  MakePlan(1, 1);
  state_.hours[5] = {};
  plan_.dropped_hours = {5};
  Deliver();
  EXPECT_FALSE(state_.hours.contains(5));
}

}  // namespace
}  // namespace cpuagg::notify
