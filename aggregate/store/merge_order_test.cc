// Snapshots of runs that saw users with names, without, or could not find out, merged in any order:
// who used what stays the same. A history that fails is shortened, and says how to play it again
// (acct/testing/histories.h).

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/testing/histories.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"
#include "aggregate/usage/user_history.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::Draws;
using acct::testing::Failures;
using acct::testing::PlayHistories;

absl::Time Hour(uint64_t number) {
  return absl::FromUnixSeconds(1'795'132'800) + absl::Hours(static_cast<int64_t>(number));
}

// In which each account used something in one hour. The numbers of processes are powers of two, so
// that a sum shows which rows it contains.
Snapshot SnapshotOf(uint64_t run, std::vector<UserIdentity> accounts) {
  Snapshot snapshot;
  snapshot.header = {.runs = {run, run}, .host = "lab", .captured_at = Hour(run)};
  const int64_t begin = absl::ToUnixSeconds(Hour(run));
  snapshot.header.span.Cover(begin, begin + 60);
  const Usage usage = {.processes = uint64_t{1} << run, .ticks = {.user = 100}};
  for (uint32_t account = 0; account < accounts.size(); ++account) {
    snapshot.users.push_back({begin, begin + 3600, account, usage});
    snapshot.commands.push_back({begin, begin + 3600, account, CommandBitsOf("sh"), usage});
  }
  snapshot.header.accounts = std::move(accounts);
  snapshot.cursors = {{.offset = run}};
  return snapshot;
}

// The processes of every account, by uid and name: "-" for no name, and "?" for an unknown one.
std::map<std::string, uint64_t> ProcessesOf(const std::vector<Snapshot>& history) {
  UserHistory book;
  std::vector<std::pair<uint32_t, uint64_t>> used;
  for (const Snapshot& snapshot : history) {
    std::vector<uint32_t> places;
    for (const UserIdentity& account : snapshot.header.accounts)
      places.push_back(book.Add(account));
    for (const UserRow& row : snapshot.users) {
      used.emplace_back(places[row.account], row.usage.processes);
    }
  }
  std::map<std::string, uint64_t> processes;
  for (const auto& [place, count] : used) {
    const UserIdentity& account = book.accounts()[book.Settled(place)];
    processes[absl::StrCat(account.uid.value(), account.is_unresolved ? "?" : "-",
                           account.name.value_or(""))] += count;
  }
  return processes;
}

// A run that saw users 1 to 3, or a merge.
struct Step {
  enum class Account { kAbsent, kAlice, kBob, kNameless, kUnresolved };

  bool is_merge = false;
  std::array<Account, 3> accounts = {};
  // Of the snapshots merged; the remainders of the division by what is possible.
  uint32_t first = 0;
  uint32_t others = 0;

  friend std::ostream& operator<<(std::ostream& out, const Step& step) {
    if (step.is_merge) return out << "merge (" << step.first << ", " << step.others << ")";
    constexpr const char* kNames[] = {"absent", "alice", "bob", "nameless", "unresolved"};
    out << "run:";
    for (const Account account : step.accounts) out << ' ' << kNames[static_cast<int>(account)];
    return out;
  }
};

std::vector<Step> MakeSteps(uint64_t seed) {
  Draws draws(seed);
  using Account = Step::Account;
  constexpr Account kAccounts[] = {Account::kAbsent,   Account::kAlice,      Account::kBob,
                                   Account::kNameless, Account::kUnresolved, Account::kUnresolved};
  constexpr int kRuns = 12;
  std::vector<Step> steps;
  for (int run = 0; run < kRuns; ++run) {
    Step& step = steps.emplace_back();
    for (Account& account : step.accounts) account = kAccounts[draws.Below(6)];
  }
  for (int merge = 1; merge < kRuns; ++merge) {
    steps.push_back({.is_merge = true, .first = draws.Below(1000), .others = draws.Below(1000)});
  }
  return steps;
}

void PlayMerges(const std::vector<Step>& steps, const Failures& failures) {
  const BucketPolicy policy = BucketPolicyAt(Hour(72), absl::UTCTimeZone(), 35);
  std::vector<Snapshot> history;
  std::map<std::string, uint64_t> expected;
  for (const Step& step : steps) {
    if (!step.is_merge) {
      const uint64_t run = history.size() + 1;
      std::vector<UserIdentity> accounts;
      for (uint32_t uid = 1; uid <= 3; ++uid) {
        const Step::Account what = step.accounts[uid - 1];
        if (what == Step::Account::kAbsent) continue;
        UserIdentity account{.uid = Uid(uid), .is_unresolved = what == Step::Account::kUnresolved};
        if (what == Step::Account::kAlice) account.name = "alice";
        if (what == Step::Account::kBob) account.name = "bob";
        accounts.push_back(account);
      }
      history.push_back(SnapshotOf(run, std::move(accounts)));
      expected = ProcessesOf(history);
      continue;
    }
    if (history.size() < 2) continue;
    const size_t begin = step.first % (history.size() - 1);
    const size_t end = begin + 2 + step.others % (history.size() - begin - 1);
    const auto first = history.begin() + static_cast<ptrdiff_t>(begin);
    const auto last = history.begin() + static_cast<ptrdiff_t>(end);
    Snapshot merged = Merged(std::vector<Snapshot>(first, last), MergeLevel::kDay, {}, policy);
    history.erase(first + 1, last);
    // Encoding and decoding change nothing.
    absl::StatusOr<Snapshot> decoded = DecodeSnapshot(EncodeSnapshot(merged), "merged.pb");
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    *first = *std::move(decoded);
    EXPECT_EQ(ProcessesOf(history), expected) << begin << " to " << end;
    if (failures.any()) return;
  }
}

TEST(MergeOrderTest, WhoUsedWhatDoesNotDependOnWhatIsMergedWhen) {
  PlayHistories<Step>(500, MakeSteps,
                      [](uint64_t, const std::vector<Step>& steps, const Failures& failures) {
                        PlayMerges(steps, failures);
                      });
}

}  // namespace
}  // namespace cpuagg::aggregate
