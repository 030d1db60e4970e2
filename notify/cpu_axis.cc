#include "notify/cpu_axis.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kSecond = acct::kTicksPerSecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;

// Whether so few lines as wanted are `step` apart.
bool Suffices(uint64_t step, uint64_t largest) { return largest / step < 5; }

// What CpuUnit names times in of which `largest` is the largest.
uint64_t UnitFor(uint64_t largest) {
  if (largest >= kHour) return kHour;
  return largest >= kMinute ? kMinute : kSecond;
}

// 1, 2 or 5 and zeros in the unit; halves too, and of a second whatever there is.
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

std::string Label(uint64_t ticks, uint64_t step, uint64_t unit) {
  if (ticks == 0) return "0";
  const char* const name = unit == kHour ? "h" : unit == kMinute ? "min" : "s";
  if (step >= unit) return absl::StrCat(WithThousands(ticks / unit), " ", name);
  const uint64_t tenths = ticks % unit * 10 / unit;
  if (step >= unit / 10) return absl::StrCat(ticks / unit, ".", tenths, " ", name);
  return absl::StrFormat("%d.%02d %s", ticks / unit, ticks % unit, name);
}

}  // namespace

CpuAxis CpuAxis::For(acct::Ticks largest) {
  CpuAxis axis;
  const uint64_t unit = UnitFor(largest.count());
  const uint64_t step = StepFor(largest.count(), unit);
  for (uint64_t i = 0; i <= largest.count() / step; ++i) {
    axis.lines.push_back({.cpu = acct::Ticks(i * step), .label = Label(i * step, step, unit)});
  }
  return axis;
}

}  // namespace cpuagg::notify
