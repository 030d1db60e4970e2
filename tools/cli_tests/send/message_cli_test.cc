// The built binary: what people read of a report in the chat and in a spreadsheet, whatever names
// there are and however small the usage was.

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "notify/testing/bot_api/fake_bot_api.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"
#include "tools/testing/sending.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using nlohmann::json;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ParseCsv;

// 2024-03-05 in UTC.
constexpr int64_t kDay = 1'709'596'800;
constexpr int64_t kHour = 3600;

class MessageCliTest : public testing::SendingTest {
 protected:
  void SetUp() override {
    SendingTest::SetUp();
    chats_ = "42";
    pacct_ = dir_.Write("pacct", "");
    passwd_ = dir_.Write("passwd", "");
  }

  // A process of the user `name` that used `ticks` hundredths of a second and ended `end` seconds
  // after midnight.
  void Add(const std::string& name, uint16_t ticks, int64_t end,
           const std::string& command = "sh") {
    const auto [uid, is_new] = uids_.try_emplace(name, static_cast<uint32_t>(1001 + uids_.size()));
    if (is_new) dir_.Append("passwd", absl::StrCat(name, ":x:", uid->second, ":1::/:\n"));
    dir_.Append("pacct", RecordBuilder()
                             .Uid(uid->second)
                             .UserTime(ticks)
                             .Elapsed(100)
                             .BeginTime(static_cast<uint32_t>(kDay + end - 1))
                             .Command(command)
                             .Bytes());
  }

  // The text of that day's report in the chat.
  std::string Message(Strings flags = {}) {
    flags.insert(flags.end(), {"--since", "2024-03-05", "--until", "2024-03-06"});
    const Finished run = Run("run", std::move(flags));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return server_->received().empty() ? "" : server_->received()[0].visible_text;
  }

  std::map<std::string, uint32_t> uids_;
};

TEST_F(MessageCliTest, ThousandsOfMarksInANamePushNobodyOutOfTheCaption) {
  std::string marks;
  for (int i = 0; i < 5000; ++i) marks += "\u0301";
  Add("a" + marks, 8000, kHour);
  Add(marks, 7000, kHour);
  Add("bob", 100, kHour);
  const std::string message = Message();
  EXPECT_THAT(message, HasSubstr("\nbob  "));
  EXPECT_THAT(message, HasSubstr("\na\u0301"));
  EXPECT_THAT(message, Not(HasSubstr(" other")));
  EXPECT_EQ(Delivered(), Strings{"sendPhoto 42"}) << "with no file for what has no room";
}

TEST_F(MessageCliTest, TimesHaveTheUnitsThatSuitThem) {
  Add("alice", 8000, kHour);
  Add("bob", 120, kHour);
  Add("carol", 7, kHour);
  const std::string message = Message();
  EXPECT_THAT(message, HasSubstr("\nTotal 1m 21s · 3 users\n"));
  EXPECT_THAT(message, HasSubstr("USER                 TIME    %\n"
                                 "alice              1m 20s  98%\n"
                                 "bob                 1.20s   1%\n"
                                 "carol               0.07s  <1%\n"));
}

TEST_F(MessageCliTest, ATotalBelowASecondIsNotNothing) {
  Add("alice", 14, kHour);
  EXPECT_THAT(Message(), HasSubstr("\nTotal 0.14s · 1 user\n"));
}

TEST_F(MessageCliTest, AWholeDayIsNamedAsOne) {
  Add("alice", 100, kHour);
  EXPECT_THAT(Message(), HasSubstr(" · CPU by user\n2024-03-05 UTC\nTotal "));
}

TEST_F(MessageCliTest, WhoUsesNothingAnyMoreIsShown) {
  Add("alice", 6000, kHour);
  Add("alice", 6000, kHour - 24 * kHour);
  Add("bob", 8000, kHour - 24 * kHour);
  EXPECT_THAT(Message(), HasSubstr("\nTotal 1m 00s · 2 users · -57 % against the period before\n"
                                   "USER            TIME    %    +/-\n"
                                   "alice         1m 00s 100%     0%\n"
                                   "bob               0s   0%  -100%\n"));
  const Finished table = Run("report", {"--since", "2024-03-05", "--until", "2024-03-06"});
  EXPECT_THAT(table.out, HasSubstr("\nbob    0:00:00.00     0%   -100%  "));
  const json report = json::parse(
      Run("report", {"--since", "2024-03-05", "--until", "2024-03-06", "--format=json"}).out);
  ASSERT_EQ(report["rows"].size(), 2u);
  EXPECT_EQ(report["rows"][1]["user"], "bob");
  EXPECT_EQ(report["rows"][1]["cpu_seconds"], 0);
  EXPECT_EQ(report["rows"][1]["previous_cpu_seconds"], 80);
}

TEST_F(MessageCliTest, ALongNameLosesItsMiddleInAMessageAndNotInAFile) {
  Add("a-name-that-is-longer-than-any-table-01", 200, kHour);
  Add("a-name-that-is-longer-than-any-table-02", 100, kHour);
  EXPECT_THAT(Message(), HasSubstr("\na-name-th…table-01  "));
  EXPECT_THAT(Run("report").out, HasSubstr("\na-name-that-is-longer-than-any-table-02  "));
}

TEST_F(MessageCliTest, NamesLikeFormulasAreTextInEveryCsv) {
  Add("=cmd|x!A0", 200, kHour, "=1+1");
  Add("bob", 100, kHour, "-bash");
  for (int i = 0; i < 60; ++i) Add(absl::StrCat("user", i), 10, kHour, "@SUM(A1)");
  EXPECT_THAT(Run("report", {pacct_, "--format=csv"}).out, HasSubstr("\n1001,'=cmd|x!A0,1,2.00,"));
  EXPECT_THAT(Run("report", {pacct_, "--format=csv", "--by=command"}).out,
              HasSubstr("\n'@SUM(A1),60,6.00,"));
  const Finished records = Run("records", {pacct_, "--format=csv"});
  const auto rows = ParseCsv(records.out);
  ASSERT_EQ(rows.size(), 62u);
  EXPECT_EQ(rows[0].at("user"), "'=cmd|x!A0");
  EXPECT_EQ(rows[0].at("command"), "'=1+1");
  EXPECT_EQ(rows[1].at("command"), "'-bash");
  EXPECT_EQ(rows[1].at("user"), "bob");
  Message();
  ASSERT_EQ(server_->received().size(), 2u);
  EXPECT_THAT(server_->received()[1].fields.at("document").value,
              HasSubstr("\n1001,'=cmd|x!A0,1,2.00,"));
  // JSON is for programs.
  EXPECT_THAT(Run("report", {pacct_, "--format=json"}).out, HasSubstr("\"user\": \"=cmd|x!A0\""));
}

// U+E000 is in no font.
TEST_F(MessageCliTest, LettersThatNoFontHasAreSaidOnStandardError) {
  Add("alice", 300, kHour);
  Add("bob\uE000", 200, kHour);
  constexpr char kSaid[] =
      "cpuagg: the chart has boxes for letters that no installed font has, in bob\uE000; install "
      "fonts for their scripts, as in the packages fonts-noto-core and fonts-noto-cjk\n";
  const Finished run = Run("run");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, kSaid);
  EXPECT_EQ(Delivered(), Strings{"sendPhoto 42"});
  EXPECT_EQ(Run("report", {pacct_, "--chart", dir_.Path("chart.png")}).err, kSaid);
  EXPECT_EQ(Run("report", {pacct_}).err, "") << "no chart, no letters";
}

}  // namespace
}  // namespace cpuagg::tools
