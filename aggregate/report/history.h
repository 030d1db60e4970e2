// The generations of an accounting file as one history, for reports: what `collect` would read on
// its first run.

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
  // The number of files left out because they were not written to since the requested time.
  size_t older_files = 0;
  // Entries with the name of a generation that are not generations.
  std::vector<acct::PassedOver> passed_over;
  // The device and inode of each of `paths`, to detect a rotation during reading.
  std::vector<std::pair<uint64_t, uint64_t>> inodes;

  // Whether `later` has the same files under the same names.
  bool IsSameAs(const History& later) const {
    return paths == later.paths && inodes == later.inodes;
  }
};

// The generations of `files` that may hold records of processes that ended at or after `begin`. A
// file has none if it was last written before `begin`, unless one of its records shows that its
// modification time is wrong. Of several copies, the longest one. Returns the errors of
// acct::ListGenerations().
absl::StatusOr<History> FindHistory(const acct::AccountingFiles& files, absl::Time begin);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_HISTORY_H_
