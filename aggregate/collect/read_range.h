// Reading what a plan says of a generation, and marking how far that went.

#ifndef CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_
#define CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/plausibility.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/duplicate_detector.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct RangeOptions {
  // Nobody writes to the generation any more: a torn record at its end stays so, and is reported
  // unless that has been done (`reported_torn_bytes`). Of others it is left for the next run, when
  // its writer may have completed it.
  bool is_complete = false;
  uint64_t reported_torn_bytes = 0;
  // See acct::ReadOptions. `before` are the bytes in front of the range.
  acct::RecordFormat format;
  absl::string_view before;
  const acct::DuplicateDetector* watch = nullptr;
  std::vector<acct::DuplicateHit>* hits = nullptr;
};

struct RangeRead {
  acct::ByteAccount account;
  TimeSpan span;  // of the processes
  // How far the generation has been read; nullopt if nothing of it was.
  std::optional<acct::Cursor> cursor;
};

// Adds the records of `range`, which is of `generation`, to `totals`. Errors as those of
// Aggregate(), and Aborted if the generation was replaced meanwhile.
absl::StatusOr<RangeRead> ReadRange(const acct::Generation& generation,
                                    const acct::UnreadRange& range, const RangeOptions& options,
                                    BucketTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_
