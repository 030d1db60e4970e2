#include "aggregate/usage/usage.h"

#include <algorithm>

namespace cpuagg::aggregate {

using acct::ExactTime;
using acct::SaturatingAdd;
using acct::Ticks;

namespace {

// Real sums are far from overflow. Those of a forged file may wrap around, which does no harm.
int64_t Wrapped(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

}  // namespace

TickSums& TickSums::operator+=(const TickSums& other) {
  user = SaturatingAdd(user, other.user);
  system = SaturatingAdd(system, other.system);
  elapsed = SaturatingAdd(elapsed, other.elapsed);
  largest_cpu = std::max(largest_cpu, other.largest_cpu);
  return *this;
}

Usage& Usage::operator+=(const Usage& other) {
  processes = SaturatingAdd(processes, other.processes);
  ticks += other.ticks;
  if (!other.other_rates.empty()) {
    for (const auto& [rate, sums] : other.other_rates.map()) other_rates[rate] += sums;
  }
  memory_kib = SaturatingAdd(memory_kib, other.memory_kib);
  largest_memory_kib = std::max(largest_memory_kib, other.largest_memory_kib);
  io = SaturatingAdd(io, other.io);
  minor_faults = SaturatingAdd(minor_faults, other.minor_faults);
  major_faults = SaturatingAdd(major_faults, other.major_faults);
  running_user = Wrapped(running_user, other.running_user);
  running_system = Wrapped(running_system, other.running_system);
  return *this;
}

void Usage::Settle(int64_t still_user, int64_t still_system) {
  const auto settle = [](int64_t still, int64_t& running, uint64_t& ended) {
    const int64_t settled = Wrapped(running, -still);
    running = still;
    if (settled >= 0) {
      ended = SaturatingAdd(ended, static_cast<uint64_t>(settled));
      return;
    }
    const uint64_t excess = uint64_t{0} - static_cast<uint64_t>(settled);
    ended -= std::min(ended, excess);
  };
  settle(still_user, running_user, ticks.user);
  settle(still_system, running_system, ticks.system);
}

ExactTime Usage::Sum(uint64_t TickSums::*field) const {
  ExactTime sum = Ticks(ticks.*field);
  if (other_rates.empty()) return sum;
  for (const auto& [rate, sums] : other_rates.map()) sum += ExactTime::Of(sums.*field, rate);
  return sum;
}

ExactTime Usage::running_time() const {
  const int64_t running = std::max<int64_t>(Wrapped(running_user, running_system), 0);
  return std::min(ExactTime(Ticks(static_cast<uint64_t>(running))), cpu_time());
}

ExactTime Usage::largest_cpu() const {
  ExactTime largest = Ticks(ticks.largest_cpu);
  for (const auto& [rate, sums] : other_rates.map()) {
    largest = std::max(largest, ExactTime::Of(sums.largest_cpu, rate));
  }
  return largest;
}

}  // namespace cpuagg::aggregate
