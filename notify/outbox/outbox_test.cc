#include "notify/outbox/outbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/outbox/outbox_codec.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {
namespace {

using acct::testing::TempDir;

QueuedReport Example(const std::string& id, int64_t created_at) {
  QueuedReport report{.id = id,
                      .created_at = absl::FromUnixSeconds(created_at),
                      .expires_at = absl::FromUnixSeconds(created_at + 1000),
                      .subject = "lab01 today",
                      .is_notice = true};
  report.files = {{.name = "a.png",
                   .content_type = "image/png",
                   .content = std::string("\x89PNG\0", 5),
                   .photo_id = "p",
                   .document_id = "d"}};
  QueuedMessage part{.form = PartForm::kDocument,
                     .html = "<b>caption</b>",
                     .is_plain = true,
                     .is_silent = true,
                     .is_reply = true,
                     .file = 0,
                     .texts = {"a", "b"},
                     .state = PartState::kUnconfirmed,
                     .attempts = 3,
                     .message_id = 9,
                     .detail = "timeout"};
  report.deliveries = {{.chat = {.id = "-100", .thread = "7"}, .parts = {part, {.html = "x"}}},
                       {.chat = {.id = "@news"}, .parts = {}}};
  report.alerts = {{.uid = 5, .user = "u", .period = "day", .begin = 7, .limit_ticks = 8}};
  return report;
}

class OutboxTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok()); }

  OutboxListing List() const {
    absl::StatusOr<OutboxListing> listing = outbox_.List();
    EXPECT_TRUE(listing.ok()) << listing.status();
    return *std::move(listing);
  }

  const TempDir dir_;
  const Outbox outbox_{dir_.Path("outbox")};
};

TEST_F(OutboxTest, EverythingComesBackOldestFirst) {
  ASSERT_TRUE(outbox_.Save(Example("b", 2000)).ok());
  ASSERT_TRUE(outbox_.Save(Example("c", 1000)).ok());
  const OutboxListing listing = List();
  ASSERT_EQ(listing.reports.size(), 2u);
  const QueuedReport& report = listing.reports[0];
  const QueuedReport expected = Example("c", 1000);
  EXPECT_EQ(report.id, "c");
  EXPECT_EQ(report.created_at, expected.created_at);
  EXPECT_EQ(report.expires_at, expected.expires_at);
  EXPECT_EQ(report.subject, "lab01 today");
  EXPECT_TRUE(report.is_notice);
  EXPECT_EQ(report.alerts, expected.alerts);
  ASSERT_EQ(report.files.size(), 1u);
  EXPECT_EQ(report.files[0].name, "a.png");
  EXPECT_EQ(report.files[0].content_type, "image/png");
  EXPECT_EQ(report.files[0].content, expected.files[0].content);
  EXPECT_EQ(report.files[0].photo_id, "p");
  EXPECT_EQ(report.files[0].document_id, "d");
  ASSERT_EQ(report.deliveries.size(), 2u);
  EXPECT_EQ(report.deliveries[0].chat, (Chat{.id = "-100", .thread = "7"}));
  EXPECT_EQ(report.deliveries[1].chat, (Chat{.id = "@news"}));
  ASSERT_EQ(report.deliveries[0].parts.size(), 2u);
  const QueuedMessage& part = report.deliveries[0].parts[0];
  const QueuedMessage& whole = expected.deliveries[0].parts[0];
  EXPECT_EQ(part.form, whole.form);
  EXPECT_EQ(part.html, whole.html);
  EXPECT_TRUE(part.is_plain && part.is_silent && part.is_reply);
  EXPECT_EQ(part.texts, whole.texts);
  EXPECT_EQ(part.state, whole.state);
  EXPECT_EQ(part.attempts, 3u);
  EXPECT_EQ(part.message_id, 9);
  EXPECT_EQ(part.detail, "timeout");
  EXPECT_EQ(report.deliveries[0].parts[1].state, PartState::kPending);
}

TEST_F(OutboxTest, ARemovedReportIsGone) {
  ASSERT_TRUE(outbox_.Save(Example("a", 1)).ok());
  ASSERT_TRUE(outbox_.Remove(Example("a", 1)).ok());
  EXPECT_TRUE(List().reports.empty());
  EXPECT_FALSE(outbox_.Remove(Example("a", 1)).ok());
}

TEST_F(OutboxTest, DamageIsSetAsideByNameAndTheRestIsThere) {
  ASSERT_TRUE(outbox_.Save(Example("a", 1)).ok());
  const std::string bytes = acct::testing::ReadFile(dir_.Path("outbox/a.pb"));
  // The last one is complete, but has another report's id.
  for (const std::string& content :
       {std::string(), std::string("garbage"), bytes.substr(0, bytes.size() / 2), bytes}) {
    const std::string path = dir_.Write("outbox/x.pb", content);
    EXPECT_EQ(List().damaged.size(), 1u);
    EXPECT_TRUE(std::filesystem::exists(path));
    const absl::StatusOr<OutboxListing> listing = outbox_.ListAndSetAside();
    ASSERT_TRUE(listing.ok()) << listing.status();
    EXPECT_EQ(listing->reports.size(), 1u);
    ASSERT_EQ(listing->damaged.size(), 1u);
    EXPECT_NE(listing->damaged[0].find(path), std::string::npos);
    EXPECT_EQ(acct::testing::ReadFile(path + ".damaged"), content);
    std::filesystem::remove(path + ".damaged");
    EXPECT_TRUE(List().damaged.empty());
  }
}

TEST_F(OutboxTest, ANewerVersionIsLeftAloneAndTheOthersAreListed) {
  ASSERT_TRUE(outbox_.Add(Example("a", 1)).ok());
  const std::string path = dir_.Write("outbox/x.pb", "\x08\x04");
  for (const absl::StatusOr<OutboxListing>& listing : {outbox_.List(), outbox_.ListAndSetAside()}) {
    ASSERT_TRUE(listing.ok()) << listing.status();
    EXPECT_EQ(listing->reports.size(), 1u);
    EXPECT_TRUE(listing->damaged.empty());
    ASSERT_EQ(listing->unreadable.size(), 1u);
    EXPECT_EQ(listing->unreadable[0].find(path), 0u) << listing->unreadable[0];
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(OutboxTest, ANewReportTakesNobodysPlace) {
  ASSERT_TRUE(outbox_.Add(Example("a", 1)).ok());
  EXPECT_TRUE(outbox_.Has("a"));
  EXPECT_FALSE(outbox_.Has("b"));
  EXPECT_EQ(outbox_.Add(Example("a", 2)).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(List().reports[0].created_at, Example("a", 1).created_at);
}

TEST_F(OutboxTest, AFileThatWasCutOrChangedAnywhereIsDamaged) {
  ASSERT_TRUE(outbox_.Add(Example("a", 1)).ok());
  ASSERT_TRUE(outbox_.SaveState({.last_reported_run = 17, .migrated_chats = {{"-5", "-6"}}}).ok());
  const std::string report = acct::testing::ReadFile(dir_.Path("outbox/a.pb"));
  const std::string memory = acct::testing::ReadFile(dir_.Path("outbox/memory"));
  for (size_t cut = 0; cut < report.size(); ++cut) {
    dir_.Write("outbox/a.pb", report.substr(0, cut));
    EXPECT_TRUE(List().reports.empty()) << cut;
  }
  for (size_t at = 0; at < report.size(); ++at) {
    std::string changed = report;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    dir_.Write("outbox/a.pb", changed);
    EXPECT_TRUE(List().reports.empty()) << at;
  }
  for (size_t cut = 0; cut < memory.size(); ++cut) {
    dir_.Write("outbox/memory", memory.substr(0, cut));
    EXPECT_FALSE(outbox_.LoadState().ok()) << cut;
  }
  // Like an earlier version, without a checksum at the end.
  constexpr size_t kChecksumBytes = 5;
  std::string older = report.substr(0, report.size() - kChecksumBytes);
  older[1] = 2;
  dir_.Write("outbox/a.pb", older);
  EXPECT_EQ(List().reports.size(), 1u);
}

TEST_F(OutboxTest, WhatWasSetAsideBeforeStays) {
  dir_.Write("outbox/x.pb", "garbage");
  ASSERT_TRUE(std::filesystem::create_directory(dir_.Path("outbox/x.pb.damaged")));
  const absl::StatusOr<OutboxListing> listing = outbox_.ListAndSetAside();
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_NE(listing->damaged[0].find("x.pb.2.damaged"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_directory(dir_.Path("outbox/x.pb.damaged")));
}

// Entries with the name of a report that are not files are set aside as well, and opening a pipe
// does not block.
TEST_F(OutboxTest, PipesAndLinksAreNoReports) {
  ASSERT_TRUE(outbox_.Add(Example("a", 1)).ok());
  const std::string elsewhere =
      dir_.Write("elsewhere", acct::testing::ReadFile(dir_.Path("outbox/a.pb")));
  ASSERT_EQ(mkfifo(dir_.Path("outbox/pipe.pb").c_str(), 0600), 0);
  ASSERT_EQ(symlink(elsewhere.c_str(), dir_.Path("outbox/link.pb").c_str()), 0);
  const absl::StatusOr<OutboxListing> listing = outbox_.ListAndSetAside();
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(listing->reports.size(), 1u);
  EXPECT_EQ(listing->damaged.size(), 2u);
  EXPECT_TRUE(std::filesystem::exists(dir_.Path("outbox/pipe.pb.damaged")));
  EXPECT_TRUE(std::filesystem::exists(elsewhere));
}

// A file from elsewhere must not refer outside the directory, nor to files that it does not
// contain.
TEST_F(OutboxTest, AReportThatDisagreesWithItselfIsDamaged) {
  QueuedReport report = Example("a", 1);
  report.deliveries[0].parts[0].file = 1;
  ASSERT_TRUE(outbox_.Save(report).ok());
  EXPECT_EQ(List().damaged.size(), 1u);
}

TEST_F(OutboxTest, AReportWhoseNameCpuaggDoesNotGiveIsDamaged) {
  for (const char* id : {"", ".hidden", "..", "../x", "a/b", "a b", "a\nb", "\xc3\xa4"}) {
    dir_.Write("outbox/x.pb", EncodeReport(Example(id, 1)));
    EXPECT_TRUE(List().reports.empty()) << id;
    EXPECT_EQ(List().damaged.size(), 1u) << id;
  }
  dir_.Write("outbox/x.pb", EncodeReport(Example("x", 1)));
  EXPECT_EQ(List().reports.size(), 1u);
}

TEST_F(OutboxTest, AMessageOfAnUnknownFormOrStateIsDamaged) {
  QueuedReport of_form = Example("x", 1);
  of_form.deliveries[0].parts[0].form = static_cast<PartForm>(99);
  QueuedReport of_state = Example("x", 1);
  of_state.deliveries[0].parts[1].state = static_cast<PartState>(99);
  for (const QueuedReport& report : {of_form, of_state}) {
    dir_.Write("outbox/x.pb", EncodeReport(report));
    EXPECT_EQ(List().damaged.size(), 1u);
  }
}

TEST_F(OutboxTest, TheMemoryComesBack) {
  EXPECT_EQ(*outbox_.LoadState(), OutboxState());
  const OutboxState memory = {
      .last_reported_run = 17,
      .migrated_chats = {{"-5", "-1005"}},
      .alerts = {{.uid = 5, .user = "u", .period = "day", .begin = 7, .limit_ticks = 8}}};
  ASSERT_TRUE(outbox_.SaveState(memory).ok());
  EXPECT_EQ(*outbox_.LoadState(), memory);
  EXPECT_TRUE(List().reports.empty());
}

TEST_F(OutboxTest, AMemoryThatCannotBeUnderstoodIsSetAside) {
  ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
  // The second one has a version that no release wrote.
  for (const std::string content : {"garbage", "\x08\x01"}) {
    const std::string path = dir_.Write("outbox/memory", content);
    EXPECT_FALSE(outbox_.LoadState().ok());
    const absl::StatusOr<LoadedState> loaded = outbox_.LoadStateOrSetAside();
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->state, OutboxState());
    EXPECT_EQ(loaded->problem.find(path), 0u) << loaded->problem;
    EXPECT_NE(loaded->problem.find("These are lost"), std::string::npos);
    EXPECT_EQ(acct::testing::ReadFile(path + ".damaged"), content);
    std::filesystem::remove(path + ".damaged");
    EXPECT_EQ(*outbox_.LoadState(), OutboxState());
  }
}

TEST_F(OutboxTest, AMemoryOfANewerVersionStaysWhereItIs) {
  const std::string path = dir_.Write("outbox/memory", "\x08\x04");
  EXPECT_EQ(
      outbox_.LoadStateOrSetAside().status(),
      absl::FailedPreconditionError(
          path + ": has format version 4, and this cpuagg knows only 3; use the version of cpuagg "
                 "that wrote it, or a newer one"));
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".damaged"));
}

TEST_F(OutboxTest, AVersionThatIsDamagedIsNotANewerOne) {
  ASSERT_TRUE(outbox_.SaveState({.last_reported_run = 17}).ok());
  std::string bytes = acct::testing::ReadFile(dir_.Path("outbox/memory"));
  for (char version : {'\x00', '\x01', '\x02', '\x04', '\x7f'}) {
    bytes[1] = version;
    dir_.Write("outbox/memory", bytes);
    EXPECT_TRUE(absl::IsDataLoss(outbox_.LoadState().status())) << int{version};
  }
}

TEST_F(OutboxTest, ChatsAreFollowedToWhereTheyWent) {
  const OutboxState memory = {.migrated_chats = {{"-5", "-6"}, {"-6", "-7"}, {"-8", "-8"}}};
  EXPECT_EQ(memory.ChatNow("-5"), "-7");
  EXPECT_EQ(memory.ChatNow("-7"), "-7");
  EXPECT_EQ(memory.ChatNow("-8"), "-8");
}

TEST_F(OutboxTest, OneWhoDeliversKeepsOthersFromItAndNotFromQueueing) {
  const auto lock = outbox_.Lock(absl::ZeroDuration());
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(outbox_.Lock(absl::ZeroDuration()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(outbox_.LockQueue(absl::ZeroDuration()).ok());
}

TEST_F(OutboxTest, WhatAKilledRunLeftUnfinishedIsRemoved) {
  const std::string path = dir_.Write("outbox/.unfinished-x", "half");
  EXPECT_TRUE(List().reports.empty());
  ASSERT_TRUE(outbox_.Lock(absl::ZeroDuration()).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace cpuagg::notify
