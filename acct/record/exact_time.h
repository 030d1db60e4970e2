// ExactTime: a length of time that was counted in ticks of any rate.
//
//   ExactTime time = ExactTime::Of(3, 1024) + ExactTime(Ticks(25));  // 0.2529296875 s
//
// Stored in femtoseconds, 10^-15 s. A rate up to 65535 whose only prime factors are 2 and 5 (2^15
// is the finest) divides a second into whole femtoseconds. Such times and their sums are therefore
// exact. A time at another rate, such as 60, is rounded once, to the nearest femtosecond.

#ifndef CPUAGG_ACCT_RECORD_EXACT_TIME_H_
#define CPUAGG_ACCT_RECORD_EXACT_TIME_H_

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/numeric/int128.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

class ExactTime {
 public:
  ExactTime() = default;
  // Ticks at 100 Hz convert without loss.
  // NOLINTNEXTLINE(google-explicit-constructor): nothing is lost.
  ExactTime(Ticks ticks) : femtoseconds_(absl::uint128(ticks.count()) * kPerTick) {}
  // `rate` is in ticks per second and not zero.
  static ExactTime Of(uint64_t ticks, uint32_t rate) {
    return ExactTime((absl::uint128(ticks) * kPerSecond + rate / 2) / rate);
  }

  absl::uint128 femtoseconds() const { return femtoseconds_; }

  // Rounded to the nearest tick of 100 Hz, half a tick up. Saturates at the largest number of
  // ticks.
  Ticks ticks() const {
    const absl::uint128 ticks = (femtoseconds_ + kPerTick / 2) / kPerTick;
    constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
    return Ticks(ticks > kMost ? kMost : absl::Uint128Low64(ticks));
  }

  // No sum of usage overflows: 2^64 ticks at 1 Hz are 2^114 femtoseconds.
  ExactTime& operator+=(ExactTime other) {
    femtoseconds_ += other.femtoseconds_;
    return *this;
  }
  friend ExactTime operator+(ExactTime a, ExactTime b) { return a += b; }
  friend bool operator==(ExactTime a, ExactTime b) { return a.femtoseconds_ == b.femtoseconds_; }
  friend std::strong_ordering operator<=>(ExactTime a, ExactTime b) {
    if (a.femtoseconds_ == b.femtoseconds_) return std::strong_ordering::equal;
    return a.femtoseconds_ < b.femtoseconds_ ? std::strong_ordering::less
                                             : std::strong_ordering::greater;
  }

  // The time plus `ticks` at 100 Hz, which may be negative. Never below zero.
  ExactTime Plus(int64_t ticks) const {
    const uint64_t magnitude =
        ticks < 0 ? uint64_t{0} - static_cast<uint64_t>(ticks) : static_cast<uint64_t>(ticks);
    const ExactTime change = Ticks(magnitude);
    if (ticks >= 0) return *this + change;
    return *this < change ? ExactTime() : ExactTime(femtoseconds_ - change.femtoseconds_);
  }

  // The time without `other`. Never below zero.
  ExactTime Less(ExactTime other) const {
    return *this < other ? ExactTime() : ExactTime(femtoseconds_ - other.femtoseconds_);
  }

  static constexpr uint64_t kPerSecond = 1'000'000'000'000'000;

 private:
  static constexpr uint64_t kPerTick = kPerSecond / kTicksPerSecond;

  explicit ExactTime(absl::uint128 femtoseconds) : femtoseconds_(femtoseconds) {}

  absl::uint128 femtoseconds_ = 0;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_EXACT_TIME_H_
