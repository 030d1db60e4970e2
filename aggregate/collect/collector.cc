#include "aggregate/collect/collector.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "aggregate/collect/position.h"
#include "aggregate/names/name_memory.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {
namespace {

// Whether something besides this machine's clock confirms that it is about `now`: a clock that is
// years ahead would make the store delete everything. The clock is not confirmed if only records
// and the boot time of the same wrong clock agree with it.
bool IsPlausibleNow(const CollectOptions& options, const Position& position,
                    const Snapshot& snapshot) {
  const absl::Duration kFarAhead = absl::Hours(31 * 24);
  if (options.booted_at.has_value() && options.now <= *options.booted_at + kFarAhead) return true;
  const auto is_near = [&](const TimeSpan& span) {
    return !span.empty() && options.now <= absl::FromUnixSeconds(span.last_end) + kFarAhead;
  };
  return is_near(snapshot.header.span) ||
         std::any_of(position.listing.snapshots.begin(), position.listing.snapshots.end(),
                     [&](const StoredSnapshot& stored) { return is_near(stored.header.span); });
}

// The beginning of the oldest usage that is older than what is to be kept, except in the runs
// `deleted`; nullopt if there is none.
std::optional<absl::Time> OldestKept(absl::Span<const StoredSnapshot> snapshots,
                                     const CollectOptions& options, const Retention& retention,
                                     const std::vector<Runs>& deleted) {
  if (!retention.days.has_value()) return std::nullopt;
  const absl::Time limit =
      BeginOfDate(DateOf(options.now, options.time_zone) - *retention.days, options.time_zone);
  absl::Time oldest = limit;
  for (const StoredSnapshot& stored : snapshots) {
    if (stored.header.buckets.empty() ||
        std::find(deleted.begin(), deleted.end(), stored.header.runs) != deleted.end()) {
      continue;
    }
    oldest = std::min(oldest, absl::FromUnixSeconds(stored.header.buckets.first_begin));
  }
  return oldest < limit ? std::optional(oldest) : std::nullopt;
}

// Merges old snapshots, and removes merged ones. A failure here does not affect what was collected.
void TidyUp(const SnapshotStore& store, const CollectOptions& options, const Position& position,
            const Draft& draft, CollectResult& result) {
  // Removes the rest of earlier merges that a crash interrupted.
  store.Remove(position.listing.replaced).IgnoreError();
  absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) {
    result.compaction_problem = std::string(listing.status().message());
    return;
  }
  store.Remove(listing->replaced).IgnoreError();
  Retention retention = options.retention;
  for (const MergeStep& step :
       PlanCompaction(listing->snapshots, options.now, options.time_zone, retention)) {
    if (step.level != MergeLevel::kExpired) continue;
    for (size_t i = step.begin; i < step.end; ++i) {
      const SnapshotHeader& header = listing->snapshots[i].header;
      if (header.level != MergeLevel::kExpired) result.forgotten.push_back(header.runs);
    }
  }
  if (!result.forgotten.empty() && !IsPlausibleNow(options, position, draft.snapshot)) {
    result.forgotten.clear();
    retention.days.reset();
    result.keeps_all_because = absl::StrCat(
        "the clock says ", absl::FormatTime("%Y-%m-%d", options.now, options.time_zone),
        ", which is more than a month after the newest record and the start of the machine");
  }
  result.oldest_kept = OldestKept(listing->snapshots, options, retention, result.forgotten);
  const absl::Status compacted =
      Compact(store, *listing, options.now, options.time_zone, retention, result.set_aside);
  if (compacted.ok()) return;
  result.compaction_problem = std::string(compacted.message());
  result.forgotten.clear();
}

// nullopt if another run published first.
absl::StatusOr<std::optional<CollectResult>> CollectOnce(const SnapshotStore& store,
                                                         UserDirectory& directory,
                                                         const CollectOptions& options,
                                                         std::vector<std::string>& set_aside) {
  absl::StatusOr<acct::FileLock> lock = store.Lock(options.lock_timeout);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<Position> position = FindPosition(store, options.now, set_aside);
  if (!position.ok()) return position.status();
  lock->Release();

  absl::StatusOr<Draft> draft = PrepareRun(store, directory, options, *position);
  if (!draft.ok()) return draft.status();

  lock = store.Lock(options.lock_timeout);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<bool> has_moved = HasMoved(store, *position);
  if (!has_moved.ok()) return has_moved.status();
  if (*has_moved) return std::optional<CollectResult>();
  if (draft->has_news) {
    const absl::Status published = store.Publish(draft->snapshot);
    if (!published.ok() && !acct::WasPublished(published)) return published;
    draft->result.publishing_problem = std::string(published.message());
  }
  // After the snapshot. If the memory said that an id has no account and no snapshot had it, the
  // id's usage would be unresolved for an hour.
  if (draft->names.has_value()) {
    SaveNames(*draft->names, options.accounts_version, NamesPath(store), store.changes())
        .IgnoreError();
  }
  CollectResult result = std::move(draft->result);
  TidyUp(store, options, *position, *draft, result);
  return std::optional(std::move(result));
}

}  // namespace

absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options) {
  // Starts again whenever another run has published something.
  constexpr int kTries = 100;
  std::vector<std::string> set_aside;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<std::optional<CollectResult>> result =
        CollectOnce(store, directory, options, set_aside);
    if (!result.ok()) return result.status();
    if (!result->has_value()) continue;
    set_aside.insert(set_aside.end(), (*result)->set_aside.begin(), (*result)->set_aside.end());
    (*result)->set_aside = std::move(set_aside);
    return **std::move(result);
  }
  return absl::UnavailableError(
      absl::StrCat(store.directory(), ": other runs kept collecting into it; run again"));
}

}  // namespace cpuagg::aggregate
