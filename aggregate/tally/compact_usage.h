// CompactUsage: Usage in 40 bytes, of as many processes as that holds. Together with its key it
// takes one line of the cache, and all of its sums grow by one vector addition
// (aggregate/tally/add_avx2.h).

#ifndef CPUAGG_AGGREGATE_TALLY_COMPACT_USAGE_H_
#define CPUAGG_AGGREGATE_TALLY_COMPACT_USAGE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/base/attributes.h"
#include "acct/record/record_v3_view.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

struct CompactUsage {
  // Half of the range of 32 bits, so that two sums can be added before the limit is checked.
  static constexpr uint64_t kLimit = uint64_t{1} << 31;

  // Indices in `sums`. Most are in the order of the record's fields. The elapsed time is in place
  // of `ac_rw`, and the number of processes in place of `ac_swaps`.
  enum Sum { kUser, kSystem, kMemory, kIo, kElapsed, kMinorFaults, kMajorFaults, kProcesses };

  std::array<uint32_t, 8> sums;  // each below kLimit
  uint32_t largest_cpu;
  uint32_t largest_memory;

  // Adds one process if all of its numbers and all sums are small enough; otherwise adds nothing
  // and returns false.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool Add(acct::RecordV3View record) {
    const std::array<uint64_t, 8> process = {
        record.user_ticks(),    record.system_ticks(), record.memory_kib(),   record.io(),
        record.elapsed_ticks(), record.minor_faults(), record.major_faults(), 1};
    uint64_t any = 0;
    for (size_t i = 0; i < sums.size(); ++i) any |= process[i] | (sums[i] + process[i]);
    if (any >= kLimit) return false;
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<uint32_t>(process[i]);
    largest_cpu = std::max(largest_cpu, static_cast<uint32_t>(process[kUser] + process[kSystem]));
    largest_memory = std::max(largest_memory, static_cast<uint32_t>(process[kMemory]));
    return true;
  }

  // Adds the processes of `other` if all sums stay small enough; otherwise adds nothing and returns
  // false.
  bool Add(const CompactUsage& other) {
    uint32_t any = 0;
    for (size_t i = 0; i < sums.size(); ++i) any |= sums[i] + other.sums[i];
    if (any >= kLimit) return false;
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums[i];
    largest_cpu = std::max(largest_cpu, other.largest_cpu);
    largest_memory = std::max(largest_memory, other.largest_memory);
    return true;
  }

  Usage ToUsage() const {
    return {.processes = sums[kProcesses],
            .ticks = {.user = sums[kUser],
                      .system = sums[kSystem],
                      .elapsed = sums[kElapsed],
                      .largest_cpu = largest_cpu},
            .memory_kib = sums[kMemory],
            .io = sums[kIo],
            .minor_faults = sums[kMinorFaults],
            .major_faults = sums[kMajorFaults],
            .largest_memory_kib = largest_memory};
  }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_TALLY_COMPACT_USAGE_H_
