#include "notify/outgoing/build_messages.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "gtest/gtest.h"
#include "notify/outgoing/queued_report.h"
#include "notify/render/message.h"
#include "notify/telegram/chat.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

const std::vector<Chat> kChats = {{.id = "1"}, {.id = "-100", .thread = "7"}};

aggregate::Report ReportOf(uint32_t users, size_t top = 0) {
  aggregate::Report report;
  report.host = "lab01";
  report.id = "lab01-1";
  std::vector<aggregate::ReportRow> rows;
  for (uint32_t i = 0; i < users; ++i) {
    rows.push_back({.uid = acct::Uid(i),
                    .user = absl::StrCat("user", i),
                    .usage = {.processes = 1, .ticks = {.user = 360'000 * (users - i)}}});
  }
  FillRows(std::move(rows), {.top = top}, report);
  return report;
}

MessageOptions Options() {
  return {.now = absl::FromUnixSeconds(1'800'000'000), .lifetime = absl::Hours(72)};
}

std::vector<QueuedMessage> PartsOf(const QueuedReport& report) {
  return report.deliveries.at(0).parts;
}

TEST(BuildMessagesTest, AChartHasTheTableInItsCaption) {
  const QueuedReport report = BuildMessages(ReportOf(15), "png", kChats, Options());
  EXPECT_EQ(report.id, "lab01-1");
  EXPECT_EQ(report.expires_at - report.created_at, absl::Hours(72));
  ASSERT_EQ(report.deliveries.size(), 2u);
  EXPECT_EQ(report.deliveries[1].chat, kChats[1]);
  for (const ChatQueue& delivery : report.deliveries) {
    ASSERT_EQ(delivery.parts.size(), 1u);
    EXPECT_EQ(delivery.parts[0].form, PartForm::kPhoto);
    EXPECT_NE(delivery.parts[0].html.find("user14"), std::string::npos);
    EXPECT_FALSE(delivery.parts[0].is_silent);
  }
  ASSERT_EQ(report.files.size(), 1u);
  EXPECT_EQ(report.files[0].name, "lab01-1.png");
  EXPECT_EQ(report.files[0].content, "png");
}

TEST(BuildMessagesTest, ManyUsersComeAsACsvFileInReply) {
  const QueuedReport report = BuildMessages(ReportOf(200), "png", kChats, Options());
  const std::vector<QueuedMessage> parts = PartsOf(report);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].form, PartForm::kDocument);
  EXPECT_TRUE(parts[1].is_silent && parts[1].is_reply);
  EXPECT_EQ(parts[1].html, "<b>lab01</b> · CPU by user · all 200 users\nlab01-1");
  EXPECT_EQ(parts[1].texts.size(), 2u) << "for a chat that takes no files";
  ASSERT_EQ(parts[1].file, 1u);
  EXPECT_EQ(report.files[1].name, "lab01-1.csv");
  EXPECT_NE(report.files[1].content.find("\n199,user199,"), std::string::npos);
}

// A message of its own would have room for so many, but a caption has not.
TEST(BuildMessagesTest, WhatACaptionHasNoRoomForComesAsAFile) {
  EXPECT_EQ(PartsOf(BuildMessages(ReportOf(100), "png", kChats, Options())).size(), 2u);
}

TEST(BuildMessagesTest, OrAsMessagesOrNotAtAll) {
  MessageOptions options = Options();
  options.full_table = FullTable::kParts;
  const std::vector<QueuedMessage> parts =
      PartsOf(BuildMessages(ReportOf(200), "png", kChats, options));
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].form, PartForm::kText);
  EXPECT_TRUE(parts[1].is_silent && parts[1].is_reply);
  EXPECT_NE(parts[1].html.find("1/2"), std::string::npos);
  EXPECT_NE(parts[2].html.find("user199"), std::string::npos);
  EXPECT_EQ(PartsOf(BuildMessages(ReportOf(20'000), "png", kChats, options)).size(), 2u)
      << "nobody wants hundreds of messages";
  options.full_table = FullTable::kNowhere;
  EXPECT_EQ(PartsOf(BuildMessages(ReportOf(200), "png", kChats, options)).size(), 1u);
}

TEST(BuildMessagesTest, AChatThatTakesNoFilesGetsAFewMessagesInsteadOrNone) {
  for (const FullTable form : {FullTable::kCsv, FullTable::kParts}) {
    MessageOptions options = Options();
    options.full_table = form;
    const std::vector<QueuedMessage> parts =
        PartsOf(BuildMessages(ReportOf(2000), "png", kChats, options));
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[1].form, PartForm::kDocument);
    EXPECT_TRUE(parts[1].texts.empty()) << parts[1].texts.size() << " messages";
  }
}

TEST(BuildMessagesTest, TheChartIsADocumentForWhoAsksForOne) {
  MessageOptions options = Options();
  options.send_as = SendAs::kDocument;
  const QueuedReport report = BuildMessages(ReportOf(15), "png", kChats, options);
  const std::vector<QueuedMessage> parts = PartsOf(report);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].form, PartForm::kDocument);
  EXPECT_EQ(report.files[parts[0].file].name, "lab01-1.png");
}

TEST(BuildMessagesTest, WhatWasCutByTopIsNotMissing) {
  EXPECT_EQ(PartsOf(BuildMessages(ReportOf(200, /*top=*/10), "png", kChats, Options())).size(), 1u);
}

TEST(BuildMessagesTest, WithoutAChartTheTextHasMoreRoom) {
  MessageOptions options = Options();
  options.is_silent = true;
  const std::vector<QueuedMessage> parts =
      PartsOf(BuildMessages(ReportOf(100), "", kChats, options));
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].form, PartForm::kText);
  EXPECT_TRUE(parts[0].is_silent);
  EXPECT_EQ(PartsOf(BuildMessages(ReportOf(200), "", kChats, options)).size(), 2u);
}

TEST(BuildMessagesTest, EveryPartStaysWithinItsLimit) {
  for (const uint32_t users : {0u, 1u, 15u, 200u, 1000u}) {
    for (const FullTable form : {FullTable::kCsv, FullTable::kParts}) {
      MessageOptions options = Options();
      options.full_table = form;
      for (const QueuedMessage& part :
           PartsOf(BuildMessages(ReportOf(users), "png", kChats, options))) {
        const size_t limit = part.form == PartForm::kText ? kTextLimit : kCaptionLimit;
        EXPECT_LE(Utf16Length(VisibleText(part.html)), limit);
        for (const std::string& text : part.texts) {
          EXPECT_LE(Utf16Length(VisibleText(text)), kTextLimit);
        }
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::notify
