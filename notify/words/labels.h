// What the rows of a report are called, one dimension at a time and as a whole.

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

// "user", "command": as in --by, and as the members of JSON and CSV are called.
absl::string_view DimensionName(aggregate::Dimension dimension);

// "pts/3", "tty1", "ttyS0", or in digits as major:minor; nothing for 0, which is no terminal.
// `device` is as in ac_tty: the old 16-bit form of linux/kdev_t.h.
std::string TtyName(uint32_t device);

// The row's place along one dimension, printable: the name, or the id in digits where there is
// none; "2026-11-23", or "2026-11-23 14:00" of the report's zone, and "2026-10-25 02:00 +02:00"
// where another hour has that name; "2026-11-23 13:30 – 14:30", the ends of TimeOf(), where it is
// neither of days nor an hour.
std::string LabelOf(const aggregate::ReportRow& row, aggregate::Dimension dimension,
                    const aggregate::Report& report);

// When the time begins that a row of hours or days is of.
absl::Time BeginOf(const aggregate::ReportRow& row);

// Of which time a row of hours or days is, within the report's period.
aggregate::Period TimeOf(const aggregate::ReportRow& row, const aggregate::Report& report);

// The row's place along all dimensions of `report`: "alice · gcc".
std::string RowLabel(const aggregate::ReportRow& row, const aggregate::Report& report);

bool IsTime(aggregate::Dimension dimension);

// The labels of a report's rows where a heading names the period and there is little room: times
// without the year, "11-23 14:00", and those of one day without the date, "14:00".
class BriefLabels {
 public:
  // `report` must outlive this object.
  explicit BriefLabels(const aggregate::Report& report);

  // As LabelOf(), but for times.
  std::string Of(const aggregate::ReportRow& row, aggregate::Dimension dimension) const;

 private:
  std::string StretchLabel(const aggregate::ReportRow& row) const;

  const aggregate::Report& report_;
  absl::TimeZone zone_;
  // What is written of a date, of absl::FormatTime: nothing, or with a blank behind it.
  std::string date_;
  std::string day_;  // of a whole day, which always has its date
};

// "a", "a and b", "a, b and c".
std::string Enumerated(const std::vector<std::string>& names);

// What the report is about: "CPU by user and command", "CPU by user (only alice, command gcc)".
std::string Subject(const aggregate::Report& report);

// What the report is limited to, if it is: " (only alice, command gcc)".
std::string LimitText(const aggregate::Report& report);

// What one row is, in the singular: "user", or "row" where it is along several dimensions.
absl::string_view RowNoun(const aggregate::Report& report);

// Which `shown` of all rows of `report` are seen, and in what order, where that is not those with
// the most CPU time first: "the 3 busiest of 24 hours", "the first 3 of 24 hours", "sorted by
// memory", "the first 3 of 24 users by memory"; else nothing.
std::string ChoiceText(const aggregate::Report& report, uint64_t shown);

// What the period before that of `report` is called: "the day before".
std::string PreviousName(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_LABELS_H_
