#include "notify/outbox/outbox_codec.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {
namespace {

QueuedReport ReportOf(const std::string& id, const QueuedMessage& part = {.html = "text"}) {
  return {.id = id,
          .created_at = absl::FromUnixSeconds(1'800'000'000),
          .expires_at = absl::FromUnixSeconds(1'800'000'100),
          .files = {{.name = "a.png"}},
          .deliveries = {{.chat = {.id = "1"}, .parts = {part}}}};
}

absl::StatusOr<QueuedReport> Read(const QueuedReport& report) {
  return DecodeReport(EncodeReport(report), "outbox/x.pb");
}

// Other names could be outside of the outbox, or those of unfinished files, which are removed.
TEST(OutboxCodecTest, AReportHasANameThatCpuaggGives) {
  for (const char* id : {"lab01-20261123T004500Z-3f2a", "-x", "_", "a..b"}) {
    EXPECT_EQ(Read(ReportOf(id))->id, id);
  }
  for (const char* id : {"", ".unfinished-x", "..", "../x", "a/b", "a b", "\xc3\xa4"}) {
    const absl::Status status = Read(ReportOf(id)).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << "'" << id << "': " << status;
    EXPECT_EQ(status.message(), "outbox/x.pb: damaged outbox file");
  }
}

TEST(OutboxCodecTest, AFormOrAStateThatThereIsNotIsDamage) {
  for (const int form : {0, 1, 2}) {
    for (const int state : {0, 1, 2, 3, 4}) {
      const QueuedMessage part = {.form = static_cast<PartForm>(form),
                                  .state = static_cast<PartState>(state)};
      const absl::StatusOr<QueuedReport> read = Read(ReportOf("x", part));
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->deliveries[0].parts[0].form, part.form);
      EXPECT_EQ(read->deliveries[0].parts[0].state, part.state);
    }
  }
  for (const int none : {-1, 5, 1000}) {
    EXPECT_TRUE(
        absl::IsDataLoss(Read(ReportOf("x", {.form = static_cast<PartForm>(none)})).status()))
        << none;
    EXPECT_TRUE(
        absl::IsDataLoss(Read(ReportOf("x", {.state = static_cast<PartState>(none)})).status()))
        << none;
  }
}

}  // namespace
}  // namespace cpuagg::notify
