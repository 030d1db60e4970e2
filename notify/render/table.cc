#include "notify/render/table.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/capacity.h"
#include "notify/words/capacity_text.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::SortOrder;
using aggregate::Usage;

// Longer names are cut; the other renderings have them in full.
constexpr size_t kNameWidth = 32;

// Names are left-aligned, numbers right-aligned.
struct Line {
  std::vector<std::string> labels;
  std::vector<std::string> numbers;
};

// Whether any CPU time belongs to running processes, so that it needs a column.
bool ShowsRunning(const Report& report) {
  return std::any_of(report.rows.begin(), report.rows.end(), [](const aggregate::ReportRow& row) {
    return row.usage.running_time() > acct::ExactTime();
  });
}

// The optional columns. The sort key always has one.
struct Columns {
  bool change;
  bool running;
  bool elapsed;
  bool memory;
  bool faults;

  explicit Columns(const Report& report)
      : change(report.previous.has_value()),
        running(ShowsRunning(report)),
        elapsed(report.sort == SortOrder::kElapsed),
        memory(report.sort == SortOrder::kMemory),
        faults(report.sort == SortOrder::kMajorFaults) {}
};

// Whether ids are shown after the names, because the rows are sorted by them.
bool ShowsId(const Report& report, Dimension dimension) {
  return report.sort == SortOrder::kId &&
         (dimension == Dimension::kUser || dimension == Dimension::kGroup);
}

// `previous_cpu` is the CPU time in the previous period, if there is a comparison.
Line LineOf(const Report& report, const Columns& columns, std::vector<std::string> labels,
            const Usage& usage, std::optional<acct::ExactTime> previous_cpu) {
  Line line{.labels = std::move(labels),
            .numbers = {ExactClock(usage.cpu_time().ticks()), Percent(report.ShareOf(usage))}};
  if (columns.change) {
    line.numbers.push_back(Change(usage.cpu_time(), previous_cpu.value_or(acct::ExactTime())));
  }
  line.numbers.insert(
      line.numbers.end(),
      {ExactSeconds(usage.user_time().ticks()), ExactSeconds(usage.system_time().ticks()),
       WithThousands(usage.processes), MeanSeconds(usage.ended_cpu_time(), usage.processes),
       ExactSeconds(usage.largest_cpu().ticks())});
  if (columns.running) line.numbers.push_back(ExactSeconds(usage.running_time().ticks()));
  if (columns.elapsed) line.numbers.push_back(ExactSeconds(usage.elapsed().ticks()));
  if (columns.memory) line.numbers.push_back(WithThousands(usage.mean_memory_kib()));
  if (columns.faults) line.numbers.push_back(WithThousands(usage.major_faults));
  return line;
}

Line Heading(const Report& report, const Columns& columns) {
  Line heading{.labels = {}, .numbers = {"CPU TIME", "SHARE"}};
  if (columns.change) heading.numbers.emplace_back("CHANGE");
  heading.numbers.insert(heading.numbers.end(),
                         {"USER SECS", "SYSTEM SECS", "PROCESSES", "MEAN SECS", "LARGEST"});
  if (columns.running) heading.numbers.emplace_back("STILL RUNNING");
  if (columns.elapsed) heading.numbers.emplace_back("ELAPSED SECS");
  if (columns.memory) heading.numbers.emplace_back("MEAN MEMORY KIB");
  if (columns.faults) heading.numbers.emplace_back("MAJOR FAULTS");
  for (const Dimension dimension : report.by) {
    heading.labels.push_back(absl::AsciiStrToUpper(DimensionName(dimension)));
    if (ShowsId(report, dimension)) {
      heading.labels.emplace_back(dimension == Dimension::kUser ? "UID" : "GID");
    }
  }
  return heading;
}

// A line for several rows, with its label in the first label column.
Line SummaryLine(const Report& report, const Columns& columns, size_t label_columns,
                 std::string label, const Usage& usage,
                 std::optional<acct::ExactTime> previous_cpu) {
  std::vector<std::string> labels(label_columns);
  labels[0] = std::move(label);
  return LineOf(report, columns, std::move(labels), usage, previous_cpu);
}

// What was busy and is not accounted for. It is not part of the total, and only its sum is known.
Line UnaccountedLine(const Line& total, acct::ExactTime unaccounted) {
  Line line{.labels = std::vector<std::string>(total.labels.size()),
            .numbers = std::vector<std::string>(total.numbers.size())};
  line.labels[0] = "not accounted";
  line.numbers[0] = ExactClock(unaccounted.ticks());
  return line;
}

// The width of the widest cell of each column.
std::vector<size_t> Widths(const std::vector<Line>& lines, std::vector<std::string> Line::*cells) {
  std::vector<size_t> widths((lines[0].*cells).size());
  for (const Line& line : lines) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth((line.*cells)[i]));
    }
  }
  return widths;
}

}  // namespace

std::string RenderTable(const Report& report) {
  std::string text = absl::StrCat(
      Subject(report), report.host.empty() ? "" : " on ", Printable(report.host), ", ",
      PeriodText(report.period, report.time_zone), "\nfrom ", Printable(report.source), "\n");
  std::string capacity = CapacityText(report);
  if (!capacity.empty()) capacity.push_back('\n');
  if (report.row_count() == 0) return absl::StrCat(text, capacity, "\nNo CPU usage.\n");
  if (report.previous.has_value()) {
    absl::StrAppend(&text, "compared with ", PeriodText(report.previous->period, report.time_zone),
                    "\n");
  }
  absl::StrAppend(&text, capacity);
  const std::string choice = ChoiceText(report, report.rows.size());
  absl::StrAppend(&text, choice, choice.empty() ? "\n" : "\n\n");

  const Columns columns(report);
  std::vector<Line> lines = {Heading(report, columns)};
  const size_t label_columns = lines[0].labels.size();
  for (const aggregate::ReportRow& row : report.rows) {
    std::vector<std::string> labels;
    labels.reserve(label_columns);
    for (const Dimension dimension : report.by) {
      std::string label = LabelOf(row, dimension, report);
      labels.push_back(IsTime(dimension) ? std::move(label) : Shortened(label, kNameWidth));
      if (ShowsId(report, dimension)) {
        labels.push_back(
            absl::StrCat(dimension == Dimension::kUser ? row.uid.value() : row.gid.value()));
      }
    }
    lines.push_back(LineOf(report, columns, std::move(labels), row.usage, row.previous_cpu));
  }
  if (report.remaining_rows.rows > 0) {
    lines.push_back(SummaryLine(report, columns, label_columns,
                                absl::StrCat("+ ", Pluralize(report.remaining_rows.rows, "other")),
                                report.remaining_rows.usage, report.remaining_rows.previous_cpu));
  }
  lines.push_back(
      SummaryLine(report, columns, label_columns, "total", report.totals, report.previous_cpu()));
  if (const std::optional<aggregate::Coverage> coverage = report.coverage();
      coverage.has_value() && coverage->unaccounted > acct::ExactTime()) {
    lines.push_back(UnaccountedLine(lines.back(), coverage->unaccounted));
  }

  const std::vector<size_t> label_widths = Widths(lines, &Line::labels);
  const std::vector<size_t> number_widths = Widths(lines, &Line::numbers);
  for (const Line& line : lines) {
    for (size_t i = 0; i < label_widths.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : "  ", LeftAligned(line.labels[i], label_widths[i]));
    }
    for (size_t i = 0; i < number_widths.size(); ++i) {
      absl::StrAppend(&text, "  ", RightAligned(line.numbers[i], number_widths[i]));
    }
    // Only the line of what is not accounted for ends with empty cells.
    absl::StripTrailingAsciiWhitespace(&text);
    absl::StrAppend(&text, "\n");
  }
  return text;
}

std::string RenderNotes(const Report& report) {
  std::string text;
  for (const Note& note : NotesOf(report)) absl::StrAppend(&text, note.text, "\n");
  return text;
}

}  // namespace cpuagg::notify
