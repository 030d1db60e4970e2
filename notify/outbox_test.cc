#include "notify/outbox.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;

OutgoingReport Example(const std::string& id, int64_t created) {
  return {.id = id,
          .created_at = absl::FromUnixSeconds(created),
          .caption_html = "<b>caption</b>",
          .text_html = "text",
          .chart_png = std::string("\x89PNG\0", 5),
          .as_document = true,
          .deliveries = {{.chat = {.id = "-100", .thread = "7"},
                          .state = DeliveryState::kSending,
                          .attempts = 3,
                          .message_id = 9,
                          .detail = "timeout"},
                         {.chat = {.id = "@news"}, .state = DeliveryState::kSent}}};
}

TEST(OutboxTest, EverythingComesBackOldestFirst) {
  const TempDir dir;
  const Outbox outbox(dir.Path("outbox"));
  ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
  ASSERT_TRUE(outbox.Save(Example("b", 2000)).ok());
  ASSERT_TRUE(outbox.Save(Example("c", 1000)).ok());
  const absl::StatusOr<std::vector<OutgoingReport>> reports = outbox.LoadAll();
  ASSERT_TRUE(reports.ok()) << reports.status();
  ASSERT_EQ(reports->size(), 2u);
  const OutgoingReport& report = (*reports)[0];
  const OutgoingReport expected = Example("c", 1000);
  EXPECT_EQ(report.id, "c");
  EXPECT_EQ(report.created_at, expected.created_at);
  EXPECT_EQ(report.caption_html, expected.caption_html);
  EXPECT_EQ(report.text_html, expected.text_html);
  EXPECT_EQ(report.chart_png, expected.chart_png);
  EXPECT_TRUE(report.as_document);
  ASSERT_EQ(report.deliveries.size(), 2u);
  EXPECT_EQ(report.deliveries[0].chat, (Chat{.id = "-100", .thread = "7"}));
  EXPECT_EQ(report.deliveries[0].state, DeliveryState::kSending);
  EXPECT_EQ(report.deliveries[0].attempts, 3u);
  EXPECT_EQ(report.deliveries[0].message_id, 9);
  EXPECT_EQ(report.deliveries[0].detail, "timeout");
  EXPECT_TRUE(report.deliveries[0].open());
  EXPECT_FALSE(report.deliveries[1].open());
}

TEST(OutboxTest, ARemovedReportIsGone) {
  const TempDir dir;
  const Outbox outbox(dir.Path("outbox"));
  ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
  ASSERT_TRUE(outbox.Save(Example("a", 1)).ok());
  ASSERT_TRUE(outbox.Remove(Example("a", 1)).ok());
  EXPECT_TRUE(outbox.LoadAll()->empty());
  EXPECT_FALSE(outbox.Remove(Example("a", 1)).ok());
}

TEST(OutboxTest, DamageIsAnErrorThatNamesTheFile) {
  const TempDir dir;
  const Outbox outbox(dir.Path("outbox"));
  ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
  for (const char* content : {"", "garbage", "\x08\x02"}) {
    const std::string path = dir.Write("outbox/x.pb", content);
    const absl::Status status = outbox.LoadAll().status();
    EXPECT_FALSE(status.ok());
    EXPECT_NE(status.message().find(path), std::string::npos) << status;
  }
}

TEST(OutboxTest, RemembersHowFarReportsHaveCome) {
  const TempDir dir;
  const Outbox outbox(dir.Path("outbox"));
  EXPECT_EQ(*outbox.LoadLastReported(), 0u);
  ASSERT_TRUE(outbox.Lock(absl::ZeroDuration()).ok());
  ASSERT_TRUE(outbox.SaveLastReported(17).ok());
  EXPECT_EQ(*outbox.LoadLastReported(), 17u);
  EXPECT_TRUE(outbox.LoadAll()->empty());
  dir.Write("outbox/last_report", "garbage");
  EXPECT_EQ(outbox.LoadLastReported().status().code(), absl::StatusCode::kDataLoss);
}

TEST(OutboxTest, OneWhoDeliversKeepsOthersOut) {
  const TempDir dir;
  const Outbox outbox(dir.Path("outbox"));
  const auto lock = outbox.Lock(absl::ZeroDuration());
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(outbox.Lock(absl::ZeroDuration()).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace cpuagg::notify
