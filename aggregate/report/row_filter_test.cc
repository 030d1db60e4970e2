#include "aggregate/report/row_filter.h"

#include <optional>
#include <string>

#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using User = RowFilter::User;

TEST(RowFilterTest, WithoutAChoiceEverythingIsTaken) {
  const RowFilter filter({});
  EXPECT_FALSE(filter.chooses_users());
  EXPECT_FALSE(filter.chooses_commands());
  EXPECT_TRUE(filter.TakesUser(Uid(0), "root"));
  EXPECT_TRUE(filter.TakesUser(Uid(4711), std::nullopt));
  EXPECT_TRUE(filter.TakesCommand("sh"));
  EXPECT_TRUE(filter.TakesCommand(""));
  EXPECT_TRUE(filter.TakesCommand(std::nullopt));
}

TEST(RowFilterTest, AUserIsAskedForByNameOrByIdInDigits) {
  const struct {
    const char* asked;
    uint32_t uid;
    std::optional<std::string> name;
    bool is_user;
  } kCases[] = {
      {"alice", 1001, "alice", true},
      {"1001", 1001, "alice", true},
      {"1001", 1001, std::nullopt, true},
      {"alice", 1001, std::nullopt, false},
      {"alice", 1001, "Alice", false},
      {"ali", 1001, "alice", false},
      // A number in another form is a name.
      {"01001", 1001, "alice", false},
      {"+1001", 1001, "alice", false},
      {"1002", 1001, "1002", true},
      {"4294967295", 4294967295, std::nullopt, true},
      {"", 0, "root", false},
      {"", 0, "", true},
      // Names are not patterns.
      {"a*", 1001, "alice", false},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(std::string(row.asked) + " of " + row.name.value_or("-"));
    EXPECT_EQ(IsUser(row.asked, Uid(row.uid), row.name), row.is_user);
    EXPECT_EQ(RowFilter({.users = {"nobody", row.asked}}).TakesUser(Uid(row.uid), row.name),
              row.is_user);
    EXPECT_EQ(RowFilter({.ignored_users = {row.asked}}).TakesUser(Uid(row.uid), row.name),
              !row.is_user);
  }
}

TEST(RowFilterTest, OfUsersWhoWereAskedForSomeMayBeIgnored) {
  const RowFilter filter({.users = {"alice", "bob"}, .ignored_users = {"bob", "carol"}});
  EXPECT_TRUE(filter.chooses_users());
  EXPECT_EQ(filter.ChoiceOf(Uid(1), "alice"), User::kTaken);
  EXPECT_EQ(filter.ChoiceOf(Uid(2), "bob"), User::kIgnored);
  EXPECT_EQ(filter.ChoiceOf(Uid(3), "carol"), User::kNotAsked);
}

TEST(RowFilterTest, UnknownUsersAreIgnoredUnlessTheyMayHaveAnAccount) {
  const RowFilter filter({.ignores_unknown_users = true});
  EXPECT_TRUE(filter.chooses_users());
  EXPECT_EQ(filter.ChoiceOf(Uid(1), "alice"), User::kTaken);
  EXPECT_EQ(filter.ChoiceOf(Uid(2), std::nullopt), User::kIgnored);
  EXPECT_EQ(filter.ChoiceOf(Uid(2), std::nullopt, /*is_unresolved=*/true), User::kTaken);
  // A user who was chosen by id is ignored too.
  EXPECT_EQ(RowFilter({.users = {"2"}, .ignores_unknown_users = true}).ChoiceOf(Uid(2), {}),
            User::kIgnored);
}

TEST(RowFilterTest, CommandsMatchOneOfTheShellPatterns) {
  const RowFilter filter({.commands = {"python*", "[mn]ake", "a?c"}});
  EXPECT_TRUE(filter.chooses_commands());
  for (const char* command : {"python", "python3.11", "make", "nake", "abc", "a/c"}) {
    EXPECT_TRUE(filter.TakesCommand(command)) << command;
  }
  for (const char* command : {"", "ipython", "Python3", "cmake", "ac"}) {
    EXPECT_FALSE(filter.TakesCommand(command)) << command;
  }
  EXPECT_FALSE(filter.TakesCommand(std::nullopt));
  EXPECT_FALSE(RowFilter({.commands = {"*"}}).TakesCommand(std::nullopt));
}

TEST(RowFilterTest, APatternCanIgnoreCase) {
  EXPECT_FALSE(MatchesPattern("XORG", "Xorg"));
  EXPECT_TRUE(MatchesPattern("XORG", "Xorg", /*ignores_case=*/true));
}

}  // namespace
}  // namespace cpuagg::aggregate
