#include "notify/render/markdown.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "notify/render/report_grid.h"
#include "notify/words/fitted_text.h"
#include "notify/words/notes.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

// The dashes below a heading are at least three.
constexpr size_t kLeastWidth = 3;

// A line of the source. `cells` are escaped.
std::string MarkdownLine(const std::vector<std::string>& cells,
                         const std::vector<GridColumn>& columns,
                         const std::vector<size_t>& widths) {
  std::string line = "|";
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(
        &line, " ",
        columns[i].is_number ? RightAligned(cells[i], widths[i]) : LeftAligned(cells[i], widths[i]),
        " |");
  }
  return line + "\n";
}

// Words of the report's own.
std::string MarkdownWords(absl::string_view words, const TableStyle& style) {
  return MarkdownText(style.is_ascii ? AsciiWords(words) : words);
}

std::string MarkdownCell(const std::string& text, const GridColumn& column,
                         const TableStyle& style) {
  // Numbers have nothing to escape: no tag begins as "<1%" does.
  if (column.is_number) return text;
  if (column.is_name && style.is_ascii) return MarkdownText(AsciiName(text));
  return MarkdownWords(text, style);
}

std::string MarkdownTable(const ReportGrid& grid, const TableStyle& style) {
  std::vector<std::vector<std::string>> lines(1);
  for (const GridColumn& column : grid.columns) lines[0].push_back(MarkdownText(column.heading));
  for (const std::vector<GridLine>* const part : {&grid.rows, &grid.sums}) {
    for (const GridLine& line : *part) {
      lines.emplace_back();
      for (size_t i = 0; i < line.size(); ++i) {
        lines.back().push_back(MarkdownCell(line[i].text, grid.columns[i], style));
      }
    }
  }
  std::vector<size_t> widths(grid.columns.size(), kLeastWidth);
  for (const std::vector<std::string>& line : lines) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(line[i]));
    }
  }
  std::vector<std::string> rule;
  for (size_t i = 0; i < widths.size(); ++i) {
    rule.push_back(grid.columns[i].is_number ? std::string(widths[i] - 1, '-') + ":"
                                             : std::string(widths[i], '-'));
  }
  lines.insert(lines.begin() + 1, std::move(rule));
  std::string text;
  for (const std::vector<std::string>& line : lines) {
    absl::StrAppend(&text, MarkdownLine(line, grid.columns, widths));
  }
  return text;
}

}  // namespace

std::string MarkdownText(absl::string_view bytes) {
  return absl::StrReplaceAll(Printable(bytes), {{"\\", "\\\\"},
                                                {"`", "\\`"},
                                                {"*", "\\*"},
                                                {"_", "\\_"},
                                                {"[", "\\["},
                                                {"]", "\\]"},
                                                {"|", "\\|"},
                                                {"~", "\\~"},
                                                {"$", "\\$"},
                                                {"#", "\\#"},
                                                {"@", "\\@"},
                                                {"<", "&lt;"},
                                                {">", "&gt;"},
                                                {"&", "&amp;"},
                                                // What begins so is a link without more.
                                                {"://", "\\://"},
                                                {"www.", "www\\."}});
}

std::string RenderMarkdown(const aggregate::Report& report, const TableStyle& style) {
  const ReportHead head = HeadOf(report);
  std::string text =
      absl::StrCat("## ", MarkdownWords(head.title, style), "\n\n",
                   MarkdownWords(head.period, style), ", ", MarkdownWords(head.source, style));
  for (const std::string* const more : {&head.previous, &head.capacity, &head.choice}) {
    if (!more->empty()) absl::StrAppend(&text, ", ", MarkdownWords(*more, style));
  }
  absl::StrAppend(&text, "\n\n",
                  head.nothing.empty() ? MarkdownTable(GridOf(report, style.columns), style)
                                       : absl::StrCat(MarkdownText(head.nothing), "\n"));
  const std::vector<Note> notes = NotesOf(report);
  if (!notes.empty()) text += '\n';
  for (const Note& note : notes)
    absl::StrAppend(&text, "- ", MarkdownWords(note.text, style), "\n");
  return text;
}

}  // namespace cpuagg::notify
