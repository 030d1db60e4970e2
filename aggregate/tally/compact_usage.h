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
    // Where a number of the process is too large, so is the sum. No array: the numbers stay in
    // registers.
    const uint64_t user = record.user_ticks();
    const uint64_t system = record.system_ticks();
    const uint64_t memory = record.memory_kib();
    const uint64_t user_sum = sums[kUser] + user;
    const uint64_t system_sum = sums[kSystem] + system;
    const uint64_t memory_sum = sums[kMemory] + memory;
    const uint64_t io_sum = sums[kIo] + record.io();
    const uint64_t elapsed_sum = sums[kElapsed] + record.elapsed_ticks();
    const uint64_t minor_fault_sum = sums[kMinorFaults] + record.minor_faults();
    const uint64_t major_fault_sum = sums[kMajorFaults] + record.major_faults();
    const uint64_t process_sum = uint64_t{sums[kProcesses]} + 1;
    if ((user_sum | system_sum | memory_sum | io_sum | elapsed_sum | minor_fault_sum |
         major_fault_sum | process_sum) >= kLimit) [[unlikely]] {
      return false;
    }
    sums = {static_cast<uint32_t>(user_sum),        static_cast<uint32_t>(system_sum),
            static_cast<uint32_t>(memory_sum),      static_cast<uint32_t>(io_sum),
            static_cast<uint32_t>(elapsed_sum),     static_cast<uint32_t>(minor_fault_sum),
            static_cast<uint32_t>(major_fault_sum), static_cast<uint32_t>(process_sum)};
    largest_cpu = std::max(largest_cpu, static_cast<uint32_t>(user + system));
    largest_memory = std::max(largest_memory, static_cast<uint32_t>(memory));
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

  // Whether a sum has reached the limit.
  bool IsFull() const {
    return std::any_of(sums.begin(), sums.end(), [](uint32_t sum) { return sum >= kLimit; });
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
