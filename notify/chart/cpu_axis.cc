#include "notify/chart/cpu_axis.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kSecond = acct::kTicksPerSecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;

// Whether lines that are `step` apart are few enough.
bool Suffices(uint64_t step, uint64_t largest) { return largest / step < 5; }

// The unit that TimeInWords() uses for `largest`.
uint64_t UnitFor(uint64_t largest) {
  if (largest >= kHour) return kHour;
  return largest >= kMinute ? kMinute : kSecond;
}

// 1, 2 or 5 times a power of ten in the unit. Also halves, and any fraction of a second.
uint64_t StepFor(uint64_t largest, uint64_t unit) {
  for (const uint64_t ticks : {1, 2, 5, 10, 20}) {
    if (unit == kSecond && Suffices(ticks, largest)) return ticks;
  }
  if (Suffices(unit / 2, largest)) return unit / 2;
  for (uint64_t power = unit;; power *= 10) {
    for (const uint64_t factor : {1, 2, 5}) {
      if (Suffices(factor * power, largest)) return factor * power;
    }
  }
}

// Like TimeInWords(), but whole units without a zero for the next smaller unit.
std::string Label(uint64_t ticks, uint64_t step) {
  if (ticks == 0) return "0";
  if (ticks % kHour == 0) return absl::StrCat(WithThousands(ticks / kHour), "h");
  if (ticks % kMinute == 0 && ticks < kHour) return absl::StrCat(ticks / kMinute, "m");
  if (ticks < kMinute && step % kSecond != 0 && step % 10 == 0) {
    return absl::StrFormat("%d.%ds", ticks / kSecond, ticks % kSecond / 10);
  }
  return TimeInWords(acct::Ticks(ticks));
}

}  // namespace

CpuAxis CpuAxis::For(acct::Ticks largest) {
  CpuAxis axis;
  const uint64_t unit = UnitFor(largest.count());
  const uint64_t step = StepFor(largest.count(), unit);
  for (uint64_t i = 0; i <= largest.count() / step; ++i) {
    axis.lines.push_back({.cpu = acct::Ticks(i * step), .label = Label(i * step, step)});
  }
  return axis;
}

}  // namespace cpuagg::notify
