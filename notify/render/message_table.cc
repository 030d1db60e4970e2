#include "notify/render/message_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/record/units.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::ReportRow;

// Lines of this width do not wrap on a phone held upright.
constexpr size_t kTableWidth = 30;
constexpr size_t kWidestTable = 32;
constexpr size_t kPercentWidth = 4;
constexpr size_t kChangeWidth = 6;

// The width of the widest time up to `total`.
size_t WidestTime(acct::ExactTime total) {
  constexpr uint64_t kTenMinutes = 600 * acct::kTicksPerSecond;
  constexpr size_t kSeconds = 6;  // "59.99s", "<0.01s", "9m 59s"
  constexpr size_t kMinutes = 7;  // "59m 59s"
  return std::max(DisplayWidth(TimeInWords(total)),
                  total < acct::ExactTime(acct::Ticks(kTenMinutes)) ? kSeconds : kMinutes);
}

std::string InColumn(absl::string_view text, size_t width) {
  const std::string shortened = Shortened(text, width);
  return KeptInPlace(shortened).append(width - DisplayWidth(shortened), ' ');
}

}  // namespace

LabelColumns::LabelColumns(const Report& report, const std::vector<size_t>& rows, size_t room)
    : report_(report), labels_(report) {
  std::vector<size_t> names;
  for (size_t i = 0; i < report.by.size(); ++i) {
    widths_.push_back(DimensionName(report.by[i]).size());
    if (!IsTime(report.by[i])) names.push_back(i);
  }
  for (const size_t row : rows) {
    for (size_t i = 0; i < widths_.size(); ++i) {
      const std::string label = labels_.Of(report.rows[row], report.by[i]);
      widths_[i] =
          std::max(widths_[i], DisplayWidth(IsTime(report.by[i]) ? label : Shortened(label, room)));
    }
  }
  const size_t least = names.size() == 1 ? 8 : 5;  // for a name that is still recognisable
  while (width() > room) {
    const auto longest = std::max_element(
        names.begin(), names.end(), [&](size_t a, size_t b) { return widths_[a] < widths_[b]; });
    if (longest == names.end() || widths_[*longest] <= least) break;
    --widths_[*longest];
  }
  widths_.back() += room - std::min(room, width());
}

size_t LabelColumns::width() const {
  size_t width = widths_.size() - 1;  // the blanks between columns
  for (const size_t column : widths_) width += column;
  return width;
}

std::string LabelColumns::Heading() const {
  std::vector<std::string> cells;
  for (size_t i = 0; i < widths_.size(); ++i) {
    const absl::string_view name = DimensionName(report_.by[i]).substr(0, widths_[i]);
    cells.push_back(LeftAligned(absl::AsciiStrToUpper(name), widths_[i]));
  }
  return absl::StrJoin(cells, " ");
}

std::string LabelColumns::Of(const ReportRow& row) const {
  std::vector<std::string> cells;
  for (size_t i = 0; i < widths_.size(); ++i) {
    const std::string label = labels_.Of(row, report_.by[i]);
    cells.push_back(IsTime(report_.by[i]) ? LeftAligned(label, widths_[i])
                                          : InColumn(label, widths_[i]));
  }
  return absl::StrJoin(cells, " ");
}

std::string LabelColumns::OfGroup(absl::string_view text) const { return InColumn(text, width()); }

MessageTable::MessageTable(const Report& report, const std::vector<size_t>& rows)
    : report_(report),
      time_width_(WidestTime(report.totals.cpu_time())),
      marks_running_(report.totals.running_time() > acct::ExactTime()),
      labels_(report, rows, RoomForLabels()) {}

std::string MessageTable::Header() const {
  return Line(labels_.Heading(), "TIME", ' ', "%", "+/-");
}

std::string MessageTable::RowLine(const ReportRow& row) const {
  return UsageLine(labels_.Of(row), row.usage, row.previous_cpu);
}

std::string MessageTable::GroupLine(const aggregate::RowGroup& group) const {
  return UsageLine(labels_.OfGroup(absl::StrCat("+", Pluralize(group.rows, "other"))), group.usage,
                   group.previous_cpu);
}

size_t MessageTable::RoomForLabels() const {
  const size_t numbers = 1 + time_width_ + (marks_running_ ? 1 : 0) + 1 + kPercentWidth +
                         (report_.previous.has_value() ? 1 + kChangeWidth : 0);
  const size_t width = report_.previous.has_value() ? kWidestTable : kTableWidth;
  return width - std::min(width, numbers);
}

std::string MessageTable::UsageLine(absl::string_view label, const aggregate::Usage& usage,
                                    std::optional<acct::ExactTime> previous_cpu) const {
  return Line(label, TimeInWords(usage.cpu_time()),
              usage.running_time() > acct::ExactTime() ? kRunningMark : ' ',
              Percent(report_.ShareOf(usage)),
              ShortChange(usage.cpu_time(), previous_cpu.value_or(acct::ExactTime())));
}

std::string MessageTable::Line(absl::string_view label, absl::string_view time, char mark,
                               absl::string_view percent, absl::string_view change) const {
  std::string line = absl::StrCat(label, " ", RightAligned(time, time_width_));
  if (marks_running_) line.push_back(mark);
  absl::StrAppend(&line, " ", RightAligned(percent, kPercentWidth));
  if (report_.previous.has_value()) {
    absl::StrAppend(&line, " ", RightAligned(change, kChangeWidth));
  }
  return line + "\n";
}

}  // namespace cpuagg::notify
