// `cpuagg push`, and `run` with PUSH_URL, to a receiver that answers as it likes.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/testing/net/http_message.h"
#include "tools/cli_tests/fleet/fleet_cli.h"
#include "tools/cli_tests/fleet/receiver_double.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using notify::testing::HttpReply;
using testing::Finished;
using testing::ReceiverDouble;
using Samples = std::map<std::string, double>;

class PushCliTest : public testing::FleetCliTest {
 protected:
  // The newest value of each series.
  static Samples NewestOf(const ReceiverDouble& receiver) {
    Samples newest;
    for (const auto& [name, samples] : receiver.Stored()) newest[name] = samples.rbegin()->second;
    return newest;
  }
  void WorkAndCollect() {
    Work(1001, 2, 150, 50);
    Work(1002, 2, 0, 7);
    Work(1001, 0.01, 99);
    Collect();
  }
};

TEST_F(PushCliTest, SendsTheHoursThatAreOver) {
  WorkAndCollect();
  const ReceiverDouble receiver;
  const Finished run = Push({}, {"--url", receiver.url(), "-v"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(absl::StrContains(run.err, "1 hour pushed, 7 samples in 1 request")) << run.err;
  EXPECT_EQ(NewestOf(receiver), (Samples{{"cpuagg_user_cpu_hourly_seconds lab01 alice user", 1.5},
                                         {"cpuagg_user_cpu_hourly_seconds lab01 alice system", 0.5},
                                         {"cpuagg_user_cpu_hourly_seconds lab01 bob system", 0.07},
                                         {"cpuagg_host_cpu_hourly_seconds lab01 user", 1.5},
                                         {"cpuagg_host_cpu_hourly_seconds lab01 system", 0.57},
                                         {"cpuagg_last_collect_timestamp_seconds lab01",
                                          static_cast<double>(absl::ToUnixSeconds(now_))},
                                         {"cpuagg_store_gaps_total lab01", 0}}));
  const ReceiverDouble::Heard heard = receiver.heard()[0];
  EXPECT_EQ(heard.request.path, "/api/v1/write");
  EXPECT_EQ(heard.request.headers.at("content-encoding"), "snappy");
  EXPECT_EQ(heard.request.headers.at("content-type"), "application/x-protobuf");
  EXPECT_EQ(heard.request.headers.at("x-prometheus-remote-write-version"), "0.1.0");
  EXPECT_TRUE(absl::StartsWith(heard.request.headers.at("user-agent"), "cpuagg/"));
  EXPECT_FALSE(heard.request.headers.contains("authorization"));

  EXPECT_EQ(Push({}, {"--url", receiver.url()}).exit_code, 0);
  EXPECT_EQ(receiver.requests(), 1u) << "nothing is new";
  const ReceiverDouble other;
  EXPECT_EQ(Push({"PUSH_URL=" + other.url()}).exit_code, 0);
  EXPECT_EQ(NewestOf(other), NewestOf(receiver)) << "another receiver gets everything";
}

TEST_F(PushCliTest, SendsACorrectionOfAnHourLaterInIt) {
  WorkAndCollect();
  const ReceiverDouble receiver;
  ASSERT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  Work(1001, 2, 100);  // a record that was late
  Collect();
  ASSERT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  const std::map<int64_t, double> samples =
      receiver.Stored()["cpuagg_user_cpu_hourly_seconds lab01 alice user"];
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples.rbegin()->second, 2.5);
  for (const auto& [stamp, value] : samples) {
    const absl::Time hour = absl::FromCivil(absl::CivilHour(2026, 11, 23, 12), absl::UTCTimeZone());
    EXPECT_GE(absl::FromUnixMillis(stamp), hour + absl::Minutes(15));
    EXPECT_LT(absl::FromUnixMillis(stamp), hour + absl::Minutes(30));
  }
}

TEST_F(PushCliTest, ALostStateCostsOnlyThatAllIsSentAgain) {
  WorkAndCollect();
  const ReceiverDouble receiver;
  ASSERT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  const Samples before = NewestOf(receiver);
  for (const auto& entry : std::filesystem::directory_iterator(store_)) {
    if (absl::StartsWith(entry.path().filename().string(), "push-")) {
      std::filesystem::resize_file(entry.path(), 3);
    }
  }
  ASSERT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  EXPECT_EQ(receiver.requests(), 2u);
  EXPECT_EQ(NewestOf(receiver), before);
}

TEST_F(PushCliTest, ABadSampleHoldsNoOther) {
  WorkAndCollect();
  const ReceiverDouble receiver([](const ReceiverDouble::Heard& heard) {
    for (const auto& series : heard.write.timeseries()) {
      for (const auto& label : series.labels()) {
        if (label.value() == "bob") return HttpReply{.status_code = 400, .body = "no bobs\n"};
      }
    }
    return HttpReply{.status_code = 204};
  });
  const Finished run = Push({"PUSH_URL=" + receiver.url()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "cpuagg: bob in the hour 2026-11-23T12:00Z: refused and set aside: HTTP status 400, no "
            "bobs\n");
  EXPECT_EQ(receiver.Stored().size(), 6u);
  const size_t requests = receiver.requests();
  EXPECT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  EXPECT_EQ(receiver.requests(), requests);
}

TEST_F(PushCliTest, TheNextRunTriesAgain) {
  WorkAndCollect();
  std::atomic<int> status = 503;
  const ReceiverDouble receiver([&](const ReceiverDouble::Heard&) {
    return HttpReply{.status_code = status, .body = "come back later"};
  });
  for (const int busy : {429, 500, 503}) {
    status = busy;
    const Finished run = Push({"PUSH_URL=" + receiver.url()});
    EXPECT_EQ(run.exit_code, 75) << run.err;
    EXPECT_TRUE(absl::StrContains(run.err, absl::StrCat("HTTP status ", busy,
                                                        ", come back later; "
                                                        "the next run tries again")))
        << run.err;
  }
  // After days, it is an error. But nothing is lost.
  now_ += absl::Hours(80);
  status = 503;
  Finished run = Push({"PUSH_URL=" + receiver.url()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err,
                                "nothing could since 2026-11-23 14:05, which is longer "
                                "than EXPIRE_AFTER; the hours stay in the store"))
      << run.err;
  status = 204;
  run = Push({"PUSH_URL=" + receiver.url()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(receiver.Stored().size(), 7u);
}

TEST_F(PushCliTest, SomebodyHasToChangeSomething) {
  WorkAndCollect();
  std::atomic<int> status = 0;
  const ReceiverDouble elsewhere;
  const ReceiverDouble receiver([&](const ReceiverDouble::Heard&) {
    return HttpReply{
        .status_code = status, .body = "go away", .extra_headers = {{"Location", elsewhere.url()}}};
  });
  const struct {
    int status;
    const char* says;
  } cases[] = {
      {401, "rejects the credentials, or has none: HTTP status 401, go away; check PUSH_USER"},
      {403, "rejects the credentials, or has none"},
      {404, "not the address of a receiver: HTTP status 404, go away; check PUSH_URL"},
      {302, "not the address of a receiver: HTTP status 302"},
      {400, "accepts nothing: HTTP status 400, go away; check PUSH_URL"}};
  for (const auto& each : cases) {
    status = each.status;
    const Finished run = Push({"PUSH_URL=" + receiver.url()});
    EXPECT_EQ(run.exit_code, 1) << each.status;
    EXPECT_TRUE(absl::StrContains(run.err, each.says)) << run.err;
    EXPECT_TRUE(absl::StrContains(run.err, "the hours stay in the store")) << run.err;
  }
  EXPECT_EQ(elsewhere.requests(), 0u) << "a redirect was followed";
  status = 204;
  EXPECT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  EXPECT_EQ(receiver.Stored().size(), 7u);
}

TEST_F(PushCliTest, ASlowReceiverAndOneThatHangsUp) {
  WorkAndCollect();
  std::atomic<bool> hangs_up = true;
  const ReceiverDouble receiver([&](const ReceiverDouble::Heard&) -> std::optional<HttpReply> {
    if (hangs_up) return std::nullopt;
    return HttpReply{.status_code = 204};
  });
  Finished run = Push({"PUSH_URL=" + receiver.url()});
  EXPECT_EQ(run.exit_code, 75) << run.err;
  hangs_up = false;
  // Its answer takes longer than a run may.
  const ReceiverDouble slow([&](const ReceiverDouble::Heard&) {
    absl::SleepFor(absl::Seconds(3));
    return HttpReply{.status_code = 204};
  });
  run = Push({"PUSH_URL=" + slow.url(), "SEND_WITHIN=1s"});
  EXPECT_EQ(run.exit_code, 75) << run.err;
  run = Push({"PUSH_URL=http://127.0.0.1:1/api/v1/write"});
  EXPECT_EQ(run.exit_code, 75) << run.err;
  EXPECT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
}

TEST_F(PushCliTest, NothingIsPushedOfTheFutureOrByAClockThatIsBehind) {
  WorkAndCollect();
  const ReceiverDouble receiver;
  ASSERT_EQ(Push({"PUSH_URL=" + receiver.url()}).exit_code, 0);
  Work(1001, 1, 10);
  Collect();
  now_ -= absl::Hours(10);
  Finished run = Push({"PUSH_URL=" + receiver.url()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err, "the clock is behind the newest hour that was pushed"))
      << run.err;
  EXPECT_EQ(receiver.requests(), 1u);
  const ReceiverDouble other;
  run = Push({"PUSH_URL=" + other.url()});
  for (const auto& [name, samples] : other.Stored()) {
    EXPECT_LE(absl::FromUnixMillis(samples.rbegin()->first), now_ + absl::Minutes(1)) << name;
  }
}

TEST_F(PushCliTest, SecretsAreSentAndNowhereElse) {
  WorkAndCollect();
  const std::string token = "s3cr3t-t0ken-of-the-receiver";
  const std::string token_file = Secret("token", token + "\n");
  std::atomic<int> status = 403;
  const ReceiverDouble receiver([&](const ReceiverDouble::Heard& heard) {
    return HttpReply{.status_code = status,
                     .body = "you sent " + heard.request.headers.at("authorization")};
  });
  const std::string url = "PUSH_URL=" + receiver.url();
  for (const int each : {403, 500, 503, 204}) {
    status = each;
    const Finished run =
        Push({url, "PUSH_TOKEN_FILE=" + token_file, "PUSH_HEADER=X-Scope-OrgID: lab"}, {"-v"});
    ExpectNowhere(token, run);
    EXPECT_TRUE(each == 204 || absl::StrContains(run.err, "you sent Bearer <secret>")) << run.err;
  }
  const auto headers = receiver.heard().back().request.headers;
  EXPECT_EQ(headers.at("authorization"), "Bearer " + token);
  EXPECT_EQ(headers.at("x-scope-orgid"), "lab");

  const std::string password_file = Secret("password", token);
  const Finished run =
      Push({url, "PUSH_USER=lab01", "PUSH_PASSWORD_FILE=" + password_file}, {"-v"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  ExpectNowhere(token, run);

  // As systemd gives it to a service.
  std::filesystem::create_directory(dir_.Path("credentials"));
  Secret("credentials/push_token", "another-secret\n", 0400);
  Work(1001, 3, 10);
  Collect();
  Strings settings = WithSettings({url});
  settings.push_back("CREDENTIALS_DIRECTORY=" + dir_.Path("credentials"));
  EXPECT_EQ(Run({"push"}, settings).exit_code, 0);
  EXPECT_EQ(receiver.heard().back().request.headers.at("authorization"), "Bearer another-secret");
}

TEST_F(PushCliTest, WrongSettingsAreNamedWithTheFix) {
  WorkAndCollect();
  const std::string url = "PUSH_URL=http://127.0.0.1:1/api/v1/write";
  const std::string open = Secret("open", "hush", 0644);
  const std::string empty = Secret("empty", "\n");
  const std::string two_lines = Secret("two_lines", "hush\nhush");
  const struct {
    Strings settings;
    const char* says;
  } cases[] = {
      {{}, "there is no receiver to push to"},
      {{"PUSH_URL="}, "PUSH_URL in the environment: is empty; write something like"},
      {{"PUSH_URL=http://127.0.0.1:8428"}, "has no path; write the whole one"},
      {{"PUSH_URL=http://me:hush@127.0.0.1/api/v1/write"}, "set PUSH_USER, and PUSH_PASSWORD_FILE"},
      {{url, "PUSH_USER=me"}, "needs PUSH_PASSWORD_FILE"},
      {{url, "PUSH_PASSWORD_FILE=" + open}, "needs PUSH_USER"},
      {{url, "PUSH_USER=me", "PUSH_PASSWORD_FILE=" + open, "PUSH_TOKEN_FILE=" + open},
       "cannot be combined with PUSH_USER"},
      {{url, "PUSH_TOKEN_FILE=" + open}, "run chmod o= "},
      {{url, "PUSH_TOKEN_FILE=" + empty}, "is empty"},
      {{url, "PUSH_TOKEN_FILE=" + two_lines}, "must hold the secret on one line"},
      {{url, "PUSH_TOKEN_FILE=/nonexistent"}, "/nonexistent"},
      {{url, "PUSH_HEADER=hush"}, "write something like X-Scope-OrgID: lab"},
      {{url, "PUSH_HEADER=Authorization: Bearer hush"}, "name it in PUSH_TOKEN_FILE"},
      {{url, "PUSH_TOP=all"}, "'all' is not a number from 1 to"},
      {{url, "PUSH_TOP=0"}, "'0' is not a number from 1 to"},
      {{url, "SEND_WITHIN=soon"}, "SEND_WITHIN"},
      {{"PUSH_URL=http://vm.lab/api/v1/write", "PUSH_TOKEN_FILE=" + Secret("token", "hush")},
       "ALLOW_INSECURE_HTTP=yes"}};
  for (const auto& each : cases) {
    const Finished run = Push(each.settings);
    EXPECT_EQ(run.exit_code, 2) << each.says;
    EXPECT_TRUE(absl::StrContains(run.err, each.says)) << run.err;
    EXPECT_FALSE(absl::StrContains(run.err, "hush")) << run.err;
  }
  EXPECT_EQ(Push({}, {"--url", ""}).exit_code, 2);
  const Finished run = Push({url}, {"--store", dir_.Path("nothing")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err, "there is no store here")) << run.err;
}

TEST_F(PushCliTest, CheckNamesEveryWrongSetting) {
  preloaded_.clear();  // `check` has deadlines by the clock
  const Strings settings =
      WithSettings({"PUSH_URL=ftp://x", "PUSH_TOP=x", "TEXTFILE=/nonexistent", "EXPIRE_AFTER=3"});
  const Finished run = Run({"check", "-q"}, settings);
  for (const char* says : {"PUSH_URL in the environment: does not begin with https://",
                           "PUSH_TOP in the environment: 'x' is not a number",
                           "TEXTFILE in the environment: /nonexistent is neither",
                           "EXPIRE_AFTER in the environment: '3' is not"}) {
    EXPECT_TRUE(absl::StrContains(run.out, says)) << says << run.out;
  }
  EXPECT_EQ(run.out.find("EXPIRE_AFTER in"), run.out.rfind("EXPIRE_AFTER in"));
}

TEST_F(PushCliTest, CheckAsksForWhatWasPushed) {
  WorkAndCollect();
  std::atomic<bool> has_lost_it = false;
  const ReceiverDouble receiver([&](const ReceiverDouble::Heard& heard) {
    if (heard.request.path != "/api/v1/query_range") return HttpReply{.status_code = 204};
    const auto end = heard.request.fields->at("end").value;
    return HttpReply{.body = absl::StrCat(
                         "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
                         "{\"metric\":{},\"values\":[[",
                         end, ",\"", has_lost_it ? "2.06" : "2.07", "\"]]}]}}")};
  });
  const std::string url = "PUSH_URL=" + receiver.url();
  EXPECT_EQ(Push({url}, {"--check"}).exit_code, 1) << "nothing has been pushed";
  ASSERT_EQ(Push({url}).exit_code, 0);
  Finished run = Push({url}, {"--check"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "1 hour compared: all as they were pushed\n");
  EXPECT_EQ(receiver.heard().back().request.fields->at("query").value,
            "sum(last_over_time(cpuagg_host_cpu_hourly_seconds{instance=\"lab01\",job=\"cpuagg\"}"
            "[1h]))");
  has_lost_it = true;
  run = Push({url}, {"--check"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.out,
                                "2026-11-23T12:00Z: pushed 2.07 s, and the receiver has "
                                "2.06 s of users and 2.06 s of the machine"))
      << run.out;
}

TEST_F(PushCliTest, RunPushesAndNeitherWaitsForTheOther) {
  WorkAndCollect();
  std::atomic<int> status = 404;
  const ReceiverDouble receiver(
      [&](const ReceiverDouble::Heard&) { return HttpReply{.status_code = status}; });
  const auto run_with = [&](const Strings& more) {
    Strings settings = {"PUSH_URL=" + receiver.url()};
    settings.insert(settings.end(), more.begin(), more.end());
    return Run({"run", "--no-running", "--passwd", dir_.Path("passwd")}, WithSettings(settings));
  };
  // No bot is configured: the report cannot go anywhere, and the push does.
  status = 204;
  Finished run = run_with({});
  EXPECT_NE(run.exit_code, 0);
  EXPECT_EQ(receiver.Stored().size(), 7u) << run.err;
  // A wrong setting of the push is named, and the report is tried.
  run = run_with({"PUSH_TOP=x"});
  EXPECT_TRUE(absl::StrContains(run.err, "PUSH_TOP")) << run.err;
  EXPECT_TRUE(absl::StrContains(run.err, "CHAT_ID")) << run.err;
}

}  // namespace
}  // namespace cpuagg::tools
