// Rows of reports, for tests.

#ifndef CPUAGG_AGGREGATE_REPORT_REPORT_ROWS_H_
#define CPUAGG_AGGREGATE_REPORT_REPORT_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acct/record/units.h"
#include "aggregate/report/report.h"

namespace cpuagg::aggregate::testing {

inline ReportRow Row(uint32_t uid, std::optional<std::string> name, uint64_t user_ticks,
                     uint64_t processes = 1) {
  return {.uid = acct::Uid(uid),
          .user = std::move(name),
          .usage = {.processes = processes, .ticks = {.user = user_ticks}}};
}

using Uids = std::vector<uint32_t>;

// The users of the rows, in their order.
inline Uids UidsOf(const Report& report) {
  Uids uids;
  for (const ReportRow& row : report.rows) uids.push_back(row.uid.value());
  return uids;
}

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_REPORT_REPORT_ROWS_H_
