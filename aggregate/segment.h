// Reading what a plan says of a generation, and marking how far that went.

#ifndef CPUAGG_AGGREGATE_SEGMENT_H_
#define CPUAGG_AGGREGATE_SEGMENT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "acct/cursor.h"
#include "acct/input_account.h"
#include "acct/read_plan.h"
#include "acct/rotation.h"
#include "aggregate/aggregator.h"

namespace cpuagg::aggregate {

struct ReadSegment {
  acct::InputAccount account;
  // How far the generation has been read; nullopt if nothing of it was.
  std::optional<acct::Cursor> cursor;
};

// Adds the records of `segment`, which is of `generation`, to `totals`. Errors as those of
// Aggregate().
absl::StatusOr<ReadSegment> Read(const acct::Generation& generation, const acct::Segment& segment,
                                 BucketTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_SEGMENT_H_
