#include "aggregate/collect/snapshot_rows.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/record/units.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/collect/running_settlement.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;
// The beginning of an hour, of a day and of a month.
constexpr int64_t kBegin = 1'704'067'200;  // 2024-01-01 00:00 UTC

Usage Processes(uint64_t count) { return {.processes = count}; }

UserIdentity Named(uint32_t uid, std::optional<std::string> name) {
  return {.uid = Uid(uid), .name = std::move(name)};
}

class SnapshotRowsTest : public ::testing::Test {
 protected:
  Snapshot Fill(SettledRows settled, const std::vector<UserIdentity>& known) const {
    BucketFinder buckets(policy_);
    Snapshot snapshot;
    FillSnapshotRows(usage_, commands_, std::move(settled), known, buckets, snapshot);
    return snapshot;
  }

  BucketPolicy policy_;
  UserBucketTable usage_;
  CommandBucketTable commands_;
};

TEST_F(SnapshotRowsTest, EachRowHasTheAccountOfItsUser) {
  usage_[{Uid(7), kBegin}] = Processes(3);
  usage_[{Uid(5), kBegin}] = Processes(2);
  commands_[{Uid(7), kBegin, CommandBitsOf("sh")}] = Processes(3);
  const Snapshot snapshot = Fill({}, {Named(5, "eve"), Named(7, std::nullopt)});
  EXPECT_EQ(snapshot.header.accounts,
            (std::vector<UserIdentity>{Named(5, "eve"), Named(7, std::nullopt)}));
  EXPECT_EQ(snapshot.users, (std::vector<UserRow>{
                                {kBegin, kBegin + kHour, 0, Processes(2)},
                                {kBegin, kBegin + kHour, 1, Processes(3)},
                            }));
  EXPECT_EQ(snapshot.commands, (std::vector<CommandRow>{
                                   {kBegin, kBegin + kHour, 1, CommandBitsOf("sh"), Processes(3)},
                               }));
}

TEST_F(SnapshotRowsTest, AnAccountThatTheSettledRowsHaveIsUsedAgain) {
  usage_[{Uid(7), kBegin}] = Processes(3);
  SettledRows settled;
  settled.accounts = {Named(9, "old"), Named(7, "zoe")};
  settled.users = {{kBegin, kBegin + kHour, 1, Processes(10)},
                   {kBegin, kBegin + kHour, 0, Processes(20)}};
  const Snapshot snapshot = Fill(std::move(settled), {Named(7, "zoe")});
  EXPECT_EQ(snapshot.header.accounts,
            (std::vector<UserIdentity>{Named(9, "old"), Named(7, "zoe")}));
  EXPECT_EQ(snapshot.users, (std::vector<UserRow>{
                                {kBegin, kBegin + kHour, 0, Processes(20)},
                                {kBegin, kBegin + kHour, 1, Processes(13)},
                            }));
}

// The current name has to be the latest one when the snapshot is read.
TEST_F(SnapshotRowsTest, AUserWithANewNameHasBothAndNewRowsHaveTheNewOne) {
  const UserIdentity unresolved = {.uid = Uid(7), .is_unresolved = true};
  for (const UserIdentity& now : {Named(7, "new"), Named(7, std::nullopt), unresolved}) {
    SCOPED_TRACE(absl::StrCat(now.name.value_or("none"), now.is_unresolved));
    usage_[{Uid(7), kBegin}] = Processes(3);
    commands_[{Uid(7), kBegin, CommandBitsOf("sh")}] = Processes(3);
    SettledRows settled;
    settled.accounts = {Named(7, "old")};
    settled.users = {{kBegin, kBegin + kHour, 0, Processes(1)}};
    settled.commands = {{kBegin, kBegin + kHour, 0, CommandBitsOf("sh"), Processes(1)}};
    const Snapshot snapshot = Fill(std::move(settled), {now});
    EXPECT_EQ(snapshot.header.accounts, (std::vector<UserIdentity>{Named(7, "old"), now}));
    ASSERT_EQ(snapshot.users.size(), 2u);
    EXPECT_EQ(snapshot.users[0].usage, Processes(1));
    EXPECT_EQ(snapshot.users[1].account, 1u);
    EXPECT_EQ(snapshot.users[1].usage, Processes(3));
    ASSERT_EQ(snapshot.commands.size(), 2u);
    EXPECT_EQ(snapshot.commands[0].usage, Processes(1));
    EXPECT_EQ(snapshot.commands[1].account, 1u);
  }
}

TEST_F(SnapshotRowsTest, OfSeveralSettledNamesTheLastIsTheCurrentOne) {
  usage_[{Uid(7), kBegin}] = Processes(3);
  SettledRows settled;
  settled.accounts = {Named(7, "old"), Named(7, "new")};
  EXPECT_EQ(Fill(settled, {Named(7, "new")}).users[0].account, 1u);
  EXPECT_EQ(Fill(settled, {Named(7, "new")}).header.accounts.size(), 2u);
  // A name that comes back is the latest one again.
  EXPECT_EQ(Fill(settled, {Named(7, "old")}).users[0].account, 2u);
}

TEST_F(SnapshotRowsTest, ABucketEndsAsThePolicyHasIt) {
  policy_.days_before = kBegin + kDay;
  policy_.command_days_before = kBegin + 32 * kDay;
  policy_.command_months_before = kBegin + kDay;
  for (const int64_t begin : {kBegin, kBegin + kDay}) {
    usage_[{Uid(7), begin}] = Processes(1);
  }
  for (const int64_t begin : {kBegin, kBegin + 31 * kDay, kBegin + 32 * kDay}) {
    commands_[{Uid(7), begin, CommandBitsOf("sh")}] = Processes(1);
  }
  const Snapshot snapshot = Fill({}, {Named(7, "zoe")});
  ASSERT_EQ(snapshot.users.size(), 2u);
  EXPECT_EQ(snapshot.users[0].end, kBegin + kDay);
  EXPECT_EQ(snapshot.users[1].end, kBegin + kDay + kHour);
  ASSERT_EQ(snapshot.commands.size(), 3u);
  EXPECT_EQ(snapshot.commands[0].end, kBegin + 31 * kDay);
  EXPECT_EQ(snapshot.commands[1].end, kBegin + 32 * kDay);
  EXPECT_EQ(snapshot.commands[2].end, kBegin + 32 * kDay + kHour);
}

TEST_F(SnapshotRowsTest, MoreCommandsThanAreKeptBecomeOthers) {
  for (uint64_t i = 0; i <= kCommandsKept; ++i) {
    Usage& usage = commands_[{Uid(7), kBegin, CommandBitsOf(absl::StrCat("job", i))}];
    usage.processes = 1;
    usage.ticks.user = 100 - i;
  }
  const Snapshot snapshot = Fill({}, {Named(7, "zoe")});
  ASSERT_EQ(snapshot.commands.size(), kCommandsKept + 1);
  uint64_t others = 0;
  for (const CommandRow& row : snapshot.commands) {
    if (row.command != kOtherCommands) continue;
    ++others;
    EXPECT_EQ(row.usage.ticks.user, 100 - kCommandsKept);
  }
  EXPECT_EQ(others, 1u);
}

}  // namespace
}  // namespace cpuagg::aggregate
