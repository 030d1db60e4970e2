// Usage: what one user (or any other key) used, as integer sums over records.

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

// Sums of times counted in ticks of one rate.
struct TickSums {
  uint64_t user = 0;
  uint64_t system = 0;
  uint64_t elapsed = 0;
  uint64_t largest_cpu = 0;  // user and system time of the process that used most

  // Saturates instead of wrapping.
  TickSums& operator+=(const TickSums& other);

  friend bool operator==(const TickSums&, const TickSums&) = default;
};

// The sums for every rate that records had beside 100 Hz, so that nothing is rounded until it is
// shown. Nearly always empty, and then as small as a pointer.
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
  // By rate, in ticks a second.
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

// What += adds saturates instead of wrapping; short of that all sums are exact, in whatever order
// they are made.
struct Usage {
  uint64_t processes = 0;
  TickSums ticks;  // of the records at acct::kTicksPerSecond
  // The sum of the processes' address space sizes at exit, in KiB: divide by `processes` for a
  // mean.
  uint64_t memory_kib = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
  uint64_t largest_memory_kib = 0;  // of one process
  OtherRates other_rates;
  // What is counted for processes that still run, at acct::kTicksPerSecond. Negative where a
  // process ended whose first part was counted elsewhere (see aggregate/running/running.h).
  int64_t running_user = 0;
  int64_t running_system = 0;

  // Of all records and running processes; not below zero.
  acct::ExactTime user_time() const { return Sum(&TickSums::user).Plus(running_user); }
  acct::ExactTime system_time() const { return Sum(&TickSums::system).Plus(running_system); }
  acct::ExactTime cpu_time() const { return user_time() + system_time(); }
  // Of the processes that ended alone.
  acct::ExactTime ended_cpu_time() const { return Sum(&TickSums::user) + Sum(&TickSums::system); }
  acct::ExactTime elapsed() const { return Sum(&TickSums::elapsed); }
  // The part of cpu_time() that is of processes that still run.
  acct::ExactTime running_time() const;
  // The CPU time of the process that used most, of those that ended.
  acct::ExactTime largest_cpu() const;
  // Of a process, rounded down.
  uint64_t mean_memory_kib() const { return processes == 0 ? 0 : memory_kib / processes; }

  // Adds one process; `elapsed` is record.elapsed_ticks(), which callers need for themselves as
  // well. This is the innermost loop and adds plainly: at most acct::kMaxRecordsPerAccumulator
  // times.
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

  // Leaves so much as that of processes that still run; what else was counted for running ones is
  // settled, because they have ended or are gone.
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
