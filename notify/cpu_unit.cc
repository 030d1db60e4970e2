#include "notify/cpu_unit.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kTicksPerMinute = 60 * acct::kTicksPerSecond;
constexpr uint64_t kTicksPerHour = 60 * kTicksPerMinute;

// In whole numbers: a double cannot hold every count of ticks.
std::string WithOneDecimal(acct::Ticks ticks, uint64_t ticks_per_unit, const char* name) {
  const uint64_t ticks_per_tenth = ticks_per_unit / 10;
  const bool round_up = ticks.count() % ticks_per_tenth >= ticks_per_tenth / 2;
  const uint64_t tenths = ticks.count() / ticks_per_tenth + (round_up ? 1 : 0);
  if (tenths == 0) return absl::StrCat("<0.1 ", name);
  return absl::StrCat(tenths / 10, ".", tenths % 10, " ", name);
}

}  // namespace

CpuUnit CpuUnit::For(acct::Ticks largest) {
  if (largest.count() >= kTicksPerHour) return CpuUnit(Kind::kHours);
  if (largest.count() >= kTicksPerMinute) return CpuUnit(Kind::kMinutes);
  return CpuUnit(Kind::kSeconds);
}

std::string CpuUnit::Format(acct::Ticks ticks) const {
  if (ticks == acct::Ticks(0)) return "0";
  switch (kind_) {
    case Kind::kHours:
      return WithOneDecimal(ticks, kTicksPerHour, "h");
    case Kind::kMinutes:
      return WithOneDecimal(ticks, kTicksPerMinute, "min");
    case Kind::kSeconds:
      break;
  }
  return absl::StrFormat("%d.%02d s", ticks.whole_seconds(), ticks.hundredths());
}

}  // namespace cpuagg::notify
