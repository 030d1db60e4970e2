// Usage: what one user (or any other key) used, as integer sums over records.

#ifndef CPUAGG_AGGREGATE_USAGE_H_
#define CPUAGG_AGGREGATE_USAGE_H_

#include <cstdint>

#include "absl/base/attributes.h"
#include "acct/record_v3_view.h"
#include "acct/units.h"

namespace cpuagg::aggregate {

// What += adds saturates instead of wrapping; short of that all sums are exact, in whatever order
// they are made.
struct Usage {
  uint64_t processes = 0;
  acct::Ticks user_time;
  acct::Ticks system_time;
  acct::Ticks elapsed;
  // The sum of the processes' address space sizes at exit, in KiB: divide by `processes` for a
  // mean.
  uint64_t memory_kib = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;

  acct::Ticks cpu_time() const { return user_time + system_time; }

  // Adds one process; `elapsed_time` is record.elapsed(), which callers need for themselves as
  // well. This is the innermost loop and adds plainly: at most acct::kMaxRecordsPerTally times.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(acct::RecordV3View record, acct::Ticks elapsed_time) {
    ++processes;
    user_time = PlainSum(user_time, record.user_time());
    system_time = PlainSum(system_time, record.system_time());
    elapsed = PlainSum(elapsed, elapsed_time);
    memory_kib += record.memory_kib();
    io += record.io();
    minor_faults += record.minor_faults();
    major_faults += record.major_faults();
  }

  Usage& operator+=(const Usage& other) {
    processes = acct::SaturatingAdd(processes, other.processes);
    user_time += other.user_time;
    system_time += other.system_time;
    elapsed += other.elapsed;
    memory_kib = acct::SaturatingAdd(memory_kib, other.memory_kib);
    io = acct::SaturatingAdd(io, other.io);
    minor_faults = acct::SaturatingAdd(minor_faults, other.minor_faults);
    major_faults = acct::SaturatingAdd(major_faults, other.major_faults);
    return *this;
  }

  friend bool operator==(const Usage&, const Usage&) = default;

 private:
  static constexpr acct::Ticks PlainSum(acct::Ticks a, acct::Ticks b) {
    return acct::Ticks(a.count() + b.count());
  }
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_H_
