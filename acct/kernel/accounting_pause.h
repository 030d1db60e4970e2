// Finds out whether the kernel may have paused accounting because the disk is nearly full.
//
// The kernel pauses when the file system of the accounting file has less free space than one limit.
// It resumes when there is as much as another limit (check_free_space() of linux/kernel/acct.c).
// Both limits are percentages in /proc/sys/kernel/acct. The default is "4 2 30": resume, pause, and
// the seconds between two checks. No interface shows the state itself.

#ifndef CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_
#define CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::acct {

inline constexpr char kAccountingLimits[] = "/proc/sys/kernel/acct";

struct FreeSpace {
  // In hundredths of a percent of all blocks. Blocks reserved for root do not count as free.
  uint64_t free = 0;
  uint64_t pauses_below = 0;
  uint64_t goes_on_at = 0;

  // Between the two limits it depends on the state before.
  bool may_be_paused() const { return free < goes_on_at; }
};

// The free space of the file system of `path`, or of its folder if `path` does not exist. Reads the
// limits from the file at `limits`.
absl::StatusOr<FreeSpace> FreeSpaceOf(const std::string& path,
                                      const std::string& limits = kAccountingLimits);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_
