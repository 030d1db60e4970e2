// A fleet's engine that refuses, is cut short, or says that it does not know everything.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "notify/testing/net/connection_server.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/net/http_session.h"
#include "notify/testing/net/loopback.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {
namespace {

using notify::testing::HttpReply;
using notify::testing::HttpRequest;

constexpr char kSecret[] = "fleet-secret-0815";

class FleetFaultsTest : public CliTest {
 protected:
  FleetFaultsTest()
      : server_(notify::testing::Listener::Open().value(),
                [this](notify::testing::Connection& peer) { Serve(peer); }) {
    url_ = absl::StrCat("http://127.0.0.1:", server_.port());
  }

  void Serve(notify::testing::Connection& peer) {
    std::atomic<size_t> bytes = 0;
    notify::testing::HttpSession session(peer, bytes);
    const auto answer = [this](const HttpRequest& request) -> std::optional<HttpReply> {
      const std::lock_guard<std::mutex> lock(mutex_);
      requests_.push_back(request);
      return reply_;
    };
    while (session.Await() && session.Answer(answer)) {
    }
  }

  Finished Ask(Strings flags = {}, const Strings& environment = {}) {
    flags.insert(flags.begin(), {"report", "--from", url_, "--period", "yesterday"});
    const Finished run = Run(flags, environment);
    EXPECT_FALSE(absl::StrContains(run.out + run.err, kSecret)) << run.out << run.err;
    return run;
  }

  HttpReply reply_;
  std::string url_;
  std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  notify::testing::ConnectionServer server_;  // last: it uses all of the above
};

// One answer to all questions, as both a vector and a matrix have their values.
std::string Answer(const std::string& series, const std::string& more = "") {
  return absl::StrCat(R"({"status":"success")", more,
                      R"(,"data":{"resultType":"vector","result":[)", series, "]}}");
}

TEST_F(FleetFaultsTest, AnEngineThatRefusesMakesTheReportFail) {
  const struct {
    HttpReply reply;
    std::string expected;
  } cases[] = {
      {{.status_code = 401, .body = "no fleet-secret-0815"}, "check FLEET_USER"},
      {{.status_code = 302, .body = ""}, "redirects (HTTP status 302)"},
      {{.status_code = 404, .body = "page not found\n"}, "is this the base of the query API?"},
      {{.status_code = 422, .body = R"({"status":"error","errorType":"422","error":"too many"})"},
       "too many"},
      {{.status_code = 503, .body = R"({"status":"error","errorType":"timeout","error":"slow"})"},
       "slow"},
      {{.body = "<html>"}, "the answer is not one of a query"},
      {{.body = R"({"status":"success","data":{"resultType":"vector","result":[{}]}})"},
       "a series has no labels"},
      {{.body = Answer(R"({"metric":{},"value":[1,"NaN"]})")}, "'NaN' is not a number"},
      {{.body = std::string(100'000, '[')}, "the answer is not one of a query"},
  };
  dir_.Write("token", kSecret);
  chmod(dir_.Path("token").c_str(), 0600);
  for (const auto& c : cases) {
    reply_ = c.reply;
    const Finished run = Ask({}, {"CPUAGG_FLEET_TOKEN_FILE=" + dir_.Path("token")});
    EXPECT_EQ(run.exit_code, 1) << c.expected;
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(absl::StrContains(run.err, c.expected)) << run.err;
  }
}

TEST_F(FleetFaultsTest, APartialAnswerIsDamage) {
  for (const char* const more : {R"(,"isPartial":true)", R"(,"warnings":["a store is away"])"}) {
    reply_ = {.body =
                  Answer(R"({"metric":{"user":"alice","mode":"user"},"value":[1,"1.5"]})", more)};
    const Finished run = Ask();
    EXPECT_EQ(run.exit_code, 3) << run.err;
    EXPECT_TRUE(absl::StrContains(run.out, "alice")) << run.out;
    EXPECT_TRUE(absl::StrContains(run.out, "the engine's answer is partial")) << run.out;
    EXPECT_TRUE(absl::StrContains(run.err, "the answer is partial")) << run.err;
  }
}

TEST_F(FleetFaultsTest, AUserWithoutANameHasAnIdAndNoName) {
  reply_ = {.body = Answer(R"({"metric":{"user":"alice","mode":"user"},"value":[1,"1.5"]},)"
                           R"({"metric":{"user":"1005","mode":"user"},"value":[1,"2.5"]})")};
  EXPECT_EQ(Ask({"--csv", "--columns=uid,user,cpu_seconds", "--quiet"}).out,
            "uid,user,cpu_seconds\n1005,,2.50\n,alice,1.50\n");
  reply_ = {.body = Answer(R"({"metric":{"user":"1005","uid":"1005","mode":"user"},)"
                           R"("value":[1,"2.5"]})")};
  EXPECT_EQ(Ask({"--csv", "--columns=uid,user,cpu_seconds", "--quiet", "--host=lab01"}).out,
            "uid,user,cpu_seconds\n1005,,2.50\n");
  EXPECT_TRUE(absl::StrContains(Ask({"--quiet"}).out, "\n1005 "));
}

TEST_F(FleetFaultsTest, MessagesLeaveOutUsersWithoutAName) {
  reply_ = {.body = Answer("")};
  const auto asks_for_names = [&](const std::string& include) {
    requests_.clear();
    Run({"send", "--dry-run", "--period=yesterday"},
        {"CPUAGG_FLEET_URL=" + url_, "CPUAGG_INCLUDE_UNKNOWN_USERS=" + include});
    EXPECT_FALSE(requests_.empty());
    return std::any_of(requests_.begin(), requests_.end(), [](const HttpRequest& request) {
      return request.fields.ok() && request.fields->contains("query") &&
             absl::StrContains(request.fields->at("query").value, "user!~\"[0-9]*\"");
    });
  };
  // Instead of a name, they have digits.
  EXPECT_TRUE(asks_for_names("no"));
  EXPECT_FALSE(asks_for_names("yes"));
}

TEST_F(FleetFaultsTest, QuestionsHaveCredentialsAndTenant) {
  reply_ = {.body = Answer("")};
  dir_.Write("password", std::string(kSecret) + "\n");
  const std::string path = dir_.Path("password");
  const Strings environment = {"CPUAGG_FLEET_USER=x", "CPUAGG_FLEET_PASSWORD_FILE=" + path,
                               "CPUAGG_FLEET_HEADER=X-Scope-OrgID: lab"};
  chmod(path.c_str(), 0644);
  EXPECT_TRUE(absl::StrContains(Ask({}, environment).err, "is open to everybody"));
  chmod(path.c_str(), 0600);
  EXPECT_EQ(Ask({}, environment).exit_code, 0);
  ASSERT_FALSE(requests_.empty());
  EXPECT_EQ(requests_[0].path, "/api/v1/query");
  EXPECT_EQ(requests_[0].headers.at("authorization"), "Basic eDpmbGVldC1zZWNyZXQtMDgxNQ==");
  EXPECT_EQ(requests_[0].headers.at("x-scope-orgid"), "lab");
  // To another machine only over TLS.
  EXPECT_EQ(Run({"report", "--from", "http://192.0.2.1:8428"}, environment).exit_code, 2);
}

TEST_F(FleetFaultsTest, FlagsThatAnEngineCannotAnswerAreRefused) {
  const std::string groups = dir_.Write("groups", "alice Physics\n");
  for (const Strings& flags :
       {Strings{"--by", "command"}, Strings{"--by", "tty"}, Strings{"--failed"},
        Strings{"--command", "gcc"}, Strings{"--sort", "memory"}, Strings{"--sort", "uid"},
        Strings{"--store", store_}, Strings{"--columns", "processes"}, Strings{"pacct"},
        Strings{"--running"}, Strings{"--threads", "1"}, Strings{"--ahz", "100"},
        Strings{"--rotated-dir", store_}, Strings{"--host", "a,b"},
        Strings{"--by", "department", "--group-file", groups}}) {
    const Finished run = Ask(flags);
    EXPECT_EQ(run.exit_code, 2) << flags[0];
    EXPECT_NE(run.err, "");
  }
  EXPECT_TRUE(requests_.empty());
}

}  // namespace
}  // namespace cpuagg::tools::testing
