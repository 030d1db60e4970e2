// Compaction: merging old snapshots, so that a store of years stays small and is read quickly.
//
// The runs of a day become one snapshot when the day is over, and the days of a month one when
// nobody asks for their hours any more; then hours become days, and commands are kept by the month
// (resolution.h). What is older than the store keeps at all is merged into one snapshot that holds
// nothing but the numbers of its runs. A merge is one rename (SnapshotStore::Replace), and does not
// change what the rest of the store says.

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
  // Whole days for which hours are kept.
  int days_of_hours = 35;
  // Whole days for which anything is; nullopt for ever.
  std::optional<int> days = std::nullopt;
  // Runs up to this one are not merged with later ones, so that what came after it can be told.
  uint64_t last_reported_run = 0;
};

// The snapshots [begin, end) of a listing, to be merged as far as `level`.
struct MergeStep {
  size_t begin = 0;
  size_t end = 0;
  MergeLevel level = MergeLevel::kDay;

  friend bool operator==(const MergeStep&, const MergeStep&) = default;
};

// What is to be merged at `now`, by the calendar of `zone`. Pure. The newest snapshot is left as it
// is, since it has the position that reading goes on from.
std::vector<MergeStep> PlanCompaction(absl::Span<const StoredSnapshot> snapshots, absl::Time now,
                                      absl::TimeZone zone, const Retention& retention);

// The snapshot that has all of `parts` (oldest first, at least one), the position and the running
// processes of the last. `gaps` are those between them.
Snapshot Merged(std::vector<Snapshot> parts, MergeLevel level, const std::vector<Gap>& gaps,
                const BucketPolicy& policy);

// Merges what PlanCompaction() says of `listing`, which is of `store`, whose lock is held. A
// snapshot that turns out to be damaged is set aside, and stops this run at its step: its problem
// is added to `set_aside`. After an error the store says what it said before.
absl::Status Compact(const SnapshotStore& store, const StoreListing& listing, absl::Time now,
                     absl::TimeZone zone, const Retention& retention,
                     std::vector<std::string>& set_aside);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_COMPACTION_H_
