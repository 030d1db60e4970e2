// CpuAxis: the round CPU times at which a chart draws lines.
//
//   const CpuAxis axis = CpuAxis::For(largest);  // 17 h 30 min
//   axis.lines;                                  // 0, 5 h, 10 h, 15 h

#ifndef CPUAGG_NOTIFY_CHART_CPU_AXIS_H_
#define CPUAGG_NOTIFY_CHART_CPU_AXIS_H_

#include <string>
#include <vector>

#include "acct/record/units.h"

namespace cpuagg::notify {

struct CpuLine {
  acct::Ticks cpu;
  std::string label;
};

struct CpuAxis {
  // Lines from zero up to `largest`: at most five, and at least three unless `largest` is tiny.
  // Labels are those of TimeInWords(), except that "5h 00m" becomes "5h".
  static CpuAxis For(acct::Ticks largest);

  std::vector<CpuLine> lines;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_CHART_CPU_AXIS_H_
