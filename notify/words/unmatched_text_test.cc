#include "notify/words/unmatched_text.h"

#include "aggregate/report/unmatched.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using aggregate::Unmatched;
using Kind = Unmatched::Kind;

TEST(UnmatchedTextTest, AUserIsSoughtInTheStoreAndAmongTheAccounts) {
  EXPECT_EQ(UnmatchedText({.asked = "alcie"}), "No user \"alcie\" used anything in this period.");
  EXPECT_EQ(UnmatchedText({.asked = "alcie", .near_users = {"alice", "alex"}}),
            "No user \"alcie\" used anything in this period. Did you mean alice or alex?");
  EXPECT_EQ(
      UnmatchedText({.asked = "alcie", .near_users = {"a\033lice"}, .has_account = false}),
      "There is no user \"alcie\": no account here and no user of this period has that name. Did "
      "you mean a\\x1blice?");
}

TEST(UnmatchedTextTest, WhoExistsIsNotMisspelt) {
  EXPECT_EQ(UnmatchedText({.asked = "bob", .near_users = {"rob"}, .has_account = true}),
            "User \"bob\" has an account, but used nothing in this period.");
  EXPECT_EQ(UnmatchedText({.asked = "bob", .near_users = {"rob"}, .is_in_store = true}),
            "User \"bob\" is in the store, but used nothing in this period.");
}

TEST(UnmatchedTextTest, AnUnknownIdIsCalledAnId) {
  EXPECT_EQ(UnmatchedText({.asked = "1500", .has_account = false}),
            "There is no user with the id 1500: no account here and no user of this period has "
            "that id.");
  EXPECT_EQ(UnmatchedText({.asked = "1500", .has_account = true}),
            "The user with the id 1500 has an account, but used nothing in this period.");
  EXPECT_EQ(UnmatchedText({.asked = "1500"}),
            "No user with the id 1500 used anything in this period.");
  EXPECT_EQ(UnmatchedText({.kind = Kind::kIgnoredUser, .asked = "1500"}),
            "There is no user with the id 1500 to leave out.");
  EXPECT_EQ(UnmatchedText({.asked = "01500"}), "No user \"01500\" used anything in this period.");
}

TEST(UnmatchedTextTest, AUserWhoIsToBeLeftOutIsNotThere) {
  EXPECT_EQ(UnmatchedText({.kind = Kind::kIgnoredUser, .asked = "bob", .near_users = {"rob"}}),
            "There is no user \"bob\" to leave out. Did you mean rob?");
}

TEST(UnmatchedTextTest, ACommandMayHaveBeenMeantOtherwise) {
  EXPECT_EQ(UnmatchedText({.kind = Kind::kCommand, .asked = "gc"}), "No command matches \"gc\".");
  EXPECT_EQ(UnmatchedText({.kind = Kind::kCommand,
                           .asked = "gc",
                           .near_pattern = "gc*",
                           .near_processes = 1,
                           .processes_of_others = 7}),
            "No command matches \"gc\"; 1 process matches \"gc*\".");
  EXPECT_EQ(UnmatchedText({.kind = Kind::kCommand,
                           .asked = "gcc",
                           .is_of_some_users = true,
                           .processes_of_others = 2}),
            "No command of the chosen users matches \"gcc\"; 2 processes of other users do.");
  EXPECT_EQ(UnmatchedText({.kind = Kind::kCommand, .asked = "cc,ld"}),
            "No command matches \"cc,ld\"; a comma is part of the pattern: give --command once for "
            "each pattern.");
  EXPECT_EQ(UnmatchedText({.kind = Kind::kCommand, .asked = "gc", .has_unnamed_commands = true}),
            "No command that is known by name matches \"gc\".");
}

}  // namespace
}  // namespace cpuagg::notify
