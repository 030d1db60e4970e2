// Usage: the resources that one user (or any other key) used, as integer sums over records.

#ifndef CPUAGG_AGGREGATE_USAGE_USAGE_H_
#define CPUAGG_AGGREGATE_USAGE_USAGE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/attributes.h"
#include "acct/record/exact_time.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"

namespace cpuagg::aggregate {

// Sums of times in ticks of one rate.
struct TickSums {
  uint64_t user = 0;
  uint64_t system = 0;
  uint64_t elapsed = 0;
  uint64_t largest_cpu = 0;  // user plus system time of the process with the most

  // Saturates instead of overflowing.
  TickSums& operator+=(const TickSums& other);

  friend bool operator==(const TickSums&, const TickSums&) = default;
};

// The sums for every rate other than 100 Hz, so that nothing is rounded before it is shown. Nearly
// always empty, and then as small as a pointer.
class OtherRates {
 public:
  using Map = std::map<uint32_t, TickSums>;

  OtherRates() = default;
  OtherRates(const OtherRates& other)
      : map_(other.map_ == nullptr ? nullptr : std::make_unique<Map>(*other.map_)) {}
  OtherRates(OtherRates&&) noexcept = default;
  OtherRates& operator=(OtherRates other) noexcept {
    map_ = std::move(other.map_);
    return *this;
  }
  ~OtherRates() = default;

  bool empty() const { return map_ == nullptr; }
  // Keyed by rate, in ticks per second.
  const Map& map() const {
    static const Map none;
    return map_ == nullptr ? none : *map_;
  }
  TickSums& operator[](uint32_t rate) {
    if (map_ == nullptr) map_ = std::make_unique<Map>();
    return (*map_)[rate];
  }

  friend bool operator==(const OtherRates& a, const OtherRates& b) { return a.map() == b.map(); }

 private:
  std::unique_ptr<Map> map_;
};

// += saturates instead of overflowing. Below that limit all sums are exact, in any order.
struct Usage {
  uint64_t processes = 0;
  TickSums ticks;  // of the records at acct::kTicksPerSecond
  // The sum of the processes' address space sizes at exit, in KiB. Divide by `processes` for the
  // mean.
  uint64_t memory_kib = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
  uint64_t largest_memory_kib = 0;  // of one process
  OtherRates other_rates;
  // The time counted for processes that still run, at acct::kTicksPerSecond. Negative if a process
  // ended whose first part was counted elsewhere (see aggregate/running/running.h).
  int64_t running_user = 0;
  int64_t running_system = 0;

  // The sum over all records and running processes; never negative.
  acct::ExactTime user_time() const { return Sum(&TickSums::user).Plus(running_user); }
  acct::ExactTime system_time() const { return Sum(&TickSums::system).Plus(running_system); }
  acct::ExactTime cpu_time() const { return user_time() + system_time(); }
  // The sum over the processes that ended.
  acct::ExactTime ended_cpu_time() const { return Sum(&TickSums::user) + Sum(&TickSums::system); }
  acct::ExactTime elapsed() const { return Sum(&TickSums::elapsed); }
  // The part of cpu_time() that belongs to processes that still run.
  acct::ExactTime running_time() const;
  // The largest CPU time of a single process among those that ended.
  acct::ExactTime largest_cpu() const;
  // Per process, rounded down.
  uint64_t mean_memory_kib() const { return processes == 0 ? 0 : memory_kib / processes; }

  // Adds one process. `elapsed` is record.elapsed_ticks(), which callers need as well. This is the
  // innermost loop. It adds without saturation, so it may be called at most
  // acct::kMaxRecordsPerAccumulator times.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Add(acct::RecordV3View record, uint64_t elapsed) {
    AddTicks(record, elapsed, ticks);
    AddCounts(record);
  }
  void Add(const acct::RecordView& record, uint64_t elapsed) {
    const bool is_usual = record.rate() == acct::kTicksPerSecond;
    AddTicks(record, elapsed, is_usual ? ticks : other_rates[record.rate()]);
    AddCounts(record);
  }

  Usage& operator+=(const Usage& other);

  // Keeps this much as the time of processes that still run. Other running time is settled: its
  // processes have ended or are gone.
  void Settle(int64_t still_user, int64_t still_system);

  friend bool operator==(const Usage&, const Usage&) = default;

 private:
  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE static void AddTicks(const Record& record, uint64_t elapsed,
                                                    TickSums& sums) {
    const uint64_t user = record.user_ticks();
    const uint64_t system = record.system_ticks();
    sums.user += user;
    sums.system += system;
    sums.elapsed += elapsed;
    sums.largest_cpu = std::max(sums.largest_cpu, user + system);
  }

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void AddCounts(const Record& record) {
    ++processes;
    const uint64_t memory = record.memory_kib();
    memory_kib += memory;
    largest_memory_kib = std::max(largest_memory_kib, memory);
    io += record.io();
    minor_faults += record.minor_faults();
    major_faults += record.major_faults();
  }

  acct::ExactTime Sum(uint64_t TickSums::*field) const;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_USAGE_H_
