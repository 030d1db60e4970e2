// The built binary, `cpuagg run` and `cpuagg send`, if something fails: the report is kept and
// comes later, or an error says why it does not.

#include <sys/stat.h>
#include <sys/types.h>
#include <cstdlib>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/testing/bot_api/api_reply.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "notify/testing/bot_api/fault.h"
#include "notify/testing/net/http_message.h"
#include "notify/testing/picture/picture.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using notify::testing::Error;
using testing::Finished;

class SendFailuresCliTest : public testing::SendingTest {};

// A message without data would look like that of a machine that nobody uses.
TEST_F(SendFailuresCliTest, AStoreThatHoldsNothingIsAnErrorAndSendsNothing) {
  const std::string store = dir_.Path("store");
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--dry-run"}, {"--alerts"}, {"--status"}, {"--pending"}}) {
    SCOPED_TRACE(more.empty() ? "" : more[0]);
    const Finished run = Run("send", more);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", store,
                                    ": there is no store here; `cpuagg collect` makes one, and "
                                    "--store or STORE says where it is\n"));
  }
  std::filesystem::create_directories(store + "/snapshots");
  const std::string nothing = absl::StrCat(
      "cpuagg: ", store,
      ": nothing has been collected into this store yet; if "
      "`cpuagg collect` finds nothing, check whether process accounting is on (`accton`)\n");
  const Finished run = Run("send");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, nothing);
  const Finished report = Run("report");
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, nothing);
  EXPECT_TRUE(server_->received().empty());
}

TEST_F(SendFailuresCliTest, AServerThatRefusesTheTokenStopsTheRunAndKeepsTheReport) {
  StartServer("987654321:AAE-another-token-than-the-one-we-have");
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("Unauthorized"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("check the bot token, which is from BOT_TOKEN in "), std::string::npos)
      << run.err;
  EXPECT_EQ(server_->received().size(), 1u);
  EXPECT_EQ(Waiting(), 1);

  StartServer();
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendPhoto @lab_news"}));
  EXPECT_EQ(Waiting(), 0);
}

// Another run would not fix this: the units count 75 as success.
TEST_F(SendFailuresCliTest, WithoutALibraryTheRunFailsAndKeepsTheReport) {
  chats_ = "42";
  const std::string folder = dir_.Path("libraries");
  ASSERT_EQ(mkdir(folder.c_str(), 0755), 0);
  dir_.Write("libraries/libcurl.so.4", "no library");
  environment_ = {absl::StrCat("LD_LIBRARY_PATH=", folder)};
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  for (const char* words :
       {"cannot load libcurl.so.4: ", "install the package libcurl4", "what is queued is kept"}) {
    EXPECT_NE(run.err.find(words), std::string::npos) << run.err;
  }
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 1);
  EXPECT_EQ(Run("send", {"--test"}).exit_code, 1);
  EXPECT_EQ(server_->connections(), 0);

  environment_.clear();
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(SendFailuresCliTest, AServerThatIsNotThereCostsADelayAndNotTheReport) {
  chats_ = "42";
  server_.reset();  // its port is closed now
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 75);
  EXPECT_NE(run.err.find("not sent, kept for the next run"), std::string::npos) << run.err;
  EXPECT_EQ(Waiting(), 1);

  StartServer();
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));
}

TEST_F(SendFailuresCliTest, AChatThatBlockedTheBotDoesNotKeepOthersFromTheirReport) {
  server_->Enqueue({notify::testing::Error(403, "Forbidden: bot was blocked by the user")});
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("to chat 42: refused: HTTP status 403"), std::string::npos) << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto @lab_news"}));
  EXPECT_EQ(Waiting(), 0);
}

TEST_F(SendFailuresCliTest, CheckTellsOfAChatThatHasRefusedUntilItTakesAReport) {
  chats_ = "42";
  server_->Enqueue({notify::testing::Error(403, "Forbidden: bot was blocked by the user")});
  EXPECT_EQ(Run("run").exit_code, 1);
  constexpr char kSays[] = "has refused a report, which is not sent again, on 2";
  const std::string check = Run("check").out;
  EXPECT_NE(check.find(kSays), std::string::npos) << check;
  EXPECT_NE(check.find("blocked by the user; this line stays until it takes a report"),
            std::string::npos)
      << check;
  const std::string status = Run("send", {"--status"}).out;
  EXPECT_NE(status.find("chat 42 has refused its last report, 2"), std::string::npos) << status;
  // The chat is not configured any more.
  chats_ = "43";
  EXPECT_EQ(Run("check").out.find(kSays), std::string::npos);
  chats_ = "42";
  EXPECT_EQ(Run("send").exit_code, 0);
  EXPECT_EQ(Run("check").out.find(kSays), std::string::npos);
}

TEST_F(SendFailuresCliTest, ARefusalWithUnknownWordsIsNotCalledSentAndHasAdvice) {
  chats_ = "42";
  for (int i = 0; i < 9; ++i) server_->Enqueue({Error(400, "Bad Request: something new")});
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(Delivered(), Strings());
  EXPECT_FALSE(absl::StrContains(run.err, "sent in another way")) << run.err;
  EXPECT_TRUE(absl::StrContains(run.err, "so another way is tried: ")) << run.err;
  EXPECT_TRUE(absl::StrContains(run.err,
                                "refused: HTTP status 400: Bad Request: something new; cpuagg send "
                                "--test shows whether the chat takes a short text"))
      << run.err;
  const std::string status = Run("send", {"--status"}).out;
  EXPECT_TRUE(absl::StrContains(status, "chat 42 has refused its last report, 2")) << status;
  EXPECT_TRUE(absl::StrContains(status, "; cpuagg send --test shows whether it takes a short text"))
      << status;
  const std::string check = Run("check").out;
  EXPECT_TRUE(absl::StrContains(check, "has refused a report, which is not sent again, on 2"))
      << check;
}

TEST_F(SendFailuresCliTest, AServerThatAsksToWaitIsWaitedFor) {
  chats_ = "42";
  server_->Enqueue({notify::testing::TooManyRequests(1)});
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(server_->received().size(), 2u);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42"}));

  server_->Enqueue({notify::testing::TooManyRequests(3600)});
  EXPECT_EQ(Run("send").exit_code, 75);
  EXPECT_EQ(server_->received().size(), 3u);
  EXPECT_EQ(Waiting(), 1);
}

TEST_F(SendFailuresCliTest, AnAnswerThatNeverCameMeansOneRequestNowAndOneMoreNextTime) {
  chats_ = "42";
  server_->Enqueue({.action = notify::testing::CloseAfterReading{}, .deliver = true});
  EXPECT_EQ(Run("run").exit_code, 75);
  EXPECT_EQ(server_->received().size(), 1u);
  EXPECT_EQ(Run("send", {"--pending"}).exit_code, 0);
  ASSERT_EQ(server_->received().size(), 2u);
  EXPECT_EQ(server_->received()[0].visible_text, server_->received()[1].visible_text);
}

TEST_F(SendFailuresCliTest, APageThatEchoesTheTokenDoesNotReachTheLog) {
  chats_ = "42";
  for (int i = 0; i < 2; ++i) {
    server_->Enqueue({notify::testing::BadGatewayPage(url_ + "/bot" + kToken + "/sendPhoto")});
  }
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 75);
  EXPECT_NE(run.err.find("HTTP status 502"), std::string::npos) << run.err;
}

TEST_F(SendFailuresCliTest, NorDoesOneThatEncodesTheTokenOrSaysHalfOfIt) {
  chats_ = "42";
  const std::string token = kToken;
  const std::string id = token.substr(0, token.find(':'));
  const std::string secret = token.substr(token.find(':') + 1);
  for (const std::string& form :
       {secret, id + "%3A" + secret, id + "&#58;" + secret, id + "\\u003a" + secret,
        id + "%253a" + absl::AsciiStrToUpper(secret), token.substr(0, 20)}) {
    for (int i = 0; i < 2; ++i) server_->Enqueue({notify::testing::BadGatewayPage("/bot" + form)});
    const Finished run = Run("run");
    EXPECT_EQ(run.exit_code, 75);
    EXPECT_NE(run.err.find("/bot<token>"), std::string::npos) << run.err;
    const Finished status = Run("send", {"--status"});
    for (const Finished& said : {run, status}) {
      ExpectNowhere(secret, said);
      ExpectNowhere(form, said);
    }
    server_->Enqueue({notify::testing::Error(403, "Forbidden: the bot has " + form)});
    EXPECT_NE(Run("send", {"--pending"}).err.find("the bot has <token>"), std::string::npos);
  }
}

TEST_F(SendFailuresCliTest, ARedirectIsNotFollowed) {
  chats_ = "42";
  server_->Enqueue({notify::testing::Redirect(url_ + "/elsewhere")});
  EXPECT_EQ(Run("run").exit_code, 1);
  EXPECT_EQ(server_->received().size(), 1u);
}

TEST_F(SendFailuresCliTest, AnEndlessAnswerIsCutOff) {
  chats_ = "42";
  server_->Enqueue({notify::testing::EndlessBody{}});
  EXPECT_EQ(Run("run").exit_code, 75);
}

TEST_F(SendFailuresCliTest, WhatCannotBeDeliveredInTimeIsToldWhenItCan) {
  chats_ = "42";
  more_ = "EXPIRE_AFTER=1s\n";
  server_->Enqueue({notify::testing::TooManyRequests(3600)});
  server_->Enqueue({notify::testing::TooManyRequests(3600)});
  EXPECT_EQ(Run("run").exit_code, 75);
  absl::SleepFor(absl::Milliseconds(1100));
  const Finished run = Run("send", {"--pending"});
  EXPECT_EQ(run.exit_code, 1) << "a report is lost";
  EXPECT_NE(run.err.find("expired, and is given up: HTTP status 429"), std::string::npos)
      << run.err;
  EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"}));
  EXPECT_NE(server_->received()[2].visible_text.find("could not be delivered in time"),
            std::string::npos);
  EXPECT_EQ(Waiting(), 0);
}

// A machine whose clock is set only after it has started, and one that was off for long.
TEST_F(SendFailuresCliTest, AReportThatWasQueuedWithAWrongClockArrives) {
  setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  chats_ = "42";
  const absl::Duration since_1970 = absl::Now() - absl::UnixEpoch();
  for (const absl::Duration shift :
       {absl::Seconds(60) - since_1970, absl::Hours(-24 * 30), absl::Hours(24 * 365 * 10)}) {
    SCOPED_TRACE(shift);
    const size_t before = Delivered().size();
    server_->Enqueue({notify::testing::TooManyRequests(3600)});
    environment_ = {"LD_PRELOAD=tools/testing/libshifted_clock.so",
                    absl::StrCat("CLOCK_SHIFT=", absl::ToInt64Nanoseconds(shift))};
    EXPECT_EQ(Run("run").exit_code, 75);
    environment_.clear();
    const Finished run = Run("send", {"--pending"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    ASSERT_EQ(Delivered().size(), before + 1);
    EXPECT_EQ(server_->received().back().visible_text.find("could not be delivered"),
              std::string::npos);
    EXPECT_EQ(Waiting(), 0);
  }
}

TEST_F(SendFailuresCliTest, ADamagedFileOfTheOutboxIsSetAsideAndTheRestIsSent) {
  EXPECT_EQ(Run("run").exit_code, 0);
  dir_.Write("store/outbox/x.pb", "garbage");
  EXPECT_EQ(Run("send", {"--status"}).exit_code, 3);
  const Finished run = Run("send");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("x.pb: damaged outbox file; set aside as"), std::string::npos) << run.err;
  EXPECT_EQ(Run("send").exit_code, 0);
}

TEST_F(SendFailuresCliTest, AStoreThatCannotBeWrittenFailsBeforeAnythingIsSent) {
  dir_.Write("store", "a file where the directory should be");
  EXPECT_EQ(Run("send").exit_code, 1);
  EXPECT_EQ(server_->connections(), 0);
}

}  // namespace
}  // namespace cpuagg::tools
