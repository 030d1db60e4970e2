// Combines a time without accounting with other gaps: one incident is one gap, even if the
// accounting file was replaced when accounting was turned on again.

#ifndef CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_
#define CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// The beginning of the reason of such a gap.
inline constexpr absl::string_view kAccountingWasOff = "accounting was off or paused";

// Part of the reason of a gap that a rotation made: the file was gone before it was read.
inline constexpr absl::string_view kFileIsGone = "nor one of its rotated generations any more";

// Adds to `gaps`, the gaps found by a run, that accounting was off during `off`. A gap of the run
// that overlaps `off` is merged with it, and its reason names both. Times that are already gaps in
// the snapshots `before` are left out.
void AddTimeOff(const Period& off, absl::Span<const StoredSnapshot> before, std::vector<Gap>& gaps);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_
