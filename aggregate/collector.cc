#include "aggregate/collector.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/cursor.h"
#include "acct/process_table.h"
#include "acct/read_plan.h"
#include "acct/rotation.h"
#include "aggregate/account_book.h"
#include "aggregate/aggregator.h"
#include "aggregate/resolution.h"
#include "aggregate/running.h"
#include "aggregate/running_settlement.h"
#include "aggregate/segment.h"
#include "aggregate/sight.h"
#include "aggregate/snapshot.h"
#include "aggregate/usage_rows.h"

namespace cpuagg::aggregate {
namespace {

// The cursors of all generations: `read` are those of the ones that were read now, newest first and
// by the index of the cursor that they replace; the others of `previous` are kept. Those whose
// generation is gone come last, and are forgotten in the end.
std::vector<acct::Cursor> NextCursors(const std::vector<acct::Cursor>& previous,
                                      const std::vector<acct::KnownGeneration>& generations,
                                      const std::vector<std::optional<acct::Cursor>>& read) {
  constexpr size_t kMostRemembered = 100;
  std::vector<acct::Cursor> next;
  std::vector<bool> is_kept(previous.size());
  for (size_t g = 0; g < generations.size(); ++g) {
    const std::optional<size_t> known = generations[g].cursor;
    if (read[g].has_value()) {
      next.push_back(*read[g]);
      if (known.has_value()) is_kept[*known] = true;
    }
  }
  for (const bool is_present : {true, false}) {
    for (size_t c = 0; c < previous.size(); ++c) {
      const bool is_here =
          std::any_of(generations.begin(), generations.end(),
                      [c](const acct::KnownGeneration& known) { return known.cursor == c; });
      if (is_kept[c] || is_here != is_present || next.size() >= kMostRemembered) continue;
      next.push_back(previous[c]);
      next.back().is_gone = !is_present;
    }
  }
  return next;
}

// What a run goes on from.
struct Position {
  StoreListing listing;
  std::optional<Snapshot> newest;
};

// Those of `snapshots` that a run looks at throughout, so that damage is found before somebody asks
// for what it has spoiled: the newest ones, and of the others, which would take too long, one in
// turn.
std::vector<StoredSnapshot> ChooseToCheck(const std::vector<StoredSnapshot>& snapshots,
                                          absl::Time now) {
  constexpr uint64_t kBytes = 8 << 20;
  std::vector<StoredSnapshot> chosen;
  uint64_t bytes = 0;
  size_t left = snapshots.size();
  while (left > 0 && bytes + snapshots[left - 1].bytes <= kBytes) {
    --left;
    bytes += snapshots[left].bytes;
    chosen.push_back(snapshots[left]);
  }
  if (left > 0) {
    const auto minute = static_cast<uint64_t>(absl::ToUnixSeconds(now) / 60);
    chosen.push_back(snapshots[minute % left]);
  }
  return chosen;
}

// Sets damaged snapshots aside until the newest one can be read.
absl::StatusOr<Position> FindPosition(const SnapshotStore& store, absl::Time now,
                                      std::vector<std::string>& set_aside) {
  for (;;) {
    absl::StatusOr<StoreListing> listing = store.List();
    if (!listing.ok()) return listing.status();
    bool has_changed = false;
    const auto set_it_aside = [&](const std::string& path, absl::string_view problem) {
      set_aside.emplace_back(problem);
      has_changed = true;
      return store.SetAside(path);
    };
    for (const DamagedSnapshot& damaged : listing->damaged) {
      if (damaged.is_set_aside) continue;
      if (absl::Status status = set_it_aside(damaged.path, damaged.problem); !status.ok()) {
        return status;
      }
    }
    for (const StoredSnapshot& stored : ChooseToCheck(listing->snapshots, now)) {
      // What cannot be read at the moment hinders nobody here.
      const absl::Status checked = store.Check(stored);
      if (!absl::IsDataLoss(checked)) continue;
      if (absl::Status status = set_it_aside(stored.path, checked.message()); !status.ok()) {
        return status;
      }
    }
    if (has_changed) continue;
    Position position{.listing = *std::move(listing)};
    if (position.listing.snapshots.empty()) return position;
    const StoredSnapshot& stored = position.listing.snapshots.back();
    absl::StatusOr<Snapshot> newest = store.Load(stored);
    if (newest.ok()) {
      position.newest = *std::move(newest);
      return position;
    }
    if (!absl::IsDataLoss(newest.status())) return newest.status();
    if (absl::Status status = set_it_aside(stored.path, newest.status().message()); !status.ok()) {
      return status;
    }
  }
}

// The rows of the store, and in `accounts` whom they are about, by name as it is now; `settled` may
// have older names.
void FillRows(const UserBucketTable& usage, const CommandBucketTable& commands,
              const SettledRows& settled, UserDirectory& directory, Snapshot& snapshot) {
  AccountBook book;
  for (const Account& account : settled.accounts) book.Add(account);
  std::map<acct::Uid, uint32_t> accounts;
  for (const auto& [key, sums] : usage) accounts.try_emplace(key.uid, 0);
  for (auto& [uid, account] : accounts) account = book.Add({uid, directory.NameOf(uid)});
  snapshot.header.accounts = book.accounts();
  std::vector<UserRow> users = settled.users;
  users.reserve(users.size() + usage.size());
  for (const auto& [key, sums] : usage) users.push_back({key.begin, accounts[key.uid], sums});
  snapshot.users = Joined(std::move(users));
  std::vector<CommandRow> rows = settled.commands;
  rows.reserve(rows.size() + commands.size());
  for (const auto& [key, sums] : commands) {
    rows.push_back({key.begin, accounts[key.uid], key.command, sums});
  }
  snapshot.commands = TopCommands(std::move(rows));
}

}  // namespace

absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options) {
  absl::StatusOr<StoreLock> lock = store.Lock(options.lock_patience);
  if (!lock.ok()) return lock.status();
  CollectResult result;
  const absl::StatusOr<Position> position = FindPosition(store, options.now, result.set_aside);
  if (!position.ok()) return position.status();
  const std::optional<Snapshot>& previous = position->newest;
  const std::vector<acct::Cursor> cursors =
      previous.has_value() ? previous->cursors : std::vector<acct::Cursor>();

  absl::StatusOr<Sight> sight = LookAround(options.accounting_file, options.read_processes);
  if (!sight.ok()) return sight.status();
  result.running_problem = std::move(sight->running_problem);
  const std::vector<acct::Generation>& generations = sight->generations;
  absl::StatusOr<std::vector<acct::KnownGeneration>> known = acct::Recognise(generations, cursors);
  if (!known.ok()) return known.status();
  const acct::ReadPlan plan = acct::PlanReading(cursors, *known);

  // Runs whose snapshots are damaged are collected again by this one.
  const uint64_t last_run = previous.has_value() ? previous->header.runs.last : 0;
  const bool collects_again = position->listing.last_run > last_run;
  Snapshot snapshot;
  SnapshotHeader& header = snapshot.header;
  header = {
      .runs = {last_run + 1, position->listing.last_run + 1},
      .host = options.host,
      .captured_at = options.now,
      .resolution = ResolutionAt(options.now, options.time_zone, options.retention.days_of_hours)};

  BucketTotals totals{.resolution = header.resolution};
  RunningCarry running = previous.has_value() ? previous->running : RunningCarry();
  const acct::ProcessTable* const table =
      sight->processes.has_value() ? &*sight->processes : nullptr;
  totals.watched_pids = PidsToWatch(running, table);
  std::vector<std::optional<acct::Cursor>> reached(generations.size());
  for (const acct::Segment& segment : plan.segments) {
    const acct::Generation& generation = generations[segment.generation];
    totals.scan_offset = sight->scan_offsets[segment.generation];
    absl::StatusOr<ReadSegment> read = Read(generation, segment, totals);
    if (!read.ok()) return read.status();
    reached[segment.generation] = std::move(read->cursor);
    if (read->account.bytes == 0 && !read->account.damaged()) continue;
    read->account.name = generation.file.path();
    result.records += read->account.records;
    result.inputs.push_back(std::move(read->account));
  }
  if (plan.has_gap) {
    result.gaps.push_back(
        {.period = {.begin = previous->header.captured_at, .end = options.now},
         .reason = absl::StrCat("the accounting file that was read last is neither ",
                                options.accounting_file,
                                " nor one of its rotated generations any more; what was added to "
                                "it since is unknown")});
  }
  if (!previous.has_value() && collects_again) {
    result.gaps.push_back({.period = {.begin = absl::InfinitePast(), .end = options.now},
                           .reason = "no snapshot of the store could be read; what is not in the "
                                     "accounting file and its rotated generations any more is "
                                     "not counted"});
  }
  snapshot.cursors = NextCursors(cursors, *known, reached);

  const int64_t now = absl::ToUnixSeconds(options.now);
  ResolutionBuckets buckets(header.resolution);
  RunningChanges running_changes;
  const auto bucket_of = [&](int64_t time) { return buckets.OfUser(time); };
  const size_t ran_before = running.processes.size();
  if (totals.records_without_pid == 0) {
    UpdateRunning(table, totals.exits, now, bucket_of, running, running_changes);
  } else {
    ForgetRunning(bucket_of(now), running, running_changes);
    result.running_problem = "the records of this kernel have no process ids";
  }
  // Most processes sleep most of the time, and change nothing. One that is gone without a record
  // changes no sum, but does not run any more.
  const bool has_changes = running.processes.size() != ran_before ||
                           !running_changes.growth.empty() || !running_changes.corrections.empty();
  AddGrowth(running_changes.growth, buckets, totals.usage, totals.commands);
  const absl::StatusOr<SettledRows> settled =
      SettleCorrections(store, position->listing, header, std::move(running_changes.corrections),
                        directory, totals.usage, totals.commands);
  if (!settled.ok()) return settled.status();
  const bool has_news = collects_again || !result.inputs.empty() || plan.has_gap ||
                        snapshot.cursors != cursors || has_changes;
  if (has_news) {
    header.span = totals.span;
    header.gaps = result.gaps;
    header.counts_running = !running.boot_id.empty();
    FillRows(totals.usage, totals.commands, *settled, directory, snapshot);
    snapshot.inputs = result.inputs;
    snapshot.running = std::move(running);
    if (absl::Status status = store.Publish(snapshot); !status.ok()) return status;
  }

  // What was collected is safe now, whatever becomes of the rest. What a crash has left of earlier
  // merges does not count any more.
  store.Remove(position->listing.replaced).IgnoreError();
  absl::StatusOr<StoreListing> listing = store.List();
  const absl::Status compacted = listing.ok()
                                     ? Compact(store, *listing, options.now, options.time_zone,
                                               options.retention, result.set_aside)
                                     : listing.status();
  if (!compacted.ok()) result.compaction_problem = std::string(compacted.message());
  return result;
}

}  // namespace cpuagg::aggregate
