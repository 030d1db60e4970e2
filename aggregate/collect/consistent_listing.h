// ConsistentListing: the processes and files of a collect run, listed in an order that shows which
// records were written before the processes were read, and which afterwards.

#ifndef CPUAGG_AGGREGATE_COLLECT_CONSISTENT_LISTING_H_
#define CPUAGG_AGGREGATE_COLLECT_CONSISTENT_LISTING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/kernel/process_table.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::aggregate {

struct ConsistentListing {
  // nullopt if processes are not counted or cannot be read. In the second case `running_problem`
  // says why.
  std::optional<acct::ProcessTable> processes;
  std::string running_problem;
  std::vector<acct::Generation> generations;  // newest first
  std::vector<acct::PassedOver> passed_over;
  // For each generation; see BucketTotals::scan_offset.
  std::vector<uint64_t> scan_offsets;
};

using ProcessReader = std::function<absl::StatusOr<acct::ProcessTable>()>;

// Lists the generations of `files`, of which `cursors` have been read, reads the processes (unless
// `read_processes` is null), and lists the generations again. Returns the errors of
// acct::ListGenerations().
absl::StatusOr<ConsistentListing> ListConsistently(const acct::AccountingFiles& files,
                                                   const std::vector<acct::Cursor>& cursors,
                                                   const ProcessReader& read_processes);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_CONSISTENT_LISTING_H_
