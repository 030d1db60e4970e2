// ExactTime: a length of time that was counted in ticks of any rate.
//
//   ExactTime time = ExactTime::Of(3, 1024) + ExactTime(Ticks(25));  // 0.2529296875 s
//
// Kept in femtoseconds, 10^-15 s: every rate up to 65535 that is made of twos and fives alone
// divides a second into whole numbers of those (2^15 the finest), so such times are exact, and so
// are their sums. Of another rate (60, say) a time is rounded once, to the nearest.

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
  // Ticks at 100 Hz are such a time.
  // NOLINTNEXTLINE(google-explicit-constructor): nothing is lost.
  ExactTime(Ticks ticks) : femtoseconds_(absl::uint128(ticks.count()) * kPerTick) {}
  // `rate` is ticks a second, not zero.
  static ExactTime Of(uint64_t ticks, uint32_t rate) {
    return ExactTime((absl::uint128(ticks) * kPerSecond + rate / 2) / rate);
  }

  absl::uint128 femtoseconds() const { return femtoseconds_; }

  // Rounded to the nearest tick of 100 Hz, half a tick up; at most as many as there can be.
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

  // `ticks` at 100 Hz longer, or shorter if they are negative, but not below zero.
  ExactTime Plus(int64_t ticks) const {
    const uint64_t magnitude =
        ticks < 0 ? uint64_t{0} - static_cast<uint64_t>(ticks) : static_cast<uint64_t>(ticks);
    const ExactTime change = Ticks(magnitude);
    if (ticks >= 0) return *this + change;
    return *this < change ? ExactTime() : ExactTime(femtoseconds_ - change.femtoseconds_);
  }

  static constexpr uint64_t kPerSecond = 1'000'000'000'000'000;

 private:
  static constexpr uint64_t kPerTick = kPerSecond / kTicksPerSecond;

  explicit ExactTime(absl::uint128 femtoseconds) : femtoseconds_(femtoseconds) {}

  absl::uint128 femtoseconds_ = 0;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_EXACT_TIME_H_
