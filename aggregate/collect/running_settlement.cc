#include "aggregate/collect/running_settlement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "acct/record/units.h"
#include "aggregate/store/common_bucket_policy.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

// User and system time.
constexpr size_t kComponents = 2;
using TickChange = std::array<int64_t, kComponents>;

// Real sums are far smaller; those of a forged file are limited to this.
constexpr int64_t kMostTicks = int64_t{1} << 60;

int64_t Sum(int64_t a, int64_t b) { return std::clamp(a + b, -kMostTicks, kMostTicks); }

int64_t Limited(int64_t ticks) { return std::clamp(ticks, -kMostTicks, kMostTicks); }
int64_t Limited(uint64_t ticks) {
  return static_cast<int64_t>(std::min(ticks, static_cast<uint64_t>(kMostTicks)));
}

// The store's content in one bucket, at acct::kTicksPerSecond: running time has no other rate.
struct Cell {
  TickChange all = {};      // of records and running processes
  TickChange running = {};  // the part counted for running processes

  void Add(const Usage& usage) {
    Add(0, Limited(usage.running_user));
    Add(1, Limited(usage.running_system));
    all[0] = Sum(all[0], Limited(usage.ticks.user));
    all[1] = Sum(all[1], Limited(usage.ticks.system));
  }
  void Add(size_t component, int64_t ticks) {
    all[component] = Sum(all[component], ticks);
    running[component] = Sum(running[component], ticks);
  }
  int64_t Spare(size_t component, bool only_running) const {
    const int64_t spare =
        only_running ? std::min(all[component], running[component]) : all[component];
    return std::max<int64_t>(spare, 0);
  }
};

// How much of each component `usage` can give.
TickChange SpareOf(const Usage& usage) {
  Cell cell;
  cell.Add(usage);
  return {cell.Spare(0, false), cell.Spare(1, false)};
}

// A place to search, best first.
struct Step {
  enum class Commands { kSame, kOthers, kAll } commands;
  bool only_running;
};
constexpr std::array kSteps = {
    Step{Step::Commands::kSame, true},  Step{Step::Commands::kOthers, true},
    Step{Step::Commands::kSame, false}, Step{Step::Commands::kOthers, false},
    Step{Step::Commands::kAll, true},   Step{Step::Commands::kAll, false},
};

// The store's content for the users from whom something is subtracted, and the changes. Accounts
// are numbers of a UserHistory.
class Ledger {
 public:
  explicit Ledger(const BucketPolicy& policy) : buckets_(policy) {}

  // Sets the account that gets what is moved to `uid`.
  void SetCurrentAccount(acct::Uid uid, uint32_t account) { current_[uid] = account; }

  void AddUser(acct::Uid uid, uint32_t account, int64_t begin, const Usage& usage) {
    cells_[uid].users[account][buckets_.CoarserUser(begin)].Add(usage);
  }
  void AddCommand(acct::Uid uid, uint32_t account, int64_t begin, const CommandBits& command,
                  const Usage& usage) {
    cells_[uid].commands[{buckets_.CoarserCommand(begin), account}][command].Add(usage);
  }

  // Makes the correction in buckets that begin at `since` or later, and leaves in it what was not
  // found.
  void Make(Correction& correction, int64_t since) {
    for (size_t component = 0; component < kComponents; ++component) {
      uint64_t& left = component == 0 ? correction.user_ticks : correction.system_ticks;
      const int64_t wanted = Limited(left);
      int64_t missing = wanted;
      for (const Step& step : kSteps) {
        if (missing > 0) missing -= TakeFrom(step, correction, component, missing, since);
      }
      left -= static_cast<uint64_t>(wanted - missing);
    }
  }

  SettledRows Rows(const std::vector<UserIdentity>& book) {
    // Old names first. See SettledRows.
    std::set<std::pair<bool, uint32_t>> touched;
    const auto touch = [&](uint32_t account) {
      const uint32_t current = current_.at(book[account].uid);
      touched.insert({account == current, account});
      touched.insert({true, current});
    };
    for (const auto& [place, ticks] : user_changes_) touch(place.account);
    for (const auto& [key, ticks] : command_changes_) touch(key.first.account);
    SettledRows rows;
    std::map<uint32_t, uint32_t> numbers;
    for (const auto& [is_current, account] : touched) {
      numbers[account] = static_cast<uint32_t>(rows.accounts.size());
      rows.accounts.push_back(book[account]);
    }
    const auto usage_of = [](const TickChange& ticks) {
      Usage usage;
      usage.running_user = ticks[0];
      usage.running_system = ticks[1];
      return usage;
    };
    for (const auto& [place, ticks] : user_changes_) {
      rows.users.push_back({.begin = place.begin,
                            .end = buckets_.EndOfUser(place.begin),
                            .account = numbers[place.account],
                            .usage = usage_of(ticks)});
    }
    for (const auto& [key, ticks] : command_changes_) {
      rows.commands.push_back({.begin = key.first.begin,
                               .end = buckets_.EndOfCommand(key.first.begin),
                               .account = numbers[key.first.account],
                               .command = key.second,
                               .usage = usage_of(ticks)});
    }
    return rows;
  }

 private:
  struct Place {
    int64_t begin;
    uint32_t account;

    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Cells {
    std::map<uint32_t, std::map<int64_t, Cell>> users;  // by account and bucket
    std::map<Place, std::map<CommandBits, Cell>> commands;
  };

  int64_t TakeFrom(const Step& step, const Correction& correction, size_t component, int64_t most,
                   int64_t since) {
    const bool is_same_user =
        correction.to.has_value() && correction.to->uid == correction.from.uid;
    // Do not take from another command of the same user.
    if (is_same_user && step.commands == Step::Commands::kAll) return 0;
    int64_t taken = 0;
    auto& places = cells_[correction.from.uid].commands;
    for (auto place = places.rbegin(); place != places.rend(); ++place) {
      if (place->first.begin < since || taken == most) break;
      const auto take = [&](const CommandBits& command, const Cell& cell) {
        const int64_t spare = std::min(most - taken, cell.Spare(component, step.only_running));
        if (spare == 0) return;
        const int64_t given =
            is_same_user ? spare : TakeFromUser(correction, place->first, component, spare);
        taken += given;
        Change(correction.from.uid, place->first, command, component, -given);
        if (!correction.to.has_value()) return;
        const uint32_t account =
            is_same_user ? place->first.account : current_.at(correction.to->uid);
        Change(correction.to->uid, {place->first.begin, account}, correction.to->command, component,
               given);
      };
      std::map<CommandBits, Cell>& commands = place->second;
      if (step.commands == Step::Commands::kAll) {
        for (const auto& [command, cell] : commands) take(command, cell);
        continue;
      }
      const auto found = commands.find(
          step.commands == Step::Commands::kSame ? correction.from.command : kOtherCommands);
      if (found != commands.end()) take(found->first, found->second);
    }
    return taken;
  }

  // The same from the user's buckets, limited to those that also have one of the user's commands.
  int64_t TakeFromUser(const Correction& correction, const Place& place, size_t component,
                       int64_t most) {
    std::map<int64_t, Cell>& cells = cells_[correction.from.uid].users[place.account];
    std::vector<std::pair<int64_t, Cell*>> latest_last;
    for (auto cell = cells.lower_bound(place.begin);
         cell != cells.end() && buckets_.CoarserCommand(cell->first) == place.begin; ++cell) {
      latest_last.emplace_back(cell->first, &cell->second);
    }
    int64_t taken = 0;
    for (const bool only_running : {true, false}) {
      for (auto cell = latest_last.rbegin(); cell != latest_last.rend(); ++cell) {
        const int64_t given = std::min(most - taken, cell->second->Spare(component, only_running));
        if (given == 0) continue;
        taken += given;
        Change(correction.from.uid, {cell->first, place.account}, component, -given);
        if (!correction.to.has_value()) continue;
        Change(correction.to->uid, {cell->first, current_.at(correction.to->uid)}, component,
               given);
      }
    }
    return taken;
  }

  void Change(acct::Uid uid, const Place& place, size_t component, int64_t ticks) {
    user_changes_[place][component] += ticks;
    const auto cells = cells_.find(uid);
    if (cells != cells_.end()) {
      cells->second.users[place.account][place.begin].Add(component, ticks);
    }
  }
  void Change(acct::Uid uid, const Place& place, const CommandBits& command, size_t component,
              int64_t ticks) {
    command_changes_[{place, command}][component] += ticks;
    const auto cells = cells_.find(uid);
    if (cells != cells_.end()) cells->second.commands[place][command].Add(component, ticks);
  }

  BucketFinder buckets_;
  std::map<acct::Uid, uint32_t> current_;
  std::map<acct::Uid, Cells> cells_;
  std::map<Place, TickChange> user_changes_;
  std::map<std::pair<Place, CommandBits>, TickChange> command_changes_;
};

// Subtracts what was too much from the run's own tables, if their bucket has all of it.
bool TakeFromRun(const Correction& correction, BucketFinder& buckets, UserBucketTable& usage,
                 CommandBucketTable& commands) {
  if (correction.to.has_value()) return false;
  const auto user = usage.find({correction.from.uid, correction.bucket});
  const CommandBucket key = {correction.from.uid, buckets.OfCommand(correction.bucket),
                             correction.from.command};
  const auto command = commands.find(key);
  if (user == usage.end() || command == commands.end()) return false;
  for (const TickChange& spare : {SpareOf(user->second), SpareOf(command->second)}) {
    if (correction.user_ticks > static_cast<uint64_t>(spare[0]) ||
        correction.system_ticks > static_cast<uint64_t>(spare[1])) {
      return false;
    }
  }
  for (Usage* const sums : {&usage[user->first], &commands[key]}) {
    sums->running_user -= static_cast<int64_t>(correction.user_ticks);
    sums->running_system -= static_cast<int64_t>(correction.system_ticks);
  }
  return true;
}

bool IsMade(const Correction& correction) {
  return correction.user_ticks == 0 && correction.system_ticks == 0;
}

}  // namespace

void AddGrowth(const CommandBucketTable& growth, BucketFinder& buckets, UserBucketTable& usage,
               CommandBucketTable& commands) {
  for (const auto& [key, change] : growth) {
    usage[{key.uid, key.begin}] += change;
    const int64_t begin = buckets.OfCommand(key.begin);
    Usage& sums = commands[{key.uid, begin, key.command}];
    sums += change;
    // If there are so many commands that the record's is among the others, the rest is there.
    Cell cell;
    cell.Add(sums);
    const int64_t user = std::min<int64_t>(cell.all[0], 0);
    const int64_t system = std::min<int64_t>(cell.all[1], 0);
    if (user == 0 && system == 0) continue;
    sums.running_user -= user;
    sums.running_system -= system;
    Usage& others = commands[{key.uid, begin, kOtherCommands}];
    others.running_user += user;
    others.running_system += system;
  }
}

absl::StatusOr<SettledRows> SettleCorrections(
    const SnapshotStore& store, absl::Span<const StoredSnapshot> snapshots,
    const SnapshotHeader& header, std::vector<Correction> corrections,
    const std::vector<UserIdentity>& known, UserBucketTable& usage, CommandBucketTable& commands) {
  BucketFinder own_buckets(header.policy);
  std::erase_if(corrections, [&](const Correction& correction) {
    return TakeFromRun(correction, own_buckets, usage, commands);
  });
  if (corrections.empty()) return SettledRows();

  UserHistory book;
  std::vector<std::vector<uint32_t>> accounts;  // for each snapshot, the numbers of its header's
                                                // accounts
  for (const StoredSnapshot& stored : snapshots) {
    std::vector<uint32_t>& numbers = accounts.emplace_back();
    for (const UserIdentity& account : stored.header.accounts) numbers.push_back(book.Add(account));
  }
  const BucketPolicy common = CommonBucketPolicy(header.policy, header.captured_at, snapshots);
  Ledger ledger(common);
  std::map<acct::Uid, uint32_t> current;
  std::set<acct::Uid> givers;
  for (const Correction& correction : corrections) {
    givers.insert(correction.from.uid);
    current.try_emplace(correction.from.uid);
    if (correction.to.has_value()) current.try_emplace(correction.to->uid);
  }
  for (const UserIdentity& account : known) {
    const auto found = current.find(account.uid);
    if (found != current.end()) found->second = book.Add(account);
  }
  // An unresolved account may be resolved by now.
  for (auto& [uid, account] : current) {
    account = book.Settled(account);
    ledger.SetCurrentAccount(uid, account);
  }
  for (std::vector<uint32_t>& numbers : accounts) {
    for (uint32_t& number : numbers) number = book.Settled(number);
  }
  for (const auto& [key, sums] : usage) {
    if (givers.contains(key.uid)) ledger.AddUser(key.uid, current[key.uid], key.begin, sums);
  }
  for (const auto& [key, sums] : commands) {
    if (!givers.contains(key.uid)) continue;
    ledger.AddCommand(key.uid, current[key.uid], key.begin, key.command, sums);
  }

  // From the earlier of the two bucket beginnings on, the loaded snapshots contain everything.
  constexpr int64_t kSlack = 60;
  int64_t oldest = std::numeric_limits<int64_t>::max();
  for (const Correction& correction : corrections) {
    oldest = std::min(oldest, std::max(correction.begin_time, kSlack) - kSlack);
  }
  BucketFinder buckets(common);
  std::vector<bool> is_loaded(snapshots.size());
  for (const int64_t since : {std::min(buckets.OfUser(oldest), buckets.OfCommand(oldest)),
                              std::numeric_limits<int64_t>::min()}) {
    for (size_t i = 0; i < is_loaded.size(); ++i) {
      const StoredSnapshot& stored = snapshots[i];
      if (is_loaded[i] || stored.header.buckets.empty() || stored.header.buckets.last_end < since) {
        continue;
      }
      is_loaded[i] = true;
      const absl::StatusOr<Snapshot> snapshot = store.Load(stored);
      // Reports leave it out too.
      if (absl::IsDataLoss(snapshot.status())) continue;
      if (!snapshot.ok()) return snapshot.status();
      const auto giver_of = [&](uint32_t number) -> std::optional<acct::Uid> {
        const UserIdentity& account = book.accounts()[accounts[i][number]];
        if (!givers.contains(account.uid)) return std::nullopt;
        // The usage of a user id before its first name cannot be attributed any more.
        const bool can_be_told =
            account.name.has_value() || accounts[i][number] == current[account.uid];
        return can_be_told ? std::optional(account.uid) : std::nullopt;
      };
      for (const UserRow& row : snapshot->users) {
        const std::optional<acct::Uid> uid = giver_of(row.account);
        if (uid.has_value()) ledger.AddUser(*uid, accounts[i][row.account], row.begin, row.usage);
      }
      for (const CommandRow& row : snapshot->commands) {
        const std::optional<acct::Uid> uid = giver_of(row.account);
        if (!uid.has_value()) continue;
        ledger.AddCommand(*uid, accounts[i][row.account], row.begin, row.command, row.usage);
      }
    }
    for (Correction& correction : corrections) ledger.Make(correction, since);
    if (std::all_of(corrections.begin(), corrections.end(), IsMade)) break;
  }
  return ledger.Rows(book.accounts());
}

}  // namespace cpuagg::aggregate
