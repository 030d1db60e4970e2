// RecordTail: the last records of an accounting file that is being written.

#ifndef CPUAGG_TOOLS_CHECK_ACCOUNTING_RECORD_TAIL_H_
#define CPUAGG_TOOLS_CHECK_ACCOUNTING_RECORD_TAIL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/record/units.h"

namespace cpuagg::tools::check {

struct RecordTail {
  uint64_t file_bytes = 0;
  uint64_t records = 0;  // in the part that was read
  int version = 0;       // of the last record
  // The end of the last process; nullopt if there is no record.
  std::optional<absl::Time> last_end;
  // The latest end of a process; differs from `last_end` only if the clock was set.
  std::optional<absl::Time> latest_end;
  std::vector<acct::Uid> users;  // each once, at most a hundred
  bool has_probe = false;        // the probe's record is there
};

// Reads the last 256 KiB of the regular file at `path`. Returns the errors of open(2), and
// InvalidArgument if it is not a regular file.
absl::StatusOr<RecordTail> ReadRecordTail(const std::string& path,
                                          const std::optional<acct::AccountingProbe>& probe);

// The end of the first process in the file at `path`, compressed or not; nullopt if there is no
// record.
absl::StatusOr<std::optional<absl::Time>> FirstEndIn(const std::string& path);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_RECORD_TAIL_H_
