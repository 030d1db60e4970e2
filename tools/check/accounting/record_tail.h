// The end of an accounting file that is being written: its last records.

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
  // When the last process ended; nullopt without a record.
  std::optional<absl::Time> last_end;
  // The latest end of all, which is the same unless the clock was set.
  std::optional<absl::Time> latest_end;
  std::vector<acct::Uid> users;  // each once, at most a hundred
  bool has_probe = false;        // the record of that process is there
};

// Reads the last 256 KiB of the regular file at `path`. Errors as those of open(2);
// InvalidArgument if it is something else.
absl::StatusOr<RecordTail> ReadRecordTail(const std::string& path,
                                          const std::optional<acct::AccountingProbe>& probe);

// When the first process of the file at `path`, compressed or not, ended; nullopt without a record.
absl::StatusOr<std::optional<absl::Time>> FirstEndIn(const std::string& path);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_ACCOUNTING_RECORD_TAIL_H_
