// The values that distinguish a row from its neighbours.

#ifndef CPUAGG_AGGREGATE_REPORT_ROW_ID_H_
#define CPUAGG_AGGREGATE_REPORT_ROW_ID_H_

#include <tuple>

#include "aggregate/report/report.h"

namespace cpuagg::aggregate {

inline auto IdOf(const ReportRow& row) {
  return std::tuple(row.uid, row.user, row.gid, row.tty, row.signal, row.command, row.department,
                    row.begin, row.host);
}

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_ROW_ID_H_
