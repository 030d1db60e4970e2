// Labels for the rows of a report, for one dimension or for all together.

#ifndef CPUAGG_NOTIFY_WORDS_LABELS_H_
#define CPUAGG_NOTIFY_WORDS_LABELS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::notify {

// The name of a dimension in --by, JSON and CSV: "user", "command".
absl::string_view DimensionName(aggregate::Dimension dimension);

// The row's label in one dimension, printable:
//
// - the name, or the id in digits if there is no name; "(none)" for no department;
// - "(unknown)" for a host without a name;
// - "2026-11-23", or "2026-11-23 14:00" in the report's zone, or "2026-10-25 02:00 +02:00" if
//   another hour has the same name; a week is "2026-11-23", its first day, and a month "2026-11";
// - "2026-11-23 13:30 – 14:30", the ends of TimeOf(), if the row covers neither whole days nor an
//   hour.
std::string LabelOf(const aggregate::ReportRow& row, aggregate::Dimension dimension,
                    const aggregate::Report& report);

// The date or month that names the unit of `dimension`, a day, a week or a month, which contains
// `time`: "2026-11-23", "2026-11-23", "2026-11".
std::string UnitLabel(absl::Time time, aggregate::Dimension dimension, absl::TimeZone zone);

// The beginning of the time of a row.
absl::Time BeginOf(const aggregate::ReportRow& row);

// The time of a row of hours, days, weeks or months, within the report's period.
aggregate::Period TimeOf(const aggregate::ReportRow& row, const aggregate::Report& report);

// The row's label in all dimensions of `report`: "alice · gcc".
std::string RowLabel(const aggregate::ReportRow& row, const aggregate::Report& report);

// The label of so many rows that are not shown one by one: "+ 3 others".
std::string OthersLabel(uint64_t rows);

bool IsTime(aggregate::Dimension dimension);

// Short labels of a report's rows, for use below a heading that names the period: times without the
// year, "11-23 14:00", or without the date if the heading and all rows are of one day, "14:00".
// Months always have their year.
class BriefLabels {
 public:
  // `report` must outlive this object.
  explicit BriefLabels(const aggregate::Report& report);

  // Like LabelOf(), except for times.
  std::string Of(const aggregate::ReportRow& row, aggregate::Dimension dimension) const;

 private:
  std::string StretchLabel(const aggregate::ReportRow& row) const;

  const aggregate::Report& report_;
  absl::TimeZone zone_;
  // The format of the date for absl::FormatTime: empty, or followed by a blank.
  std::string date_;
  std::string day_;  // for whole days, which always show their date
};

// "a", "a and b", "a, b and c".
std::string Enumerated(const std::vector<std::string>& names);

// Whose records the report has, printable: the host, or "200 hosts"; empty if it is not known.
std::string HostText(const aggregate::Report& report);

// The subject of the report: "CPU by user and command", "CPU by user (only alice, command gcc)".
std::string Subject(const aggregate::Report& report);

// What a report of running processes is restricted to.
inline constexpr absl::string_view kRunningProcesses = "running processes";

// The restriction of the report: " (only alice, command gcc, processes ended by SEGV)"; empty if
// there is none.
std::string LimitText(const aggregate::Report& report);

// The noun for one row, in the singular: "user", or "row" if there are several dimensions.
absl::string_view RowNoun(const aggregate::Report& report);

// Which `shown` of all rows of `report` are shown, and in which order: "the 3 busiest of 24 hours",
// "the first 3 of 24 hours", "sorted by memory", "the first 3 of 24 users by memory". Empty if they
// are those with the most CPU time first. "only with at least 10h 00m of CPU time" if that chooses.
std::string ChoiceText(const aggregate::Report& report, uint64_t shown);

// The name of the period before that of `report`: "the day before".
std::string PreviousName(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_LABELS_H_
