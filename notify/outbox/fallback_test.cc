#include "notify/outbox/fallback.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/bot_api_reply.h"
#include "notify/words/html_text.h"

namespace cpuagg::notify {
namespace {

QueuedReport WithPart(QueuedMessage part) {
  return {.files = {{.name = "a.png", .content = "png"}},
          .deliveries = {{.chat = {.id = "-5", .thread = "7"}, .parts = {std::move(part)}}}};
}

bool AdaptFirst(Outcome outcome, QueuedReport& report, const std::string& new_chat = "") {
  return FallBack({.outcome = outcome, .new_chat_id = new_chat}, report, report.deliveries[0], 0);
}

TEST(FallbackTest, AMigratedGroupIsSoughtUnderItsNewId) {
  QueuedReport report = WithPart({.html = "x"});
  EXPECT_TRUE(AdaptFirst(Outcome::kChatMigrated, report, "-1005"));
  EXPECT_EQ(report.deliveries[0].chat.text(), "-1005/7");
  EXPECT_FALSE(AdaptFirst(Outcome::kChatMigrated, report, "-1005"));
}

TEST(FallbackTest, ATopicThatIsGoneIsLeftOut) {
  QueuedReport report = WithPart({.html = "x"});
  EXPECT_TRUE(AdaptFirst(Outcome::kThreadRefused, report));
  EXPECT_EQ(report.deliveries[0].chat.text(), "-5");
  EXPECT_FALSE(AdaptFirst(Outcome::kThreadRefused, report));
}

TEST(FallbackTest, HtmlThatIsNotUnderstoodIsSentAsTextOnce) {
  QueuedReport report = WithPart({.html = "<b>a&lt;b</b>", .texts = {"<pre>x</pre>"}});
  EXPECT_TRUE(AdaptFirst(Outcome::kMarkupRefused, report));
  const QueuedMessage& part = report.deliveries[0].parts[0];
  EXPECT_TRUE(part.is_plain);
  EXPECT_EQ(part.html, "a<b");
  EXPECT_EQ(part.texts[0], "x");
  EXPECT_FALSE(AdaptFirst(Outcome::kMarkupRefused, report));
}

TEST(FallbackTest, BothHalvesOfAPlainTextArePlain) {
  QueuedReport report = WithPart({.html = "<b>a &lt; b\nc &amp; d</b>"});
  EXPECT_TRUE(AdaptFirst(Outcome::kMarkupRefused, report));
  EXPECT_TRUE(AdaptFirst(Outcome::kTooLong, report));
  ASSERT_EQ(report.deliveries[0].parts.size(), 2u);
  for (const QueuedMessage& part : report.deliveries[0].parts) EXPECT_TRUE(part.is_plain);
  EXPECT_NE(report.deliveries[0].parts[1].html.find("c & d"), std::string::npos);
}

TEST(FallbackTest, APhotoIsSentAsADocumentAndThenAsText) {
  QueuedReport report =
      WithPart({.form = PartForm::kPhoto, .html = "caption", .texts = {"text", "more"}});
  report.files[0].photo_id = "stale";
  const QueuedMessage& part = report.deliveries[0].parts[0];
  EXPECT_TRUE(AdaptFirst(Outcome::kMessageRefused, report));
  EXPECT_EQ(part.form, PartForm::kPhoto) << "perhaps only the id was refused";
  EXPECT_EQ(report.files[0].photo_id, "");
  EXPECT_TRUE(AdaptFirst(Outcome::kMessageRefused, report));
  EXPECT_EQ(part.form, PartForm::kDocument);
  EXPECT_EQ(part.html, "caption");
  EXPECT_TRUE(AdaptFirst(Outcome::kMessageRefused, report));
  ASSERT_EQ(report.deliveries[0].parts.size(), 2u);
  EXPECT_EQ(report.deliveries[0].parts[0].form, PartForm::kText);
  EXPECT_EQ(report.deliveries[0].parts[0].html, "text");
  EXPECT_EQ(report.deliveries[0].parts[1].html, "more");
  EXPECT_FALSE(AdaptFirst(Outcome::kMessageRefused, report));
}

TEST(FallbackTest, AFileWithoutWordsForItIsGivenUp) {
  QueuedReport report = WithPart({.form = PartForm::kDocument});
  EXPECT_FALSE(AdaptFirst(Outcome::kMessageRefused, report));
}

// Down to single lines without losing anything; then it ends.
TEST(FallbackTest, WhatIsTooLongIsCutUntilEveryLineIsAlone) {
  std::string html = "<pre>";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&html, "row", i, "\n");
  html += "</pre>id";
  QueuedReport report = WithPart({.form = PartForm::kPhoto, .html = html});
  for (size_t part = 0; part < report.deliveries[0].parts.size();) {
    if (!FallBack({.outcome = Outcome::kTooLong}, report, report.deliveries[0], part)) ++part;
  }
  const std::vector<QueuedMessage>& parts = report.deliveries[0].parts;
  ASSERT_EQ(parts.size(), 21u);
  EXPECT_EQ(parts[0].form, PartForm::kPhoto);
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(VisibleText(parts[i].html).substr(0, 4 + (i > 9 ? 1 : 0)), absl::StrCat("row", i));
    EXPECT_EQ(parts[i].state, PartState::kPending);
  }
  EXPECT_EQ(parts[20].html, "id");
}

TEST(FallbackTest, NoMessageIsCutIntoMoreThanSixtyFour) {
  std::string html;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&html, "row", i, "\n");
  QueuedReport report = WithPart({.html = html});
  const std::vector<QueuedMessage>& parts = report.deliveries[0].parts;
  for (size_t part = 0; part < parts.size();) {
    if (!FallBack({.outcome = Outcome::kTooLong}, report, report.deliveries[0], part)) ++part;
  }
  EXPECT_EQ(parts.size(), 64u);
  EXPECT_NE(parts.back().html.find("row199"), std::string::npos);
}

TEST(FallbackTest, NothingIsTriedWhereNothingHelps) {
  for (const Outcome outcome :
       {Outcome::kDone, Outcome::kNotSent, Outcome::kServerFailed, Outcome::kUnconfirmed,
        Outcome::kChatRefused, Outcome::kBotRefused}) {
    QueuedReport report = WithPart({.form = PartForm::kPhoto, .html = "a\nb", .texts = {"x"}});
    EXPECT_FALSE(AdaptFirst(outcome, report));
  }
}

}  // namespace
}  // namespace cpuagg::notify
