// The generations of an accounting file as one history, for reports: what `collect` would read if
// it had never run.

#ifndef CPUAGG_AGGREGATE_REPORT_HISTORY_H_
#define CPUAGG_AGGREGATE_REPORT_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::aggregate {

struct History {
  std::vector<std::string> paths;  // oldest first
  // How many files were left out because nothing has been written to them since the time that was
  // asked for.
  size_t older_files = 0;
  // What has the name of a generation and is none.
  std::vector<acct::PassedOver> passed_over;
  // Device and inode of each of `paths`, so that a rotation while they were read is noticed.
  std::vector<std::pair<uint64_t, uint64_t>> inodes;

  // Whether `later` has the same files under the same names.
  bool IsSameAs(const History& later) const {
    return paths == later.paths && inodes == later.inodes;
  }
};

// The generations of `files` that may hold records of processes that ended at or after `begin`: a
// file has none that ended after it was written last, unless a record in it shows that this time is
// not to be believed. Of copies, the one that reaches furthest.
// Errors as those of acct::ListGenerations().
absl::StatusOr<History> FindHistory(const acct::AccountingFiles& files, absl::Time begin);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_HISTORY_H_
