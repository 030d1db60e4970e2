#include "aggregate/names/name_lookup.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using Ids = std::vector<uint32_t>;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000) + absl::Milliseconds(700);

// Gives the configured answers, and fails with a timeout after a number of questions.
class FakeDirectory : public UserDirectory {
 public:
  NameAnswer NameOf(Uid uid) override {
    if (asked.size() == answers) return absl::DeadlineExceededError("no time");
    asked.push_back(uid.value());
    const auto found = names.find(uid.value());
    if (found == names.end()) return std::nullopt;
    return found->second;
  }

  std::map<uint32_t, NameAnswer> names;
  size_t answers = 1000;
  Ids asked;
};

class NameLookupTest : public ::testing::Test {
 protected:
  NameLookup LookUp(const std::set<Uid>& users, const std::set<Uid>& pending = {}) {
    directory_.asked.clear();
    return LookUpNames(users, pending, directory_, now_, memory_);
  }

  FakeDirectory directory_;
  NameMemory memory_;
  absl::Time now_ = kNow;
};

UserIdentity Named(uint32_t uid, const std::string& name) { return {Uid(uid), name}; }
UserIdentity Nobodys(uint32_t uid) { return {Uid(uid), std::nullopt}; }
UserIdentity Unresolved(uint32_t uid) { return {Uid(uid), std::nullopt, true}; }

TEST_F(NameLookupTest, EveryUserHasAnAccount) {
  directory_.names = {{1, "alice"}, {3, absl::UnavailableError("it failed")}};
  const NameLookup lookup = LookUp({Uid(3), Uid(2), Uid(1)});
  EXPECT_EQ(lookup.accounts,
            (std::vector<UserIdentity>{Named(1, "alice"), Nobodys(2), Unresolved(3)}));
  EXPECT_FALSE(lookup.has_learned);
  EXPECT_TRUE(lookup.memory_has_changed);
  EXPECT_EQ(lookup.unknown.ids, 3u);
  EXPECT_EQ(lookup.unknown.unknown, 1u);
  EXPECT_EQ(lookup.unknown.reasons, std::vector<std::string>{"it failed"});
  // In whole seconds, so that entries are not from the future.
  const absl::Time asked_at = kNow - absl::Milliseconds(700);
  EXPECT_EQ(memory_, (NameMemory{{Uid(1), {"alice", asked_at}}, {Uid(2), {{}, asked_at}}}));
}

TEST_F(NameLookupTest, ANameIsNotAskedForAgainWithinTheHour) {
  directory_.names = {{1, "alice"}};
  LookUp({Uid(1)});
  directory_.names = {{1, "bob"}};
  now_ = kNow + absl::Minutes(59);
  const NameLookup lookup = LookUp({Uid(1)});
  EXPECT_EQ(directory_.asked, Ids());
  EXPECT_EQ(lookup.accounts, std::vector<UserIdentity>{Named(1, "alice")});
  EXPECT_FALSE(lookup.memory_has_changed);
  EXPECT_EQ(lookup.unknown.ids, 1u);
  EXPECT_EQ(lookup.unknown.unknown, 0u);
  now_ = kNow + absl::Hours(1);
  EXPECT_EQ(LookUp({Uid(1)}).accounts, std::vector<UserIdentity>{Named(1, "bob")});
  EXPECT_EQ(directory_.asked, Ids{1});
}

TEST_F(NameLookupTest, WhoWasNobodyLatelyMayBeSomebodyNow) {
  EXPECT_EQ(LookUp({Uid(1)}).accounts, std::vector<UserIdentity>{Nobodys(1)});
  directory_.names = {{1, "alice"}};
  now_ = kNow + absl::Minutes(59);
  const NameLookup lookup = LookUp({Uid(1)});
  EXPECT_EQ(directory_.asked, Ids());
  EXPECT_EQ(lookup.accounts, std::vector<UserIdentity>{Unresolved(1)});
  EXPECT_EQ(lookup.unknown.unknown, 0u);
  // A pending user is not asked for either, until the hour is over.
  EXPECT_EQ(LookUp({}, {Uid(1)}).accounts, std::vector<UserIdentity>());
  now_ = kNow + absl::Hours(1);
  EXPECT_EQ(LookUp({}, {Uid(1)}).accounts, std::vector<UserIdentity>{Named(1, "alice")});
}

TEST_F(NameLookupTest, AClockThatIsSetBackForgets) {
  directory_.names = {{1, "alice"}};
  LookUp({Uid(1)});
  now_ = kNow - absl::Seconds(2);
  LookUp({Uid(1)});
  EXPECT_EQ(directory_.asked, Ids{1});
}

TEST_F(NameLookupTest, WhatIsTooOldIsDroppedWithWhatIsNew) {
  LookUp({Uid(1), Uid(2)});
  now_ = kNow + absl::Hours(2);
  LookUp({Uid(3)});
  EXPECT_EQ(memory_.size(), 1u);
}

TEST_F(NameLookupTest, PendingUsersComeFirstAndAreNewsWhenTheyAreFoundOutAbout) {
  directory_.names = {{1, "alice"}, {8, "hal"}, {9, absl::UnavailableError("it failed")}};
  const NameLookup lookup = LookUp({Uid(1), Uid(6), Uid(7)}, {Uid(7), Uid(8), Uid(9), Uid(10)});
  EXPECT_EQ(directory_.asked, (Ids{7, 8, 9, 10, 1, 6}));
  EXPECT_EQ(lookup.accounts, (std::vector<UserIdentity>{Named(1, "alice"), Nobodys(6), Nobodys(7),
                                                        Named(8, "hal"), Nobodys(10)}));
  EXPECT_TRUE(lookup.has_learned);
  EXPECT_EQ(lookup.unknown.ids, 6u);
  EXPECT_EQ(lookup.unknown.unknown, 1u);
  // Users with rows do not count as learned.
  EXPECT_FALSE(LookUp({Uid(20)}, {Uid(20)}).has_learned);
}

TEST_F(NameLookupTest, WhoIsNotAskedForIsAskedForByALaterRun) {
  directory_.names = {{1, "a"}, {2, "b"}, {3, "c"}};
  directory_.answers = 2;
  NameLookup lookup = LookUp({Uid(1), Uid(2), Uid(3)});
  EXPECT_EQ(lookup.accounts,
            (std::vector<UserIdentity>{Named(1, "a"), Named(2, "b"), Unresolved(3)}));
  EXPECT_EQ(lookup.unknown.reasons, std::vector<std::string>{"no time"});
  lookup = LookUp({Uid(1), Uid(2)}, {Uid(3)});
  EXPECT_EQ(directory_.asked, Ids{3});
  EXPECT_EQ(lookup.accounts,
            (std::vector<UserIdentity>{Named(1, "a"), Named(2, "b"), Named(3, "c")}));
  EXPECT_TRUE(lookup.has_learned);
}

TEST(UnresolvedUsersTest, AreThoseOfWhomNothingIsKnownLaterNorANameBefore) {
  const std::vector<std::vector<UserIdentity>> lists = {
      {Unresolved(1), Unresolved(2), Unresolved(3), Named(4, "d"), Nobodys(5), Unresolved(7)},
      {Nobodys(2), Named(3, "c"), Unresolved(4), Unresolved(5), Named(6, "f")},
      {Nobodys(6), Unresolved(6), Unresolved(3)}};
  std::vector<const std::vector<UserIdentity>*> pointers;
  for (const auto& list : lists) pointers.push_back(&list);
  EXPECT_EQ(UnresolvedUsers(pointers), (std::set<Uid>{Uid(1), Uid(5), Uid(7)}));
  EXPECT_EQ(UnresolvedUsers({}), std::set<Uid>());
}

}  // namespace
}  // namespace cpuagg::aggregate
