// What a collect run reads: the records of all generations that no run before it has read.

#ifndef CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_
#define CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/rotation/cursor.h"
#include "acct/scan/byte_account.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/running/bucket_totals.h"

namespace cpuagg::aggregate {

// Records in the midst of a file that another generation had before, as when somebody has appended
// one to another. They are passed over.
struct KnownRecords {
  std::string path;
  uint64_t begin = 0;  // in bytes of the content
  uint64_t end = 0;
};

struct NewRecords {
  BucketTotals totals;
  uint64_t records = 0;
  std::vector<acct::ByteAccount> inputs;  // of the parts read, oldest first
  std::vector<KnownRecords> known;
  // How far all generations have been read.
  std::vector<acct::Cursor> cursors;
  // A generation is gone that may have grown; see acct::ReadPlan.
  bool has_gap = false;
  // It is still there, but was cut off in its place: its path.
  std::string cut_path;
};

// Reads what `cursors` say is new of the generations in `sight`. `totals` are empty ones with the
// settings for it; `now` tells which file was just made. Aborted if a generation was replaced
// meanwhile, else errors as those of Aggregate().
absl::StatusOr<NewRecords> ReadNewRecords(const ConsistentListing& consistent,
                                          const std::vector<acct::Cursor>& cursors,
                                          const BucketTotals& totals, absl::Time now);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_
