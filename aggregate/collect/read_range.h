// Reads a planned range of a generation, and returns how far it got.

#ifndef CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_
#define CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/progress.h"
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
  // The kernel no longer writes to the generation. A torn record at its end is then final, and is
  // reported unless it already was (`reported_torn_bytes`). In other generations it is left for the
  // next run, when the kernel may have completed it, and so is all that later bytes could change
  // (see acct::RecordScanner::MayGrow()).
  bool is_complete = false;
  uint64_t reported_torn_bytes = 0;
  // See acct::ReadOptions. `before` holds the bytes before the range.
  acct::RecordFormat format;
  absl::string_view before;
  const acct::DuplicateDetector* watch = nullptr;
  std::vector<acct::DuplicateHit>* hits = nullptr;
  acct::Progress* progress = nullptr;  // may be null
};

struct RangeRead {
  acct::ByteAccount account;
  TimeSpan span;  // of the processes
  // How far the generation has been read; nullopt if nothing was read.
  std::optional<acct::Cursor> cursor;
};

// Adds the records of `range`, a range of `generation`, to `totals`. Returns the errors of
// Aggregate(), and Aborted if the generation was replaced meanwhile.
absl::StatusOr<RangeRead> ReadRange(const acct::Generation& generation,
                                    const acct::UnreadRange& range, const RangeOptions& options,
                                    BucketTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_READ_RANGE_H_
