// A time without accounting, beside what else is not known of it: one incident is one gap, also
// where the accounting file was replaced when accounting was turned on again.

#ifndef CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_
#define CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// How the reason of such a gap begins.
inline constexpr absl::string_view kAccountingWasOff = "accounting was off or paused";

// Part of the reason of a gap that a rotation has made: the file was gone before it was read.
inline constexpr absl::string_view kFileIsGone = "nor one of its rotated generations any more";

// Adds to `gaps`, those that a run has found, that accounting was off during `off`. A gap of the
// run that overlaps it becomes one with it, and says both. What is known to be unknown by the
// snapshots `before` is left out.
void AddTimeOff(const Period& off, absl::Span<const StoredSnapshot> before, std::vector<Gap>& gaps);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_ACCOUNTING_GAP_H_
