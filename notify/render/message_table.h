// MessageTable: the lines of a message's table in <pre>. All lines have the same layout and are
// narrow enough for a phone.
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

// Follows the time of a user who still has running jobs.
inline constexpr char kRunningMark = '*';

// The columns of the row labels, one for each dimension. Times are never shortened. Names share the
// rest of the room, and the longest is shortened first.
class LabelColumns {
 public:
  // For the rows of `report` with the indices `rows`. `report` must outlive this object. The
  // columns are `room` columns wide, or wider if times would leave hardly any room for names.
  LabelColumns(const aggregate::Report& report, const std::vector<size_t>& rows, size_t room);

  size_t width() const;
  std::string Heading() const;
  std::string Of(const aggregate::ReportRow& row) const;
  // `text` across all columns.
  std::string OfGroup(absl::string_view text) const;

 private:
  const aggregate::Report& report_;
  BriefLabels labels_;
  std::vector<size_t> widths_;
};

class MessageTable {
 public:
  // Parameters as for LabelColumns.
  MessageTable(const aggregate::Report& report, const std::vector<size_t>& rows);

  // Lines, each with its newline.
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
