// Compaction: merges old snapshots, so that a store of years stays small and fast to read.
//
// The runs of a day become one snapshot when the day is over. The days of a month become one when
// their hours are no longer kept: hours then become days, and commands are kept by the month
// (bucket_policy.h). Snapshots beyond the retention are merged into one that holds only the numbers
// of its runs, and for counters the sums of users who have more in the store. A merge is one rename
// (SnapshotStore::Replace), and does not change the sums of the store.

#ifndef CPUAGG_AGGREGATE_STORE_COMPACTION_H_
#define CPUAGG_AGGREGATE_STORE_COMPACTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

struct Retention {
  // The number of whole days for which hours are kept.
  int days_of_hours = 35;
  // The number of whole days for which anything is kept; nullopt for ever.
  std::optional<int> days = std::nullopt;
  // Runs up to this one are not merged with later ones, so that later usage can still be reported
  // separately.
  uint64_t last_reported_run = 0;
};

// The snapshots [begin, end) of a listing, to be merged up to `level`.
struct MergeStep {
  size_t begin = 0;
  size_t end = 0;
  MergeLevel level = MergeLevel::kDay;

  friend bool operator==(const MergeStep&, const MergeStep&) = default;
};

// What to merge at `now`, by the calendar of `zone`. A pure function. Never merges the newest
// snapshot, because reading continues from its position.
std::vector<MergeStep> PlanCompaction(absl::Span<const StoredSnapshot> snapshots, absl::Time now,
                                      absl::TimeZone zone, const Retention& retention);

// One snapshot with the rows of all `parts` (oldest first, at least one), and with the position,
// the running processes and the counters of the last. `gaps` are the gaps between the parts.
Snapshot Merged(std::vector<Snapshot> parts, MergeLevel level, const std::vector<Gap>& gaps,
                const BucketPolicy& policy);

// Does the merges of PlanCompaction() for `listing`, a listing of `store`. The caller holds the
// lock. If a snapshot turns out to be damaged, sets it aside, adds its problem to `set_aside`, and
// stops. After an error the sums of the store are unchanged.
absl::Status Compact(const SnapshotStore& store, const StoreListing& listing, absl::Time now,
                     absl::TimeZone zone, const Retention& retention,
                     std::vector<std::string>& set_aside);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_COMPACTION_H_
