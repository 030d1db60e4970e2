#include "notify/outbox/outbox_status.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {
namespace {

const absl::Time kCreated = absl::FromUnixSeconds(1'795'000'000);  // 2026-11-18 11:06:40 UTC

QueuedReport ReportWith(std::vector<QueuedMessage> parts, std::string chat = "-100") {
  return {.id = "lab01-1",
          .created_at = kCreated,
          .expires_at = kCreated + absl::Hours(48),
          .deliveries = {{.chat = {.id = std::move(chat)}, .parts = std::move(parts)}}};
}

std::string StatusOf(const OutboxListing& listing, const OutboxState& state = {},
                     absl::TimeZone zone = absl::UTCTimeZone()) {
  return RenderStatus(listing, state, zone);
}

// The lines of the messages alone.
std::string LinesOf(std::vector<QueuedMessage> parts, std::string chat = "-100") {
  const std::string text = StatusOf({.reports = {ReportWith(std::move(parts), std::move(chat))}});
  return text.substr(text.find('\n') + 1);
}

TEST(OutboxStatusTest, AnEmptyOutboxIsSaidSo) {
  EXPECT_EQ(StatusOf({}), "Nothing is waiting to be sent.\n");
}

TEST(OutboxStatusTest, EachReportHasItsTimesInTheZone) {
  const OutboxListing listing = {.reports = {ReportWith({})}};
  EXPECT_EQ(StatusOf(listing),
            "report lab01-1, queued 2026-11-18 11:06 UTC, expires 2026-11-20 11:06 UTC\n");
  EXPECT_EQ(StatusOf(listing, {}, absl::FixedTimeZone(5 * 3600 + 1800)),
            "report lab01-1, queued 2026-11-18 16:36 +0530, expires 2026-11-20 16:36 "
            "+0530\n");
}

TEST(OutboxStatusTest, ANoticeIsNotCalledAReport) {
  QueuedReport notice = ReportWith({});
  notice.is_notice = true;
  EXPECT_EQ(StatusOf({.reports = {notice}}),
            "notice about lab01-1, queued 2026-11-18 11:06 UTC, expires 2026-11-20 11:06 UTC\n");
}

TEST(OutboxStatusTest, EachMessageHasItsPlaceFormAndState) {
  EXPECT_EQ(LinesOf({{.state = PartState::kSent, .attempts = 1},
                     {.form = PartForm::kPhoto, .state = PartState::kSending, .attempts = 2},
                     {.form = PartForm::kDocument, .state = PartState::kPending},
                     {.state = PartState::kUnconfirmed, .attempts = 1, .detail = "timeout"},
                     {.state = PartState::kFailed, .attempts = 1'000, .detail = "blocked"}}),
            "  -100                  1/5 text     sent        1 attempt\n"
            "  -100                  2/5 photo    sending     2 attempts\n"
            "  -100                  3/5 document pending     0 attempts\n"
            "  -100                  4/5 text     unconfirmed 1 attempt: timeout\n"
            "  -100                  5/5 text     failed      1,000 attempts: blocked\n");
}

TEST(OutboxStatusTest, EachChatHasItsOwnMessages) {
  QueuedReport report = ReportWith({{}});
  report.deliveries.push_back({.chat = {.id = "@news", .thread = "7"}, .parts = {{}, {}}});
  const std::string text = StatusOf({.reports = {report}});
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "  -100                  1/1 text     pending     0 attempts\n"
            "  @news/7               1/2 text     pending     0 attempts\n"
            "  @news/7               2/2 text     pending     0 attempts\n");
}

TEST(OutboxStatusTest, ALongNameOfAChatIsNotCut) {
  EXPECT_EQ(LinesOf({{}}, "@a_channel_with_a_long_name"),
            "  @a_channel_with_a_long_name  1/1 text     pending     0 attempts\n");
}

// The files of the outbox may come from anywhere, and a server's answer is any text.
TEST(OutboxStatusTest, NothingInItControlsTheTerminal) {
  EXPECT_EQ(LinesOf({{.detail = "a\nb\x1b[2J"}}, "4\x1b"),
            "  4\\x1b                 1/1 text     pending     0 attempts: a\\nb\\x1b[2J\n");
  EXPECT_EQ(StatusOf({.reports = {ReportWith({})}}, {.migrated_chats = {{"-1\n", "-2\x1b"}}}),
            "report lab01-1, queued 2026-11-18 11:06 UTC, expires 2026-11-20 11:06 UTC\n"
            "chat -1\\n has become -2\\x1b; write that into CHAT_ID\n");
  QueuedReport report = ReportWith({});
  report.id = "\x1b";
  EXPECT_EQ(StatusOf({.reports = {report}}),
            "report \\x1b, queued 2026-11-18 11:06 UTC, expires 2026-11-20 11:06 UTC\n");
  EXPECT_EQ(StatusOf({.damaged = {"/store/outbox/\x1b[2J.pb: is damaged"}}),
            "Nothing is waiting to be sent.\n/store/outbox/\\x1b[2J.pb: is damaged\n");
}

TEST(OutboxStatusTest, ChatsThatMigratedAreListedEvenIfNothingWaits) {
  EXPECT_EQ(StatusOf({}, {.migrated_chats = {{"-2", "-1002"}, {"-1", "-1001"}}}),
            "Nothing is waiting to be sent.\n"
            "chat -1 has become -1001; write that into CHAT_ID\n"
            "chat -2 has become -1002; write that into CHAT_ID\n");
}

TEST(OutboxStatusTest, FilesThatCannotBeReadComeLastDamagedOnesFirst) {
  EXPECT_EQ(StatusOf({.damaged = {"a.pb: is damaged", "b.pb: is damaged"},
                      .unreadable = {"c.pb: is of a later version"}},
                     {.migrated_chats = {{"-1", "-1001"}}}),
            "Nothing is waiting to be sent.\n"
            "chat -1 has become -1001; write that into CHAT_ID\n"
            "a.pb: is damaged\n"
            "b.pb: is damaged\n"
            "c.pb: is of a later version\n");
}

}  // namespace
}  // namespace cpuagg::notify
