#include "notify/outgoing/build_alert.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/build_messages.h"
#include "notify/outgoing/limit_period.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Grouping;
using aggregate::Report;
using aggregate::ReportOptions;
using Strings = std::vector<std::string>;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(AlertReportOptionsTest, AreThoseOfMessagesWithTheIgnoredUsersWhoHaveALimit) {
  ReportOptions of_message = {.ignored_users = {"root", "ci", "man"},
                              .leave_out_unknown_users = true};
  of_message.by = {Dimension::kUser, Dimension::kHour};
  of_message.top = 3;
  of_message.only_commands = {"cc1"};
  const ReportOptions options =
      AlertReportOptions(of_message, {.users = {{"ci", acct::Ticks(5)}, {"man", std::nullopt}}});
  EXPECT_EQ(options.ignored_users, (Strings{"root"}));
  EXPECT_TRUE(options.leave_out_unknown_users);
  // All commands of all users count, and nobody is cut off.
  EXPECT_EQ(options.by, ReportOptions().by);
  EXPECT_EQ(options.top, ReportOptions().top);
  EXPECT_TRUE(options.only_commands.empty());
}

TEST(AlertCommandOptionsTest, AreOfTheUsersWhoHavePassedALimit) {
  const ReportOptions options =
      AlertCommandOptions({.ignored_users = {"root"}},
                          {{.mark = {.uid = 5}, .row = {}}, {.mark = {.uid = 7}, .row = {}}});
  EXPECT_EQ(options.by, (Grouping{Dimension::kUser, Dimension::kCommand}));
  EXPECT_EQ(options.only_users, (Strings{"5", "7"}));
  EXPECT_EQ(options.ignored_users, (Strings{"root"}));
}

class BuildAlertTest : public ::testing::Test {
 protected:
  BuildAlertTest() {
    report_.host = "lab01";
    report_.id = "id";
    report_.period = {kNow - absl::Hours(20), kNow + absl::Hours(4)};
    passed_ = {{.mark = {.uid = 5, .user = "alice", .period = "day", .begin = 7, .limit_ticks = 8},
                .row = {.uid = acct::Uid(5), .user = "alice"}}};
    commands_.period = report_.period;
    aggregate::ReportRow row = {.uid = acct::Uid(5), .user = "alice"};
    row.command = "cc1";
    row.usage.ticks.user = 360'000;
    commands_.rows = {row};
  }

  QueuedReport Build() const {
    return BuildAlert(report_, {.unit = "day", .period = report_.period}, passed_, commands_,
                      {{.id = "1"}}, {.now = kNow, .lifetime = absl::Hours(1)});
  }

  Report report_;
  std::vector<PassedLimit> passed_;
  Report commands_;
};

TEST_F(BuildAlertTest, IsOneTextWithTheMarksOfWhatItTells) {
  const QueuedReport alert = Build();
  EXPECT_EQ(alert.id, "id");
  EXPECT_EQ(alert.subject, "CPU alert of lab01");
  EXPECT_EQ(alert.alerts, (std::vector<AlertMark>{passed_[0].mark}));
  ASSERT_EQ(alert.deliveries.size(), 1u);
  EXPECT_EQ(alert.deliveries[0].chat.id, "1");
  ASSERT_EQ(alert.deliveries[0].parts.size(), 1u);
  EXPECT_NE(alert.deliveries[0].parts[0].html.find("cc1"), std::string::npos);
}

TEST_F(BuildAlertTest, FollowsTheReportOfTheSameRun) {
  const QueuedReport report = BuildMessages(report_, "", {{.id = "1"}}, {.now = kNow});
  EXPECT_GT(Build().created_at, report.created_at);
}

TEST_F(BuildAlertTest, NamesNoCommandsIfTheyAreKnownForAnotherPeriodOnly) {
  commands_.period.begin -= absl::Hours(4);
  EXPECT_EQ(Build().deliveries[0].parts[0].html.find("cc1"), std::string::npos);
}

}  // namespace
}  // namespace cpuagg::notify
