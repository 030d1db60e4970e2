// The built binary, `cpuagg send --alerts`, with a Bot API server on loopback: who has passed a
// limit.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/outbox/outbox.h"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using testing::Finished;

class AlertsCliTest : public testing::SendingTest {
 protected:
  // Collects a process of alice, who has an account, as bob has.
  void CollectAlice() {
    passwd_ = dir_.Write("passwd", "alice:x:1001:1::/:\nbob:x:1002:1::/:\n");
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    pacct_ = dir_.Write("pacct", acct::testing::RecordBuilder()
                                     .Uid(1001)
                                     .UserTime(100)
                                     .BeginTime(static_cast<uint32_t>(now))
                                     .Bytes());
    EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  }
};

TEST_F(AlertsCliTest, WhoPassesALimitIsToldOnce) {
  chats_ = "42";
  // A record of today with `count` * 64 ticks of user time, as a comp_t: 360,000 are an hour.
  const auto now = static_cast<uint32_t>(absl::ToUnixSeconds(absl::Now()));
  const auto record = [&](uint32_t uid, uint16_t count) {
    const auto user_time = static_cast<uint16_t>(2 << 13 | count);
    return acct::testing::RecordBuilder()
        .Uid(uid)
        .UserTime(user_time)
        .BeginTime(now)
        .Command("make")
        .Bytes();
  };
  passwd_ = dir_.Write("passwd", "alice:x:1001:1::/:\nbob:x:1002:1::/:\n");
  pacct_ = dir_.Write("pacct", record(1001, 5625) + record(1002, 8000));
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  // Without a limit there is nothing to check.
  EXPECT_EQ(Run("send", {"--alerts"}).exit_code, 2);
  more_ = "ALERT_CPU_HOURS=1.2, alice=none\n";
  const std::string dry = Run("send", {"--alerts", "--dry-run"}).out;
  EXPECT_NE(dry.find("\nbob: 1h 25m, limit 1h 12m\n"), std::string::npos) << dry;
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Run("send", {"--alerts", "--dry-run"}).out.find("No alert: "), 0u);
  EXPECT_EQ(Delivered(), (Strings{"sendPhoto 42", "sendMessage 42"}));
  EXPECT_NE(server_->received()[1].visible_text.find("⚠ CPU limit of the day passed\n"),
            std::string::npos);
  EXPECT_NE(server_->received()[1].visible_text.find(
                "\nbob: 1h 25m, limit 1h 12m\n  mostly make (1h 25m)\n"),
            std::string::npos)
      << server_->received()[1].visible_text;
  EXPECT_EQ(Run("run").exit_code, 0);
  EXPECT_EQ(Run("send", {"--alerts"}).exit_code, 0);
  EXPECT_EQ(Requests(), 3u) << "one more report, and no alert";
  // A lower limit is a new one, and the alert needs no report.
  more_ = "ALERT_CPU_HOURS=0.5\n";
  EXPECT_EQ(Run("send", {"--alerts"}).exit_code, 0);
  ASSERT_EQ(Requests(), 4u);
  EXPECT_NE(server_->received()[3].visible_text.find("\nalice: "), std::string::npos);
  EXPECT_NE(server_->received()[3].visible_text.find("\nbob: "), std::string::npos);
}

// The schedule may look at limits once a day, and records may be collected after midnight.
TEST_F(AlertsCliTest, ALimitThatWasPassedAtTheEndOfYesterdayIsToldOnce) {
  chats_ = "42";
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  const auto record = [&](uint32_t uid, int64_t time) {
    return acct::testing::RecordBuilder()
        .Uid(uid)
        .UserTime(2 << 13 | 5625)
        .BeginTime(static_cast<uint32_t>(time))
        .Bytes();
  };
  constexpr int64_t kDay = 86'400;
  passwd_ = dir_.Write("passwd", "alice:x:1001:1::/:\nbob:x:1002:1::/:\n");
  pacct_ = dir_.Write("pacct", record(1002, now - 3 * kDay) + record(1001, now - now % kDay - 60));
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  // Without a limit it only delivers.
  EXPECT_EQ(Run("send", {"--pending", "--alerts"}).exit_code, 0);
  EXPECT_EQ(Requests(), 0u);
  more_ = "ALERT_CPU_HOURS=0.5\n";
  const std::string dry = Run("send", {"--alerts", "--dry-run"}).out;
  EXPECT_NE(dry.find(" · ⚠ CPU limit of yesterday passed\n"), std::string::npos) << dry;
  EXPECT_NE(dry.find("\nalice: 1h 00m, limit 30m 00s\n"), std::string::npos) << dry;
  EXPECT_EQ(dry.find("bob"), std::string::npos) << dry;
  for (const char* limits : {"ALERT_CPU_HOURS=0.5\n", "ALERT_CPU_HOURS=0.5\n",
                             "ALERT_CPU_HOURS=0.4, bob=0.1\n", "ALERT_CPU_HOURS=0.5\n"}) {
    more_ = limits;
    EXPECT_EQ(Run("send", {"--pending", "--alerts"}).exit_code, 0);
    EXPECT_EQ(Delivered(), (Strings{"sendMessage 42"})) << limits;
  }
}

// 1.0.0 forgot what it had told of a day in the first alert about the next one.
TEST_F(AlertsCliTest, AnUpgradeDoesNotRepeatWhatWasToldYesterday) {
  chats_ = "42";
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  constexpr int64_t kDay = 86'400;
  passwd_ = dir_.Write("passwd", "alice:x:1001:1::/:\n");
  pacct_ = dir_.Write("pacct", acct::testing::RecordBuilder()
                                   .Uid(1001)
                                   .UserTime(2 << 13 | 5625)
                                   .BeginTime(static_cast<uint32_t>(now - now % kDay - 60))
                                   .Bytes());
  EXPECT_EQ(Run("collect", {"--no-running"}).exit_code, 0);
  const notify::Outbox outbox(store_ + "/outbox");
  {
    ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
    ASSERT_TRUE(outbox
                    .SaveState({.alerts = {{.uid = 7,
                                            .period = "day",
                                            .begin = now - now % kDay,
                                            .limit_ticks = 1}}})
                    .ok());
  }
  more_ = "ALERT_CPU_HOURS=0.5\n";
  EXPECT_EQ(Run("send", {"--alerts", "--dry-run"}).out.find("No alert: "), 0u);
  EXPECT_EQ(Run("send", {"--alerts"}).exit_code, 0);
  EXPECT_EQ(Run("send", {"--alerts"}).exit_code, 0);
  EXPECT_EQ(Requests(), 0u);
  EXPECT_EQ(outbox.LoadState()->alerts.size(), 2u);
}

TEST_F(AlertsCliTest, ALimitOfAUserWhoDoesNotExistIsSaid) {
  CollectAlice();
  constexpr char kSays[] = "ALERT_CPU_HOURS: there is no user 'alise'; did you mean alice?\n";
  more_ = "ALERT_CPU_HOURS=2, alise=1, bob=3, 1001=4\n";
  const Finished dry = Run("send", {"--alerts", "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0);
  EXPECT_EQ(dry.err, absl::StrCat("cpuagg: ", kSays));
  EXPECT_NE(Run("check").out.find(kSays), std::string::npos);
  more_ = "ALERT_CPU_HOURS=2, alice=1, bob=3, 1001=4\n";
  EXPECT_EQ(Run("send", {"--alerts", "--dry-run"}).err, "");
}

TEST_F(AlertsCliTest, AnIgnoredUserWhoDoesNotExistIsSaid) {
  CollectAlice();
  constexpr char kSays[] = "IGNORED_USERS: there is no user 'alise'; did you mean alice?\n";
  // What is ignored without it need not exist here.
  more_ = "IGNORED_USERS=alise,bob,root,fwupd-refresh\n";
  EXPECT_EQ(Run("send", {"--dry-run"}).err, absl::StrCat("cpuagg: ", kSays));
  EXPECT_NE(Run("check").out.find(kSays), std::string::npos);
  more_ = "IGNORED_USERS=+alise\n";
  EXPECT_EQ(Run("send", {"--dry-run"}).err, absl::StrCat("cpuagg: ", kSays));
  more_ = "IGNORED_USERS=alice,fwupd-refresh\n";
  EXPECT_EQ(Run("send", {"--dry-run"}).err, "");
}

}  // namespace
}  // namespace cpuagg::tools
