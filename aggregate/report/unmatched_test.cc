#include "aggregate/report/unmatched.h"

#include <optional>
#include <string>
#include <vector>

#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using Strings = std::vector<std::string>;
using Kind = Unmatched::Kind;

// A machine on which alice, alicia, bob and a user without a name ran some commands.
std::vector<Unmatched> Find(const Strings& users, const Strings& ignored, const Strings& commands) {
  UnmatchedFinder finder(users, ignored, commands);
  finder.Add(acct::Uid(1001), "alice", "python3", 90);
  finder.Add(acct::Uid(1001), "alice", "python3.11", 1);
  finder.Add(acct::Uid(1001), "alice", "gnome-terminal-", 7);
  finder.Add(acct::Uid(1002), "alicia", "Xorg", 3);
  finder.Add(acct::Uid(1003), "bob", "make", 5);
  finder.Add(acct::Uid(1003), "bob", "make", 5);
  finder.Add(acct::Uid(1005), std::nullopt, "ld", 2);
  return finder.Found();
}

TEST(UnmatchedTest, WhatMatchesIsNotFound) {
  EXPECT_TRUE(Find({"alice", "1003", "1005"}, {"bob"}, {"make", "python*"}).empty());
  EXPECT_TRUE(Find({}, {}, {}).empty());
}

TEST(UnmatchedTest, UsersAreNearByALetterOrTwoOrByTheirBeginning) {
  struct Case {
    std::string asked;
    Strings near;
  };
  for (const Case& c : std::vector<Case>{{"alcie", {"alice", "alicia"}},
                                         {"Alice", {"alice", "alicia"}},
                                         {"alic", {"alice", "alicia"}},
                                         {"al", {"alice", "alicia"}},
                                         {"bop", {"bob"}},
                                         {"tom", {}},
                                         {"boris", {}},
                                         {"x", {}},
                                         {"", {}},
                                         {"4711", {}}}) {
    EXPECT_EQ(Find({c.asked}, {}, {}),
              (std::vector<Unmatched>{{.asked = c.asked, .near_users = c.near}}))
        << c.asked;
  }
}

TEST(UnmatchedTest, OneOfSeveralIsFoundAsWell) {
  EXPECT_EQ(
      Find({"bob", "nosuch"}, {"root"}, {}),
      (std::vector<Unmatched>{{.asked = "nosuch"}, {.kind = Kind::kIgnoredUser, .asked = "root"}}));
}

TEST(UnmatchedTest, CommandsAreNearByAPatternThatMatches) {
  struct Case {
    std::string asked;
    std::string near;
    uint64_t processes;
  };
  for (const Case& c : std::vector<Case>{{"python", "python*", 91},
                                         {"ython", "*ython*", 91},
                                         {"*.11*x", "", 0},
                                         {"/usr/bin/make", "make", 10},
                                         {"/usr/bin/python", "python*", 91},
                                         {"gnome-terminal-server", "gnome-terminal-", 7},
                                         {"xorg", "Xorg", 3},
                                         {"PYTHON", "python3", 90},
                                         {"pyhton3", "python3", 90},
                                         {"maek", "make", 10},
                                         {"nosuch", "", 0},
                                         {"", "", 0}}) {
    EXPECT_EQ(Find({}, {}, {c.asked}), (std::vector<Unmatched>{{.kind = Kind::kCommand,
                                                                .asked = c.asked,
                                                                .near_pattern = c.near,
                                                                .near_processes = c.processes}}))
        << c.asked;
  }
}

TEST(UnmatchedTest, ACommandOfOtherUsersIsNotOneOfTheChosen) {
  EXPECT_EQ(Find({"alice"}, {}, {"make", "python3"}),
            (std::vector<Unmatched>{{.kind = Kind::kCommand,
                                     .asked = "make",
                                     .is_of_some_users = true,
                                     .processes_of_others = 10}}));
  // Excluded users were also searched.
  EXPECT_TRUE(Find({}, {"bob"}, {"make"}).empty());
}

TEST(UnmatchedTest, WhatIsNearIsNotAmongThoseWhoAreLeftOut) {
  const std::vector<Unmatched> found = Find({}, {"alice"}, {"python", "ake"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].near_processes, 0u);
  EXPECT_EQ(found[1].near_pattern, "*ake*");
  EXPECT_EQ(found[1].near_processes, 10u);
  UnmatchedFinder finder({}, {"alice"}, {"ls"});
  finder.Add(acct::Uid(1001), "alice", std::nullopt, 3);
  EXPECT_FALSE(finder.Found()[0].has_unnamed_commands);
}

TEST(UnmatchedTest, ACommandWithoutANameMayMatch) {
  UnmatchedFinder finder({}, {}, {"ls"});
  finder.Add(acct::Uid(1001), "alice", "make", 1);
  finder.Add(acct::Uid(1001), "alice", std::nullopt, 3);
  EXPECT_EQ(finder.Found(),
            (std::vector<Unmatched>{
                {.kind = Kind::kCommand, .asked = "ls", .has_unnamed_commands = true}}));
}

}  // namespace
}  // namespace cpuagg::aggregate
