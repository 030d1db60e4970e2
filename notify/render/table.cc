#include "notify/render/table.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/capacity.h"
#include "notify/render/report_columns.h"
#include "notify/render/table_fit.h"
#include "notify/words/capacity_text.h"
#include "notify/words/fitted_text.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

// A column with its cells: those of the rows, then of the others and the total.
struct FilledColumn {
  ReportColumn column;
  std::vector<std::string> cells;
  size_t width = 0;  // of the widest cell or the heading
};

// Words of the table's own, for this terminal.
std::string Words(absl::string_view words, const TableStyle& style) {
  return style.is_ascii ? AsciiWords(words) : std::string(words);
}

// A sentence on lines of its own.
std::string Line(absl::string_view sentence, const TableStyle& style) {
  const std::string words = Words(sentence, style);
  return absl::StrCat(style.terminal_columns > 0 ? Wrapped(words, style.terminal_columns) : words,
                      "\n");
}

// The columns that may stand, in their order: those that were asked for, or those that have
// something to say.
std::vector<ReportColumn> Candidates(const Report& report, const TableStyle& style) {
  if (!style.columns.empty()) return NamedColumns(report, style.columns);
  std::vector<ReportColumn> all = ReportColumns(report);
  std::vector<ReportColumn> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const ReportColumn& column) {
    if (column.rank == 0) return true;
    if (style.terminal_columns > 0 && !HasContent(column, report)) return false;
    return style.is_wide || IsUsual(column, report);
  });
  if (style.is_wide || style.terminal_columns > 0) return chosen;
  std::vector<ColumnNeed> needs;
  needs.reserve(chosen.size());
  for (const ReportColumn& column : chosen) needs.push_back({column.usual_width, column.rank});
  const std::vector<size_t> widths = FitColumns(needs, TableStyle::kUsualWidth);
  std::vector<ReportColumn> usual;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (widths[i] > 0) usual.push_back(std::move(chosen[i]));
  }
  return usual;
}

// What was busy and is not accounted for. It is not part of the total, and only its sum is known.
std::string UnaccountedCell(const ReportColumn& column, bool is_first_label,
                            const aggregate::Coverage& coverage) {
  if (is_first_label) return "not accounted";
  return column.name == "cpu_seconds" ? ExactClock(coverage.unaccounted.ticks()) : "";
}

FilledColumn Filled(ReportColumn column, const Report& report, bool is_first_label,
                    const TableStyle& style) {
  FilledColumn filled = {.column = std::move(column)};
  const auto add_summary = [&](std::string label, const aggregate::Usage& usage,
                               std::optional<acct::ExactTime> previous_cpu) {
    filled.cells.push_back(filled.column.number
                               ? filled.column.number({report, usage, previous_cpu})
                               : (is_first_label ? std::move(label) : ""));
  };
  for (const aggregate::ReportRow& row : report.rows) {
    if (filled.column.number) {
      filled.cells.push_back(filled.column.number({report, row.usage, row.previous_cpu}));
      continue;
    }
    std::string label = filled.column.label(row);
    if (style.is_ascii) label = filled.column.is_name ? AsciiName(label) : AsciiWords(label);
    filled.cells.push_back(std::move(label));
  }
  if (report.remaining_rows.rows > 0) {
    add_summary(OthersLabel(report.remaining_rows.rows), report.remaining_rows.usage,
                report.remaining_rows.previous_cpu);
  }
  add_summary("total", report.totals, report.previous_cpu());
  if (const std::optional<aggregate::Coverage> coverage = report.coverage();
      coverage.has_value() && coverage->unaccounted > acct::ExactTime()) {
    filled.cells.push_back(UnaccountedCell(filled.column, is_first_label, *coverage));
  }
  filled.width = DisplayWidth(filled.column.heading);
  for (const std::string& cell : filled.cells) {
    filled.width = std::max(filled.width, DisplayWidth(cell));
  }
  return filled;
}

// Cuts the cells to `width`. Returns whether different ones look the same afterwards.
bool Cut(size_t width, absl::string_view ellipsis, std::vector<std::string>& cells) {
  std::map<std::string, std::string> whole;
  bool is_ambiguous = false;
  for (std::string& cell : cells) {
    std::string cut = CutInMiddle(cell, width, ellipsis);
    const auto [seen, is_new] = whole.try_emplace(cut, cell);
    is_ambiguous |= !is_new && seen->second != cell;
    cell = std::move(cut);
  }
  return is_ambiguous;
}

// Leaves out the columns that do not fit, and cuts names. Returns whether some names look the same.
bool FitTerminal(const TableStyle& style, std::vector<FilledColumn>& columns) {
  std::vector<ColumnNeed> needs;
  needs.reserve(columns.size());
  for (const FilledColumn& filled : columns) {
    needs.push_back({filled.width, filled.column.rank, filled.column.is_name});
  }
  const std::vector<size_t> widths = FitColumns(needs, style.terminal_columns);
  std::vector<FilledColumn> shown;
  bool is_ambiguous = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (widths[i] == 0) continue;
    FilledColumn& filled = shown.emplace_back(std::move(columns[i]));
    if (widths[i] < filled.width) {
      is_ambiguous |= Cut(widths[i], style.ellipsis(), filled.cells);
      filled.column.heading = CutInMiddle(filled.column.heading, widths[i], style.ellipsis());
      filled.width = widths[i];
    }
  }
  columns = std::move(shown);
  return is_ambiguous;
}

void AppendLines(const std::vector<FilledColumn>& columns, std::string& text) {
  const size_t lines = columns[0].cells.size() + 1;
  for (size_t line = 0; line < lines; ++line) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const FilledColumn& filled = columns[i];
      const std::string& cell = line == 0 ? filled.column.heading : filled.cells[line - 1];
      if (i > 0) text.append(kColumnGap, ' ');
      const bool is_last = i + 1 == columns.size();
      absl::StrAppend(&text, filled.column.number ? RightAligned(cell, filled.width)
                             : is_last            ? cell
                                                  : LeftAligned(cell, filled.width));
    }
    // The line of what is not accounted for ends with empty cells.
    absl::StripTrailingAsciiWhitespace(&text);
    absl::StrAppend(&text, "\n");
  }
}

}  // namespace

std::string RenderTable(const Report& report, const TableStyle& style) {
  const std::string host = HostText(report);
  std::string text =
      absl::StrCat(Line(absl::StrCat(Subject(report), host.empty() ? "" : " on ", host, ", ",
                                     PeriodText(report.period, report.time_zone)),
                        style),
                   Line(absl::StrCat("from ", Printable(report.source)), style));
  std::string capacity = CapacityText(report);
  if (!capacity.empty()) capacity = Line(capacity, style);
  if (report.row_count() == 0) return absl::StrCat(text, capacity, "\nNo CPU usage.\n");
  if (report.previous.has_value()) {
    absl::StrAppend(&text, Line(absl::StrCat("compared with ",
                                             PeriodText(report.previous->period, report.time_zone)),
                                style));
  }
  absl::StrAppend(&text, capacity);
  const std::string choice = ChoiceText(report, report.rows.size());
  absl::StrAppend(&text, choice.empty() ? "" : Line(choice, style), "\n");

  std::vector<FilledColumn> columns;
  bool has_label = false;
  for (ReportColumn& column : Candidates(report, style)) {
    const bool is_first_label = !has_label && column.label;
    has_label |= is_first_label;
    columns.push_back(Filled(std::move(column), report, is_first_label, style));
  }
  const bool is_ambiguous =
      style.terminal_columns > 0 && !style.is_wide && FitTerminal(style, columns);
  AppendLines(columns, text);
  if (is_ambiguous) {
    absl::StrAppend(
        &text, "\n",
        Line("Some names look the same because they are cut; --wide shows all of each.", style));
  }
  return text;
}

std::string RenderNotes(const Report& report, const TableStyle& style) {
  std::string text;
  for (const Note& note : NotesOf(report)) {
    std::string line = Line(note.text, style);
    line.pop_back();
    absl::StrAppend(&text,
                    note.kind == NoteKind::kDamage ? style.Red(line)
                    : note.kind == NoteKind::kGap  ? style.Yellow(line)
                                                   : line,
                    "\n");
  }
  return text;
}

}  // namespace cpuagg::notify
