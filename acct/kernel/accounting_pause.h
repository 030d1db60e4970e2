// Whether the kernel may have paused accounting for want of room on the disk.
//
// It does so when the file system of the accounting file has less free than one limit, and goes on
// when it has as much as another (check_free_space() of linux/kernel/acct.c). Both are percentages
// in /proc/sys/kernel/acct, "4 2 30" as it comes: goes on, pauses, and how often that is looked at,
// in seconds. No program can ask for the state itself.

#ifndef CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_
#define CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::acct {

inline constexpr char kAccountingLimits[] = "/proc/sys/kernel/acct";

struct FreeSpace {
  // In hundredths of a percent of all blocks, those that only root may use not among them.
  uint64_t free = 0;
  uint64_t pauses_below = 0;
  uint64_t goes_on_at = 0;

  // Between the two limits it depends on what was before.
  bool may_be_paused() const { return free < goes_on_at; }
};

// Of the file system in which `path`, or else its folder, is, by the limits in the file at
// `limits`.
absl::StatusOr<FreeSpace> FreeSpaceOf(const std::string& path,
                                      const std::string& limits = kAccountingLimits);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_ACCOUNTING_PAUSE_H_
