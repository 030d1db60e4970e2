#include "aggregate/usage/user_history.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "acct/record/units.h"
#include "acct/testing/sanitized.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

TEST(UserHistoryTest, AnIdThatIsUsedAgainIsAnotherAccount) {
  UserHistory book;
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "bob"}), 1u);
  EXPECT_EQ(book.Add({Uid(2), "bob"}), 2u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.accounts(),
            (std::vector<UserIdentity>{{Uid(1), "alice"}, {Uid(1), "bob"}, {Uid(2), "bob"}}));
}

TEST(UserHistoryTest, AnIdWithoutANameBelongsToTheLastNameItHad) {
  UserHistory book;
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "bob"}), 1u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
}

TEST(UserHistoryTest, WhoWasNamelessFirstIsNotTakenForWhoeverGetsTheIdLater) {
  UserHistory book;
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 0u);
  EXPECT_EQ(book.Add({Uid(1), "alice"}), 1u);
  EXPECT_EQ(book.Add({Uid(1), std::nullopt}), 1u);
  EXPECT_EQ(book.accounts().size(), 2u);
}

// The history of one id: '?' is unresolved, '-' has no account, and a letter is a name.
UserIdentity AccountOf(char c) {
  if (c == '?') return {Uid(1), std::nullopt, true};
  if (c == '-') return {Uid(1), std::nullopt};
  return {Uid(1), std::string(1, c)};
}
char LetterOf(const UserIdentity& account) {
  if (account.name.has_value()) return (*account.name)[0];
  return account.is_unresolved ? '?' : '-';
}

// The account of each time.
std::string Settled(const std::string& history) {
  UserHistory book;
  std::vector<uint32_t> places;
  for (const char c : history) places.push_back(book.Add(AccountOf(c)));
  std::string settled;
  std::set<uint32_t> rows;
  for (const uint32_t place : places) {
    settled.push_back(LetterOf(book.accounts()[book.Settled(place)]));
    rows.insert(book.Settled(place));
  }
  // No account has two rows.
  EXPECT_EQ(rows.size(), std::set<char>(settled.begin(), settled.end()).size()) << history;
  return settled;
}

TEST(UserHistoryTest, WhatIsUnresolvedBelongsToTheNameBeforeElseToWhoeverIsKnownNext) {
  struct Case {
    std::string history;
    std::string settled;
  };
  for (const Case& c : {
           Case{"?", "?"},
           Case{"??", "??"},
           Case{"?a", "aa"},
           Case{"??ab", "aaab"},
           Case{"a?", "aa"},
           Case{"a?b", "aab"},
           Case{"ab?a?", "abbaa"},
           Case{"a-?b", "aaab"},
           Case{"?-", "--"},
           Case{"?-a", "--a"},
           Case{"?-?a", "--aa"},
           // Without further knowledge, it stays as it was.
           Case{"-?", "--"},
           Case{"-?-", "---"},
           Case{"-??a?-", "-aaaaa"},
           Case{"-?-?-?b", "-----bb"},
       }) {
    EXPECT_EQ(Settled(c.history), c.settled) << c.history;
  }
}

// All histories of a length, with names that come and go.
std::vector<std::string> HistoriesOf(size_t length) {
  std::vector<std::string> histories = {""};
  for (size_t i = 0; i < length; ++i) {
    std::vector<std::string> longer;
    for (const std::string& history : histories) {
      for (const char c : {'?', '-', 'a', 'b', 'c'}) longer.push_back(history + c);
    }
    histories = std::move(longer);
  }
  return histories;
}

TEST(JoinAccountsTest, HaveTheEffectOfAllOfThemWhateverIsJoined) {
  constexpr size_t kLongest = acct::testing::LessIfSanitized(6, 5);
  for (size_t length = 1; length <= kLongest; ++length) {
    for (const std::string& history : HistoriesOf(length)) {
      std::vector<std::vector<UserIdentity>> lists;
      for (const char c : history) lists.push_back({AccountOf(c)});
      const std::string settled = Settled(history);
      for (size_t begin = 0; begin < length; ++begin) {
        for (size_t end = begin + 1; end <= length; ++end) {
          std::vector<const std::vector<UserIdentity>*> joins;
          for (size_t i = begin; i < end; ++i) joins.push_back(&lists[i]);
          const JoinedAccounts joined = JoinAccounts(joins);
          UserHistory book;
          std::vector<uint32_t> places;
          for (size_t i = 0; i < begin; ++i) places.push_back(book.Add(lists[i][0]));
          std::vector<uint32_t> of_joined;
          for (const UserIdentity& account : joined.accounts)
            of_joined.push_back(book.Add(account));
          for (size_t i = begin; i < end; ++i) {
            places.push_back(of_joined[joined.places[i - begin][0]]);
          }
          for (size_t i = end; i < length; ++i) places.push_back(book.Add(lists[i][0]));
          std::string with_join;
          for (const uint32_t place : places) {
            with_join.push_back(LetterOf(book.accounts()[book.Settled(place)]));
          }
          ASSERT_EQ(with_join, settled) << history << " joined from " << begin << " to " << end;
        }
      }
    }
  }
}

TEST(JoinAccountsTest, KeepAsFewAsTheyCan) {
  const std::vector<UserIdentity> list = {AccountOf('?'), AccountOf('-'), AccountOf('?'),
                                          AccountOf('-'), AccountOf('?'), AccountOf('a'),
                                          AccountOf('?'), AccountOf('b'), AccountOf('-'),
                                          AccountOf('a'), {Uid(2), "b"}};
  const JoinedAccounts joined = JoinAccounts({&list});
  EXPECT_EQ(joined.accounts, (std::vector<UserIdentity>{AccountOf('-'),
                                                        AccountOf('?'),
                                                        AccountOf('a'),
                                                        AccountOf('b'),
                                                        {Uid(2), "b"},
                                                        AccountOf('a')}));
  EXPECT_EQ(joined.places, (std::vector<std::vector<uint32_t>>{{0, 0, 0, 0, 1, 2, 2, 3, 3, 2, 4}}));
  // Joining them again adds nothing.
  EXPECT_EQ(JoinAccounts({&joined.accounts}).accounts, joined.accounts);
}

}  // namespace
}  // namespace cpuagg::aggregate
