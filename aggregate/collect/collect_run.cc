#include "aggregate/collect/collect_run.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/cpu_times.h"
#include "acct/kernel/process_table.h"
#include "acct/record/units.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/recognition.h"
#include "acct/rotation/rotation.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/collect/new_records.h"
#include "aggregate/collect/position.h"
#include "aggregate/collect/running_settlement.h"
#include "aggregate/collect/snapshot_rows.h"
#include "aggregate/collect/spread_window.h"
#include "aggregate/names/name_lookup.h"
#include "aggregate/names/name_memory.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/running/accounting_trust.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/running/machine_time.h"
#include "aggregate/running/running.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/accounting_gap.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/user_history.h"

namespace cpuagg::aggregate {
namespace {

// The users who may have rows in a run.
std::set<acct::Uid> UsersOf(const UserBucketTable& usage,
                            const std::vector<Correction>& corrections) {
  std::set<acct::Uid> users;
  for (const Correction& correction : corrections) {
    users.insert(correction.from.uid);
    if (correction.to.has_value()) users.insert(correction.to->uid);
  }
  for (const auto& [key, sums] : usage) users.insert(key.uid);
  return users;
}

// The ids that are unresolved in the whole store.
std::set<acct::Uid> PendingUsers(const StoreListing& listing) {
  std::vector<const std::vector<UserIdentity>*> lists;
  lists.reserve(listing.snapshots.size());
  for (const StoredSnapshot& stored : listing.snapshots) lists.push_back(&stored.header.accounts);
  return UnresolvedUsers(lists);
}

// One run, from the listing to the snapshot that would be published.
class Run {
 public:
  Run(const SnapshotStore& store, UserDirectory& directory, const CollectOptions& options,
      const Position& position)
      : store_(store), directory_(directory), options_(options), position_(position) {}

  absl::StatusOr<Draft> Prepare() {
    absl::StatusOr<std::optional<Draft>> again = PrepareAgain();
    if (!again.ok()) return again.status();
    if (again->has_value()) return **std::move(again);
    const uint64_t last_run = position_.last_run();
    // This run collects the runs of damaged snapshots again.
    absl::StatusOr<Draft> draft =
        PrepareFrom(position_.newest, last_run, position_.listing.last_run > last_run);
    if (!draft.ok()) return draft.status();
    if (!position_.newest.has_value() && position_.listing.last_run > 0) {
      draft->snapshot.header.gaps.push_back(
          {.period = {.begin = absl::InfinitePast(), .end = options_.now},
           .reason = "no snapshot of the store could be read; usage that is no longer in the "
                     "accounting file and its rotated generations is not counted"});
      draft->result.gaps = draft->snapshot.header.gaps;
    }
    return draft;
  }

 private:
  // Lists and reads, until no generation is replaced meanwhile.
  absl::StatusOr<std::pair<ConsistentListing, NewRecords>> Read(
      const std::vector<acct::Cursor>& cursors, const RunningBaseline& running,
      const BucketPolicy& policy, const SpreadWindow& window, const acct::AccountingProbe* probe) {
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
      absl::StatusOr<ConsistentListing> consistent =
          ListConsistently(options_.files, cursors, options_.read_processes);
      if (!consistent.ok()) return consistent.status();
      BucketTotals totals{.policy = policy, .window = window};
      totals.watched_pids = PidsToWatch(running, TableOf(*consistent));
      if (probe != nullptr) WatchFor(*probe, totals);
      absl::StatusOr<NewRecords> news =
          ReadNewRecords(*consistent, cursors, totals, options_.now, options_.progress);
      if (news.ok()) return std::pair(*std::move(consistent), *std::move(news));
      if (!absl::IsAborted(news.status())) return news.status();
    }
    return absl::UnavailableError(absl::StrCat(options_.files.path,
                                               ": kept changing while it was read (is it being "
                                               "rotated?); run again"));
  }

  static const acct::ProcessTable* TableOf(const ConsistentListing& consistent) {
    return consistent.processes.has_value() ? &*consistent.processes : nullptr;
  }

  // The snapshot of what came after `start`, which has the runs up to `last_run`.
  absl::StatusOr<Draft> PrepareFrom(const std::optional<Snapshot>& start, uint64_t last_run,
                                    bool collects_again) {
    const std::vector<acct::Cursor> cursors =
        start.has_value() ? start->cursors : std::vector<acct::Cursor>();
    RunningBaseline running = start.has_value() ? start->running : RunningBaseline();
    // Before the files are listed, so that its record is among those that are read.
    std::optional<absl::StatusOr<acct::AccountingProbe>> probe;
    if (options_.probe != nullptr) probe = options_.probe();
    const BucketPolicy policy =
        BucketPolicyAt(options_.now, options_.time_zone, options_.retention.days_of_hours);
    const SpreadWindow window =
        WindowSince(start.has_value() && !collects_again ? &*start : nullptr, options_.now);
    std::optional<absl::StatusOr<acct::CpuTimes>> cpu_times;
    if (options_.read_cpu_times != nullptr) cpu_times = options_.read_cpu_times();
    absl::StatusOr<std::pair<ConsistentListing, NewRecords>> read = Read(
        cursors, running, policy, window, probe.has_value() && probe->ok() ? &**probe : nullptr);
    if (!read.ok()) return read.status();
    auto& [consistent, news] = *read;

    Draft draft;
    CollectResult& result = draft.result;
    result.running_problem = std::move(consistent.running_problem);
    result.passed_over = std::move(consistent.passed_over);
    result.records = news.records;
    result.inputs = std::move(news.inputs);
    result.held = std::move(news.held);
    result.other_files = std::move(news.other_files);
    result.known_records = std::move(news.known);
    if (news.has_gap) result.gaps.push_back(GapSince(start->header.captured_at, news.cut_path));

    Snapshot& snapshot = draft.snapshot;
    snapshot.header = {.runs = {last_run + 1, position_.listing.last_run + 1},
                       .host = options_.host,
                       .captured_at = options_.now,
                       .policy = policy};
    snapshot.cursors = std::move(news.cursors);
    BucketTotals& totals = news.totals;
    const int64_t now = absl::ToUnixSeconds(options_.now);
    BucketFinder buckets(policy);
    RunningChanges running_changes;
    UsageSpread spread(policy, window);
    const size_t ran_before = running.processes.size();
    const acct::ProcessTable* table = TableOf(consistent);
    std::vector<ProcessExit> believed;
    // The records that wait may be those of processes that are gone, and of the probe.
    if (news.has_waiting) probe.reset();
    if (probe.has_value() && probe->ok()) {
      believed = BelievedExits(**probe, totals.exits, options_.is_written_to);
    }
    if (table != nullptr && probe.has_value()) {
      if (!probe->ok()) {
        result.running_problem = std::string(probe->status().message());
      } else {
        const auto why = options_.is_proc_named ? WhyNotOfNamed : WhyNotOf;
        result.running_problem = why(options_.files.path, **probe, *table, believed);
      }
      if (!result.running_problem.empty()) table = nullptr;
    }
    if (totals.records_without_pid == 0) {
      // Without a table, all that was seen before stays in the baseline.
      UpdateRunning(news.has_waiting ? nullptr : table, totals.exits, spread, running,
                    running_changes);
    } else {
      ForgetRunning(buckets.OfUser(now), running, running_changes);
      if (options_.read_processes != nullptr) {
        result.running_problem = "the records of this kernel have no process ids";
      }
      table = nullptr;
    }
    if (table != nullptr) {
      result.hidden_processes = table->hidden;
      result.running = running.processes.size();
    }
    const bool has_probe = probe.has_value() && probe->ok() && totals.records_without_pid == 0;
    const AccountingState before = AccountingBefore();
    std::optional<bool> has_record;
    if (has_probe) has_record = HasRecordOf(**probe, believed);
    if (has_record == false && before.kind == AccountingState::Kind::kOn &&
        options_.is_written_to != nullptr && options_.is_written_to()) {
      has_record.reset();
    }
    const AccountingFinding accounting =
        FindAccounting(has_record, totals, snapshot.cursors, consistent.generations);
    result.accounting = accounting.state;
    result.accounting_has_changed =
        accounting.state.kind != before.kind || accounting.state.since != before.since;
    snapshot.header.accounting = accounting.state;
    if (accounting.gap.has_value()) {
      AddTimeOff(*accounting.gap, SnapshotsUpTo(last_run), result.gaps);
    }
    // Of a file that the kernel was never seen to write, the machine may be another one.
    if (start.has_value()) snapshot.machine_counters = start->machine_counters;
    if (cpu_times.has_value() && (table != nullptr || accounting.state.was_on())) {
      MachineTimeFound found = CountOn(*cpu_times, now, buckets, snapshot.machine_counters);
      snapshot.header.machine_times = std::move(found.times);
      result.capacity_problem = std::move(found.problem);
    }
    snapshot.header.counts_running = table != nullptr && table->is_complete && !news.has_waiting;
    // Most processes sleep most of the time and change nothing. A process that is gone without a
    // record changes no sum, but no longer runs.
    const bool has_changes = running.processes.size() != ran_before ||
                             !running_changes.growth.empty() ||
                             !running_changes.corrections.empty();
    AddGrowth(running_changes.growth, buckets, totals.usage, totals.commands);
    NameMemory memory;
    if (options_.remember_names) memory = LoadNames(NamesPath(store_), options_.accounts_version);
    NameLookup names =
        LookUpNames(UsersOf(totals.usage, running_changes.corrections),
                    PendingUsers(position_.listing), directory_, options_.now, memory);
    result.unknown_names = std::move(names.unknown);
    if (options_.remember_names && names.memory_has_changed) draft.names = std::move(memory);
    draft.has_news =
        collects_again || !result.inputs.empty() || news.has_gap || snapshot.cursors != cursors ||
        has_changes || names.has_learned || result.accounting_has_changed ||
        (start.has_value() && start->header.counts_running != snapshot.header.counts_running);
    snapshot.header.span = totals.span;
    snapshot.header.gaps = result.gaps;
    snapshot.inputs = result.inputs;
    snapshot.running = std::move(running);
    if (draft.has_news) {
      absl::StatusOr<SettledRows> settled = SettleCorrections(
          store_, SnapshotsUpTo(last_run), snapshot.header, std::move(running_changes.corrections),
          names.accounts, totals.usage, totals.commands);
      if (!settled.ok()) return settled.status();
      FillSnapshotRows(totals.usage, totals.commands, *std::move(settled), names.accounts, buckets,
                       snapshot);
    }
    return draft;
  }

  AccountingState AccountingBefore() const {
    return position_.newest.has_value() ? position_.newest->header.accounting : AccountingState();
  }

  // `cursors` show how far everything has been read.
  AccountingFinding FindAccounting(std::optional<bool> has_probe, const BucketTotals& totals,
                                   const std::vector<acct::Cursor>& cursors,
                                   const std::vector<acct::Generation>& generations) const {
    AccountingEvidence evidence{.now = options_.now,
                                .booted_at = options_.booted_at,
                                .before = AccountingBefore(),
                                .has_probe = has_probe,
                                .is_for_this_machine = options_.read_processes != nullptr,
                                .is_vouched_for = options_.is_proc_named};
    if (position_.newest.has_value()) evidence.before_at = position_.newest->header.captured_at;
    if (!totals.span.empty()) {
      evidence.new_ends = {absl::FromUnixSeconds(totals.first_end),
                           absl::FromUnixSeconds(totals.span.last_end)};
      evidence.last_end = evidence.new_ends->end;
    }
    for (const acct::Cursor& cursor : cursors) {
      if (cursor.last_end_seconds == 0) continue;
      evidence.last_end =
          std::max(evidence.last_end, absl::FromUnixSeconds(cursor.last_end_seconds));
    }
    evidence.holds_other_bytes =
        std::any_of(generations.begin(), generations.end(), [](const acct::Generation& generation) {
          return generation.is_current && generation.size > 0;
        });
    AccountingFinding finding = JudgeAccounting(evidence);
    if (finding.state.seems_off()) {
      finding.state.remedy = AccountingRemedy(options_.files.path, options_.accounting_limits);
    }
    return finding;
  }

  // The snapshots from which this run continues, and which it does not replace.
  absl::Span<const StoredSnapshot> SnapshotsUpTo(uint64_t last_run) const {
    const absl::Span<const StoredSnapshot> all = position_.listing.snapshots;
    size_t count = 0;
    while (count < all.size() && all[count].header.runs.last <= last_run) ++count;
    return all.subspan(0, count);
  }

  Gap GapSince(absl::Time last_run, const std::string& cut_path) const {
    // The clock may have been set back.
    return {.period = {.begin = std::min(last_run, options_.now),
                       .end = std::max(last_run, options_.now)},
            .reason =
                cut_path.empty()
                    ? absl::StrCat("the accounting file that was read last is neither ",
                                   options_.files.path, " ", kFileIsGone,
                                   "; what was added to it since is unknown")
                    : absl::StrCat(cut_path,
                                   " was cut off inside the part that had been read already; what "
                                   "was added to it before that is unknown")};
  }

  // If runs of the last days are missing inside the store, reads everything since then again.
  // nullopt if none are missing, or if not everything still exists.
  absl::StatusOr<std::optional<Draft>> PrepareAgain() {
    const std::optional<size_t> before = SnapshotsBeforeHole(position_.listing);
    if (!before.has_value() || !position_.newest.has_value()) return std::optional<Draft>();
    // Only records that come now can end the gap, and only a run that continues finds it.
    if (AccountingBefore().seems_off()) return std::optional<Draft>();
    std::optional<Snapshot> start;
    if (*before > 0) {
      absl::StatusOr<Snapshot> loaded = store_.Load(position_.listing.snapshots[*before - 1]);
      if (!loaded.ok()) return std::optional<Draft>();
      start = *std::move(loaded);
    }
    const absl::StatusOr<bool> is_there = IsAllThere(start);
    if (!is_there.ok()) return is_there.status();
    if (!*is_there) return std::optional<Draft>();
    absl::StatusOr<Draft> draft =
        PrepareFrom(start, start.has_value() ? start->header.runs.last : 0, true);
    if (!draft.ok()) return draft.status();
    if (!draft->result.gaps.empty()) return std::optional<Draft>();
    const absl::StatusOr<bool> is_covered = TakesPlaceOf(*before, draft->snapshot);
    if (!is_covered.ok()) return is_covered.status();
    if (!*is_covered) return std::optional<Draft>();
    draft->result.read_again = Runs{draft->snapshot.header.runs.first, position_.listing.last_run};
    return std::optional<Draft>(*std::move(draft));
  }

  // Whether every generation that was read after `start` still exists.
  absl::StatusOr<bool> IsAllThere(const std::optional<Snapshot>& start) const {
    const std::vector<acct::Cursor>& cursors = position_.newest->cursors;
    absl::StatusOr<acct::GenerationListing> listing =
        acct::ListGenerations(options_.files, cursors);
    if (!listing.ok()) return listing.status();
    const absl::StatusOr<std::vector<acct::KnownGeneration>> known =
        acct::Recognise(listing->generations, cursors);
    if (absl::IsAborted(known.status())) return false;
    if (!known.ok()) return known.status();
    const std::vector<bool> is_present = acct::PresentCursors(cursors, *known);
    for (size_t c = 0; c < cursors.size(); ++c) {
      const auto was_read = [&](const acct::Cursor& cursor) {
        return cursor.offset == cursors[c].offset &&
               absl::StartsWith(cursor.head, cursors[c].head) &&
               absl::EndsWith(cursor.tail, cursors[c].tail);
      };
      const bool was_read_before =
          start.has_value() && std::any_of(start->cursors.begin(), start->cursors.end(), was_read);
      if (!is_present[c] && !was_read_before) return false;
    }
    return true;
  }

  // Whether `again` has at least as much for every user as the snapshots from number `first` on. A
  // process that was seen running and left no record is only in those. Takes over their gaps.
  absl::StatusOr<bool> TakesPlaceOf(size_t first, Snapshot& again) const {
    struct Sum {
      uint64_t processes = 0;
      int64_t ticks = 0;
    };
    const auto add = [](const Snapshot& snapshot, std::map<acct::Uid, Sum>& sums) {
      for (const UserRow& row : snapshot.users) {
        Sum& sum = sums[snapshot.header.accounts[row.account].uid];
        sum.processes += row.usage.processes;
        sum.ticks += static_cast<int64_t>(row.usage.ticks.user + row.usage.ticks.system) +
                     row.usage.running_user + row.usage.running_system;
      }
    };
    std::map<acct::Uid, Sum> now;
    std::map<acct::Uid, Sum> before;
    add(again, now);
    for (size_t i = first; i < position_.listing.snapshots.size(); ++i) {
      const StoredSnapshot& stored = position_.listing.snapshots[i];
      const absl::StatusOr<Snapshot> snapshot = store_.Load(stored);
      if (!snapshot.ok()) return false;
      add(*snapshot, before);
      again.header.gaps.insert(again.header.gaps.end(), stored.header.gaps.begin(),
                               stored.header.gaps.end());
    }
    return std::all_of(before.begin(), before.end(), [&](const auto& entry) {
      const Sum& sum = now[entry.first];
      return sum.processes >= entry.second.processes && sum.ticks >= entry.second.ticks;
    });
  }

  const SnapshotStore& store_;
  UserDirectory& directory_;
  const CollectOptions& options_;
  const Position& position_;
};

}  // namespace

absl::StatusOr<Draft> PrepareRun(const SnapshotStore& store, UserDirectory& directory,
                                 const CollectOptions& options, const Position& position) {
  return Run(store, directory, options, position).Prepare();
}

}  // namespace cpuagg::aggregate
