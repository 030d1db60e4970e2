// The fields of a report's rows for programs: the names and values that CSV, TSV and JSON share.

#ifndef CPUAGG_NOTIFY_RENDER_REPORT_FIELDS_H_
#define CPUAGG_NOTIFY_RENDER_REPORT_FIELDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::notify {

struct ReportField {
  enum class Kind {
    kNumber,  // in decimal digits
    kText,    // printable ASCII
    kName,    // bytes that somebody else has chosen
    kAbsent,  // no value; `value` is empty
  };

  absl::string_view name;
  Kind kind = Kind::kNumber;
  std::string value;
};

// What identifies a row in one dimension: uid and user, gid and group, or one field. An hour is in
// the report's zone and has its offset, because two hours have the same name when clocks are put
// back.
std::vector<ReportField> GroupFields(const aggregate::ReportRow& row,
                                     aggregate::Dimension dimension,
                                     const aggregate::Report& report);

// The `start` and `end` of a row of a time; empty for other reports.
std::vector<ReportField> TimeFields(const aggregate::ReportRow& row,
                                    const aggregate::Report& report);

// The numbers of `usage`, from `processes` on. All reports have the same, without a value if their
// source does not know it. Seconds are exact, except the mean.
std::vector<ReportField> UsageFields(const aggregate::Report& report,
                                     const aggregate::Usage& usage);

// Whether `report` knows the number of this name at all. Of processes that run, memory, faults and
// I/O are not known.
bool IsKnownField(const aggregate::Report& report, absl::string_view name);

// The name of the field that comes after those if there is a comparison.
inline constexpr absl::string_view kPreviousCpuField = "previous_cpu_seconds";

// "2026-11-22T19:35:45Z". `time` must be finite.
std::string UtcText(absl::Time time);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_REPORT_FIELDS_H_
