#include "aggregate/store/forgetting.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/rotation/cursor.h"
#include "aggregate/buckets/usage_rows.h"
#include "aggregate/report/report.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/running/running_baseline.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/usage/grouping.h"

namespace cpuagg::aggregate {
namespace {

// Finds whose usage is meant, and takes it out of snapshots.
class Eraser {
 public:
  Eraser(const Forgetting& what, absl::Span<const StoredSnapshot> snapshots) : what_(what) {
    for (const StoredSnapshot& stored : snapshots) {
      std::vector<uint32_t>& places = places_.emplace_back();
      for (const UserIdentity& account : stored.header.accounts) {
        places.push_back(history_.Add(account));
      }
    }
    for (const UserIdentity& user : history_.accounts()) {
      if (user.name.has_value()) is_name_.insert(*user.name);
    }
    for (const std::vector<uint32_t>& places : places_) {
      for (const uint32_t place : places) {
        const UserIdentity& user = history_.accounts()[history_.Settled(place)];
        has_meant_id_[user.uid] = IsMeant(user);
      }
    }
  }

  // Takes it out of `snapshot`, the one of number `index`. Returns whether there was any.
  bool Erase(size_t index, Snapshot& snapshot, Forgotten& forgotten) const {
    std::vector<bool> is_meant;
    for (const uint32_t place : places_[index]) {
      const UserIdentity& user = history_.accounts()[history_.Settled(place)];
      is_meant.push_back(IsMeant(user));
      const bool is_known =
          std::find(forgotten.users.begin(), forgotten.users.end(), user) != forgotten.users.end();
      if (!what_.users.empty() && is_meant.back() && !is_known) forgotten.users.push_back(user);
    }
    const size_t before = snapshot.users.size();
    for (const UserRow& row : snapshot.users) Add(row, is_meant[row.account], forgotten);
    const auto goes = [&](const auto& row) { return is_meant[row.account] && IsOver(row.end); };
    std::erase_if(snapshot.users, goes);
    std::erase_if(snapshot.commands, goes);
    bool has_changed = snapshot.users.size() < before;
    if (has_changed) EqualiseCommands(snapshot);
    if (what_.users.empty()) {
      if (!has_changed && snapshot.expired.empty()) return false;
      ForgetTime(snapshot);
    }
    has_changed |= EraseRunning(snapshot.running);
    has_changed |= std::erase_if(snapshot.expired,
                                 [&](const ExpiredUsage& each) { return IsMeant(each.user); }) > 0;
    has_changed |= DropAccounts(is_meant, snapshot);
    return has_changed;
  }

  // Adds the records in the marks of cursors that are meant.
  void AddRecords(absl::Span<const acct::Cursor> cursors, std::set<std::string>& records) const {
    for (const acct::Cursor& cursor : cursors) {
      for (const std::string* mark : {&cursor.head, &cursor.tail}) {
        for (size_t at = 0; at + acct::kRecordBytes <= mark->size(); at += acct::kRecordBytes) {
          const std::string bytes = mark->substr(at, acct::kRecordBytes);
          const std::optional<acct::RecordView> record = acct::RecordAt(
              {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, acct::RecordFormat());
          if (record.has_value() && IsMeant(*record)) records.insert(bytes);
        }
      }
    }
  }

  // What has been counted for processes is no longer there, so it must not be taken away when they
  // end. Of an id that was used again, they belong to the last account.
  bool EraseRunning(RunningBaseline& running) const {
    if (what_.users.empty() || what_.before.has_value()) return false;
    return std::erase_if(running.processes, [&](const CountedProcess& process) {
             const auto found = has_meant_id_.find(process.uid);
             return found != has_meant_id_.end() && found->second;
           }) > 0;
  }

 private:
  bool IsMeant(const UserIdentity& user) const {
    return what_.users.empty() ||
           std::any_of(what_.users.begin(), what_.users.end(), [&](const std::string& asked) {
             return is_name_.contains(asked) ? user.name == asked
                                             : IsUser(asked, user.uid, user.name);
           });
  }

  bool IsMeant(const acct::RecordView& record) const {
    if (what_.before.has_value() &&
        absl::FromUnixMillis(record.end_hundredths() * 10) > *what_.before) {
      return false;
    }
    return what_.users.empty() ||
           std::any_of(
               history_.accounts().begin(), history_.accounts().end(),
               [&](const UserIdentity& user) { return user.uid == record.uid() && IsMeant(user); });
  }

  // Commands are kept for longer stretches than users, which begin before `before` and end after
  // it. What is left of such an account is no longer known by command.
  static void EqualiseCommands(Snapshot& snapshot) {
    const size_t accounts = snapshot.header.accounts.size();
    std::vector<Usage> by_user(accounts);
    std::vector<Usage> by_command(accounts);
    for (const UserRow& row : snapshot.users) by_user[row.account] += row.usage;
    for (const CommandRow& row : snapshot.commands) by_command[row.account] += row.usage;
    const auto differs = [&](uint32_t account) {
      const auto sums = [](const Usage& usage) {
        return std::tuple(usage.processes, usage.cpu_time(), usage.elapsed(), usage.memory_kib,
                          usage.running_user, usage.running_system);
      };
      return sums(by_user[account]) != sums(by_command[account]);
    };
    std::erase_if(snapshot.commands, [&](const CommandRow& row) { return differs(row.account); });
    for (const UserRow& row : snapshot.users) {
      if (!differs(row.account)) continue;
      snapshot.commands.push_back({.begin = row.begin,
                                   .end = row.end,
                                   .account = row.account,
                                   .command = kOtherCommands,
                                   .usage = row.usage});
    }
    snapshot.commands = Joined(std::move(snapshot.commands));
  }

  bool IsOver(int64_t end) const {
    return !what_.before.has_value() || absl::FromUnixSeconds(end) <= *what_.before;
  }

  void Add(const UserRow& row, bool is_meant, Forgotten& forgotten) const {
    if (!is_meant) return;
    const Period time{absl::FromUnixSeconds(row.begin), absl::FromUnixSeconds(row.end)};
    if (!IsOver(row.end)) {
      if (time.begin < *what_.before) {
        forgotten.kept_until = std::max(forgotten.kept_until.value_or(time.end), time.end);
      }
      return;
    }
    forgotten.usage += row.usage;
    Period& period =
        forgotten.period.has_value() ? *forgotten.period : forgotten.period.emplace(time);
    period.begin = std::min(period.begin, time.begin);
    period.end = std::max(period.end, time.end);
  }

  // The time before is no longer known.
  void ForgetTime(Snapshot& snapshot) const {
    SnapshotHeader& header = snapshot.header;
    std::erase_if(header.gaps, [&](const Gap& gap) { return gap.period.end <= *what_.before; });
    std::erase_if(header.machine_times, [&](const MachineTime& time) { return IsOver(time.end); });
    if (snapshot.users.empty()) {
      header.span = TimeSpan();
      snapshot.inputs.clear();
    } else {
      header.span.first_begin =
          std::max(header.span.first_begin, absl::ToUnixSeconds(*what_.before));
    }
  }

  // Drops the accounts that are meant and have no more rows.
  static bool DropAccounts(const std::vector<bool>& is_meant, Snapshot& snapshot) {
    std::vector<bool> is_used(is_meant.size());
    for (const UserRow& row : snapshot.users) is_used[row.account] = true;
    for (const CommandRow& row : snapshot.commands) is_used[row.account] = true;
    std::vector<UserIdentity>& accounts = snapshot.header.accounts;
    std::vector<uint32_t> moved(accounts.size());
    uint32_t kept = 0;
    for (size_t i = 0; i < accounts.size(); ++i) {
      if (is_meant[i] && !is_used[i]) continue;
      moved[i] = kept;
      if (kept != i) accounts[kept] = std::move(accounts[i]);
      ++kept;
    }
    if (kept == accounts.size()) return false;
    accounts.resize(kept);
    for (UserRow& row : snapshot.users) row.account = moved[row.account];
    for (CommandRow& row : snapshot.commands) row.account = moved[row.account];
    return true;
  }

  const Forgetting& what_;
  UserHistory history_;
  std::map<acct::Uid, bool> has_meant_id_;     // whether its last account is meant
  std::set<std::string> is_name_;              // digits may be a name and the id of somebody else
  std::vector<std::vector<uint32_t>> places_;  // for each snapshot, those of its accounts
};

// A run that only writes down what is deleted. Collectors that have begun before see that the store
// has changed, and start again.
Snapshot NoteOf(const Forgetting& what, const Forgotten& forgotten, uint64_t run,
                const Eraser& eraser, Snapshot newest) {
  const SnapshotHeader& last = newest.header;
  Snapshot note{.header = {.runs = {run, run},
                           .host = last.host,
                           .captured_at = last.captured_at,
                           .policy = last.policy,
                           .counts_running = last.counts_running,
                           .accounting = last.accounting},
                .cursors = std::move(newest.cursors),
                .running = std::move(newest.running),
                .machine_counters = std::move(newest.machine_counters)};
  eraser.EraseRunning(note.running);
  if (forgotten.period.has_value()) {
    note.header.gaps.push_back({.period = *forgotten.period, .reason = what.reason});
  }
  return note;
}

}  // namespace

bool IsDeletion(const Gap& gap) { return absl::EndsWith(gap.reason, kByForget); }

bool IsDeletionOfSome(const Gap& gap) {
  return IsDeletion(gap) && absl::StartsWith(gap.reason, kWhatSomeUsed);
}

absl::StatusOr<Forgotten> Forget(const SnapshotStore& store, const Forgetting& what) {
  const absl::StatusOr<acct::FileLock> lock = store.Lock(what.lock_timeout);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) return listing.status();
  const std::vector<StoredSnapshot>& snapshots = listing->snapshots;
  Forgotten forgotten;
  for (const DamagedSnapshot& damaged : listing->damaged) {
    forgotten.unreadable.push_back(damaged.path);
  }
  const Eraser eraser(what, snapshots);
  std::vector<size_t> changed;
  std::set<std::string> records;
  for (size_t i = 0; i < snapshots.size(); ++i) {
    absl::StatusOr<Snapshot> snapshot = store.Load(snapshots[i]);
    if (!snapshot.ok()) return snapshot.status();
    if (eraser.Erase(i, *snapshot, forgotten)) changed.push_back(i);
    eraser.AddRecords(snapshot->cursors, records);
  }
  forgotten.records_in_cursors = records.size();
  forgotten.snapshots = changed.size();
  if (what.is_dry_run || changed.empty()) return forgotten;

  absl::StatusOr<Snapshot> newest = store.Load(snapshots.back());
  if (!newest.ok()) return newest.status();
  const absl::Status noted =
      store.Publish(NoteOf(what, forgotten, listing->last_run + 1, eraser, *std::move(newest)));
  if (!noted.ok() && !acct::WasPublished(noted)) return noted;
  for (const size_t i : changed) {
    absl::StatusOr<Snapshot> snapshot = store.Load(snapshots[i]);
    if (!snapshot.ok()) return snapshot.status();
    Forgotten again;
    eraser.Erase(i, *snapshot, again);
    Snapshot left = *std::move(snapshot);
    if (what.users.empty() && left.users.empty() && left.header.gaps.empty()) {
      const BucketPolicy policy = left.header.policy;
      std::vector<Snapshot> parts(1);
      std::swap(parts[0], left);
      left = Merged(std::move(parts), MergeLevel::kExpired, {}, policy);
    }
    const absl::Status replaced = store.Replace(absl::MakeConstSpan(&snapshots[i], 1), left);
    if (!replaced.ok()) return replaced;
  }
  // Older files that were merged already, but not removed because of a crash.
  if (absl::Status removed = store.Remove(listing->replaced); !removed.ok()) return removed;
  return forgotten;
}

}  // namespace cpuagg::aggregate
