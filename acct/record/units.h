// Small value types of accounting records: distinct types for ids, and CPU ticks.
//
//   acct::Uid uid(1001);
//   acct::Ticks cpu = acct::Ticks(9742) + acct::Ticks(665);  // 104.07 s

#ifndef CPUAGG_ACCT_RECORD_UNITS_H_
#define CPUAGG_ACCT_RECORD_UNITS_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <ostream>
#include <utility>

#include "absl/time/time.h"

namespace cpuagg::acct {

// An unsigned id as the kernel wrote it. `Kind` makes user ids and group ids distinct types.
template <typename Kind>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(uint32_t value) : value_(value) {}
  constexpr uint32_t value() const { return value_; }

  friend constexpr auto operator<=>(Id, Id) = default;
  template <typename H>
  friend H AbslHashValue(H h, Id id) {
    return H::combine(std::move(h), id.value_);
  }
  friend std::ostream& operator<<(std::ostream& os, Id id) { return os << id.value_; }

 private:
  uint32_t value_ = 0;
};

using Uid = Id<struct UserKind>;   // ac_uid: the real user id
using Gid = Id<struct GroupKind>;  // ac_gid: the real group id

// The rate of the times in version 3, in ticks per second: AHZ of linux/acct.h, the same on every
// machine. In other versions each record may have its own rate.
inline constexpr uint64_t kTicksPerSecond = 100;

// a + b, or the largest number if the sum does not fit: a hostile file must not turn a large sum
// into a small one. 2^64 ticks are 5.8 billion years.
constexpr uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  return a + b < a ? std::numeric_limits<uint64_t>::max() : a + b;
}

// A number of CPU or wall-clock ticks at kTicksPerSecond. Sums are exact and saturate.
class Ticks {
 public:
  constexpr Ticks() = default;
  constexpr explicit Ticks(uint64_t count) : count_(count) {}
  constexpr uint64_t count() const { return count_; }

  constexpr uint64_t whole_seconds() const { return count_ / kTicksPerSecond; }
  // The hundredths after the whole seconds: 0 to 99.
  constexpr uint64_t hundredths() const { return count_ % kTicksPerSecond; }

  // The same time as a duration; saturates at absl::InfiniteDuration().
  absl::Duration duration() const {
    return absl::Seconds(whole_seconds()) + absl::Milliseconds(hundredths() * 10);
  }

  constexpr Ticks& operator+=(Ticks other) {
    count_ = SaturatingAdd(count_, other.count_);
    return *this;
  }
  friend constexpr Ticks operator+(Ticks a, Ticks b) { return a += b; }
  friend constexpr auto operator<=>(Ticks, Ticks) = default;
  friend std::ostream& operator<<(std::ostream& os, Ticks ticks) {
    return os << ticks.count_ << " ticks";
  }

 private:
  uint64_t count_ = 0;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_UNITS_H_
