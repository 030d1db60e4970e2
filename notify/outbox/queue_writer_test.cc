#include "notify/outbox/queue_writer.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

QueuedReport ReportOf(const std::string& id, const std::string& text) {
  return {.id = id,
          .created_at = kNow,
          .deliveries = {{.chat = {.id = "1"}, .parts = {{.html = text}}}}};
}

class QueueWriterTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok()); }

  QueueWriter Open() {
    absl::StatusOr<QueueWriter> queue = QueueWriter::Open(outbox_, absl::ZeroDuration());
    EXPECT_TRUE(queue.ok()) << queue.status();
    return *std::move(queue);
  }

  const TempDir dir_;
  const Outbox outbox_{dir_.Path("outbox")};
};

TEST_F(QueueWriterTest, HoldsTheLockOfTheQueue) {
  {
    const QueueWriter queue = Open();
    EXPECT_TRUE(absl::IsUnavailable(QueueWriter::Open(outbox_, absl::ZeroDuration()).status()));
  }
  EXPECT_TRUE(QueueWriter::Open(outbox_, absl::ZeroDuration()).ok());
}

TEST_F(QueueWriterTest, AStateThatIsDamagedIsSetAsideAndSaid) {
  std::ofstream(dir_.Path("outbox/memory")) << "x";
  EXPECT_NE(Open().problem().find("set aside"), std::string::npos);
  EXPECT_EQ(Open().problem(), "");
}

TEST_F(QueueWriterTest, AChatHasItsPresentIdAndComesOnce) {
  ASSERT_TRUE(outbox_.SaveState({.migrated_chats = {{"-5", "-1005"}}}).ok());
  EXPECT_EQ(Open().CurrentChats(
                {{.id = "-5"}, {.id = "7"}, {.id = "-1005"}, {.id = "-5", .thread = "2"}}),
            (std::vector<Chat>{{.id = "-1005"}, {.id = "7"}, {.id = "-1005", .thread = "2"}}));
}

TEST_F(QueueWriterTest, OnlyAReportOfWhatIsNewMovesTheLastReportedRun) {
  ASSERT_TRUE(Open().Add(ReportOf("a", "day")).ok());
  EXPECT_EQ(outbox_.LoadState()->last_reported_run, 0u);
  ASSERT_TRUE(Open().AddSinceLast(ReportOf("b", "new"), 7).ok());
  EXPECT_EQ(outbox_.LoadState()->last_reported_run, 7u);
  EXPECT_TRUE(absl::IsAlreadyExists(Open().AddSinceLast(ReportOf("b", "new"), 8)));
  EXPECT_EQ(outbox_.LoadState()->last_reported_run, 7u);
}

AlertMark MarkOf(const std::string& period, int64_t begin, uint32_t uid = 5) {
  return {.uid = uid, .user = "u", .period = period, .begin = begin, .limit_ticks = 100};
}

TEST_F(QueueWriterTest, WhatIsToldOfAPeriodIsKeptUntilNobodyLooksAtItAgain) {
  ASSERT_TRUE(
      outbox_.SaveState({.alerts = {MarkOf("day", 1), MarkOf("day", 2, 6), MarkOf("week", 1)}})
          .ok());
  QueuedReport alert = ReportOf("alert", "over");
  alert.alerts = {MarkOf("day", 3)};
  ASSERT_TRUE(Open().AddAlert(alert).ok());
  EXPECT_EQ(outbox_.LoadState()->alerts,
            (std::vector<AlertMark>{MarkOf("day", 1), MarkOf("day", 2, 6), MarkOf("week", 1),
                                    MarkOf("day", 3)}));
  ASSERT_TRUE(Open()
                  .SetLimitsChecked({.limits = "day 200",
                                     .at = kNow,
                                     .unit = "day",
                                     .begin = absl::FromUnixSeconds(2),
                                     .taken_as_told = {MarkOf("day", 2, 7)}})
                  .ok());
  EXPECT_EQ(outbox_.LoadState()->alerts,
            (std::vector<AlertMark>{MarkOf("day", 2, 6), MarkOf("week", 1), MarkOf("day", 3),
                                    MarkOf("day", 2, 7)}));
  EXPECT_EQ(outbox_.LoadState()->limits_checked_at, kNow);
  EXPECT_EQ(outbox_.LoadState()->limits_checked, "day 200");
}

TEST_F(QueueWriterTest, AnAlertThatWaitsHasToldWhatItTells) {
  QueuedReport alert = ReportOf("alert", "over");
  alert.alerts = {MarkOf("day", 2)};
  ASSERT_TRUE(outbox_.Add(alert).ok());
  EXPECT_EQ(*ToldMarks(outbox_, {.alerts = {MarkOf("week", 1)}}),
            (std::vector<AlertMark>{MarkOf("week", 1), MarkOf("day", 2)}));
}

}  // namespace
}  // namespace cpuagg::notify
