// Reads what is new for a collect run: the records of all generations that no earlier run has read.

#ifndef CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_
#define CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/rotation/cursor.h"
#include "acct/scan/byte_account.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/running/bucket_totals.h"

namespace cpuagg::aggregate {

// Records inside a file that another generation had before, as when somebody has appended one file
// to another. They are skipped.
struct KnownRecords {
  std::string path;
  uint64_t begin = 0;  // offsets in the content, in bytes
  uint64_t end = 0;
};

struct NewRecords {
  BucketTotals totals;
  uint64_t records = 0;
  std::vector<acct::ByteAccount> inputs;  // of the parts read, oldest first
  // Of the files that have fewer bytes than a record, with which no record begins. They are read
  // again, since they may be replaced by what they should be.
  std::vector<acct::ByteAccount> other_files;
  std::vector<KnownRecords> known;
  // What waits at the end of files that may grow, and is at least as long as a record. The next run
  // reads it again. Each is the account of these bytes as if nothing followed, but has what was
  // skipped only if some of it is damaged then.
  std::vector<acct::ByteAccount> held;
  // At the end of such a file, records may wait that a later run reads.
  bool has_waiting = false;
  // How far each generation has been read.
  std::vector<acct::Cursor> cursors;
  // A generation that may have grown is missing; see acct::ReadPlan.
  bool has_gap = false;
  // The path of a generation that was truncated in place; empty if there is none.
  std::string cut_path;
};

// Reads the records of the generations in `consistent` that are new according to `cursors`.
// `totals` is empty and holds the settings. `now` tells which file has just been created. Aborted
// if a generation was replaced meanwhile; else the errors of Aggregate(). Reports to `progress`, if
// that is not null, what is to be read and what has been.
absl::StatusOr<NewRecords> ReadNewRecords(const ConsistentListing& consistent,
                                          const std::vector<acct::Cursor>& cursors,
                                          const BucketTotals& totals, absl::Time now,
                                          acct::Progress* progress = nullptr);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_NEW_RECORDS_H_
