#include "notify/fleet/user_choice.h"

#include <cstdint>
#include <regex>
#include <string>
#include <vector>

#include "aggregate/report/report.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(UserChoiceTest, EverybodyIsChosenByDefault) {
  const UserChoice choice = ChooseUsers({}, {"instance=\"a\""});
  EXPECT_EQ(choice.chosen, (std::vector<Conditions>{{"instance=\"a\""}}));
  EXPECT_TRUE(choice.excluded.empty());
}

TEST(UserChoiceTest, ANumberIsANameOrAnId) {
  aggregate::ReportOptions options;
  options.only_users = {"alice", "1002"};
  const UserChoice choice = ChooseUsers(options, {});
  EXPECT_EQ(choice.chosen, (std::vector<Conditions>{{"user=~\"alice|1002\""}, {"uid=~\"1002\""}}));
  EXPECT_TRUE(choice.excluded.empty());
}

TEST(UserChoiceTest, WhoIsIgnoredIsExcluded) {
  aggregate::ReportOptions options;
  options.ignored_users = {"backup", "33"};
  options.leave_out_unknown_users = true;
  const UserChoice choice = ChooseUsers(options, {"b"});
  EXPECT_EQ(
      choice.chosen,
      (std::vector<Conditions>{{"b", "user!~\"backup|33\"", "uid!~\"33\"", "user!~\"[0-9]*\""}}));
  EXPECT_EQ(choice.excluded,
            (std::vector<Conditions>{
                {"b", "user=~\"backup|33\""}, {"b", "uid=~\"33\""}, {"b", "user=~\"[0-9]*\""}}));
}

TEST(UserChoiceTest, PeopleHaveNoSystemIds) {
  aggregate::ReportOptions options;
  options.only_people = true;
  const UserChoice choice = ChooseUsers(options, {});
  ASSERT_EQ(choice.chosen.size(), 1u);
  ASSERT_EQ(choice.excluded.size(), 1u);
  const std::string& condition = choice.excluded[0][0];
  ASSERT_EQ(condition.substr(0, 6), "uid=~\"");
  const std::regex ids(condition.substr(6, condition.size() - 7));
  for (uint32_t id = 0; id < 70'000; ++id) {
    // 61184 to 65519 are of systemd and unused ones; 65534 is nobody.
    const bool is_system = id < 1000 || (id >= 61184 && id <= 65519) || id == 65534;
    EXPECT_EQ(std::regex_match(std::to_string(id), ids), is_system) << id;
  }
}

}  // namespace
}  // namespace cpuagg::notify
