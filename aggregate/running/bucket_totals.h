// BucketTotals: sums the records of an input for the store, and lists the ends of watched
// processes.
//
//   BucketTotals totals{.watched_pids = {4711}};
//   absl::StatusOr<acct::ByteAccount> account = Aggregate(*source, {}, totals);

#ifndef CPUAGG_AGGREGATE_RUNNING_BUCKET_TOTALS_H_
#define CPUAGG_AGGREGATE_RUNNING_BUCKET_TOTALS_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "aggregate/buckets/bucket_policy.h"
#include "aggregate/running/running.h"
#include "aggregate/running/usage_spread.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// The sums that the store keeps: usage by user, and by user and command, each by bucket of time. A
// process counts in that in which it ended. So does its CPU time, but what it has used since the
// last run is divided over the buckets since (usage_spread.h).
struct BucketTotals {
  BucketPolicy policy;
  SpreadWindow window = {};
  UserBucketTable usage;
  // The same sums by command. If a hostile file has more commands than fit into memory, those of
  // each user and bucket with the least CPU time count as kOtherCommands.
  CommandBucketTable commands;
  TimeSpan span;
  // The first end of a process, in seconds since 1970.
  int64_t first_end = std::numeric_limits<int64_t>::max();
  // The records of these processes are listed in `exits`, in file order. They are not divided,
  // since a part may have been counted already.
  absl::flat_hash_set<uint32_t> watched_pids;
  // So are the records of processes with this command that began at this time or later, whatever
  // their id.
  CommandBits watched_command = {};
  int64_t watched_since = std::numeric_limits<int64_t>::max();
  // Records of the source at or after this offset of the file were written after the process table
  // had been read.
  uint64_t scan_offset = std::numeric_limits<uint64_t>::max();
  std::vector<ProcessExit> exits;
  uint64_t records_without_pid = 0;
};

// Adds the records of `source` to `totals`, like Aggregate() of aggregator.h.
absl::StatusOr<acct::ByteAccount> Aggregate(acct::ByteSource& source,
                                            const acct::ReadOptions& options, BucketTotals& totals);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_RUNNING_BUCKET_TOTALS_H_
