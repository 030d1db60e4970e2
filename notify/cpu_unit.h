// CpuUnit: one unit for all CPU times of a chart, so that their numbers can be compared at a
// glance.
//
//   const CpuUnit unit = CpuUnit::For(largest);  // 61 h 14 min
//   unit.Format(largest);                        // "61.2 h"
//   unit.Format(acct::Ticks(100));               // "<0.1 h"

#ifndef CPUAGG_NOTIFY_CPU_UNIT_H_
#define CPUAGG_NOTIFY_CPU_UNIT_H_

#include <string>

#include "acct/units.h"

namespace cpuagg::notify {

class CpuUnit {
 public:
  // Hours from an hour on, minutes from a minute on, else seconds.
  static CpuUnit For(acct::Ticks largest);

  // The number and the unit, rounded to the nearest: hours and minutes have one decimal, seconds
  // two (and are exact). Nothing is "0"; what would round to it is "less than the smallest number".
  std::string Format(acct::Ticks ticks) const;

 private:
  enum class Kind { kHours, kMinutes, kSeconds };
  explicit CpuUnit(Kind kind) : kind_(kind) {}

  Kind kind_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CPU_UNIT_H_
