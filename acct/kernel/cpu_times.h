// CpuTimes: how many processors the machine has, and what they have done since boot, from
// /proc/stat.
//
//   absl::StatusOr<CpuTimes> times = ReadCpuTimes("/proc");
//   times->busy + times->idle + times->stolen;  // what the processors had, in ticks

#ifndef CPUAGG_ACCT_KERNEL_CPU_TIMES_H_
#define CPUAGG_ACCT_KERNEL_CPU_TIMES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::acct {

// Sums over all processors since boot, in ticks at kTicksPerSecond.
struct CpuTimes {
  std::string boot_id;
  // In seconds since boot, with the time that the machine slept.
  uint64_t uptime = 0;
  uint32_t processors = 0;  // online
  // user, nice, system, irq and softirq. The time of guests is in user and nice already.
  uint64_t busy = 0;
  // idle and iowait. May go back: the kernel counts them in another way while a processor is off.
  uint64_t idle = 0;
  // steal: the hypervisor gave the processor to others. So this machine did not use it.
  uint64_t stolen = 0;

  friend bool operator==(const CpuTimes&, const CpuTimes&) = default;
};

// The processors and times of a text like /proc/stat (proc(5)), whose unit is 1/`rate` s.
// FailedPrecondition, with `path`, if it has no processors or no times that can be right.
absl::StatusOr<CpuTimes> ParseCpuTimes(absl::string_view stat, uint64_t rate,
                                       absl::string_view path);

// All of it, from `root`: /proc, or the procfs of another namespace. Errors name the path.
absl::StatusOr<CpuTimes> ReadCpuTimes(const std::string& root);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_KERNEL_CPU_TIMES_H_
