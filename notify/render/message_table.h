// MessageTable: the lines of the table that a message has in <pre>, all laid out alike and narrow
// enough for a phone.
//
//   const MessageTable table(report, ByChoice(report), report.rows.size());
//   text += table.Header();                              // "USER    HOUR        TIME    %\n"
//   for (const auto& row : report.rows) text += table.RowLine(row);

#ifndef CPUAGG_NOTIFY_RENDER_MESSAGE_TABLE_H_
#define CPUAGG_NOTIFY_RENDER_MESSAGE_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/report.h"
#include "notify/words/labels.h"

namespace cpuagg::notify {

// Behind the time of who still has jobs.
inline constexpr char kRunningMark = '*';

// The columns that the labels of rows stand in, one for each dimension. Times are never shortened;
// names share what the times leave of the room, and the longest is the first to be shortened.
class LabelColumns {
 public:
  // Made for the rows of `report`, which must outlive this object, at the places `rows`, and at
  // least `room` columns wide; wider only where times take so much that names would have next to
  // nothing.
  LabelColumns(const aggregate::Report& report, const std::vector<size_t>& rows, size_t room);

  size_t width() const;
  std::string Heading() const;
  std::string Of(const aggregate::ReportRow& row) const;
  // What stands in all columns together.
  std::string OfGroup(absl::string_view text) const;

 private:
  const aggregate::Report& report_;
  BriefLabels labels_;
  std::vector<size_t> widths_;
};

class MessageTable {
 public:
  // As of LabelColumns.
  MessageTable(const aggregate::Report& report, const std::vector<size_t>& rows);

  // Lines with their newlines.
  std::string Header() const;
  std::string RowLine(const aggregate::ReportRow& row) const;
  std::string GroupLine(const aggregate::RowGroup& group) const;

 private:
  size_t RoomForLabels() const;
  std::string UsageLine(absl::string_view label, const aggregate::Usage& usage,
                        std::optional<acct::ExactTime> previous_cpu) const;
  std::string Line(absl::string_view label, absl::string_view time, char mark,
                   absl::string_view percent, absl::string_view change) const;

  const aggregate::Report& report_;
  size_t time_width_;
  bool marks_running_;
  LabelColumns labels_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_MESSAGE_TABLE_H_
