#include "notify/render/html.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "notify/render/html_page.h"
#include "notify/render/report_grid.h"
#include "notify/words/html_text.h"
#include "notify/words/notes.h"

namespace cpuagg::notify {
namespace {

// The SVG itself, without what a file of SVG has before it.
std::string HtmlFigure(absl::string_view chart) {
  constexpr absl::string_view kSvg = "<svg ";
  const size_t begin = chart.find(kSvg);
  if (begin == absl::string_view::npos) return "";
  return absl::StrCat("<figure>\n", kSvg,
                      "role=\"img\" aria-label=\"Chart of the CPU time; the table has its "
                      "numbers\" ",
                      absl::StripTrailingAsciiWhitespace(chart.substr(begin + kSvg.size())),
                      "\n</figure>\n");
}

std::string HtmlNotes(const std::vector<Note>& notes) {
  if (notes.empty()) return "";
  std::string list = "<ul>\n";
  for (const Note& note : notes) {
    const bool is_loss = note.kind == NoteKind::kGap || note.kind == NoteKind::kDamage;
    absl::StrAppend(&list, is_loss ? "<li class=\"warn\">" : "<li>", EscapeHtml(note.text),
                    "</li>\n");
  }
  return list + "</ul>\n";
}

std::string HtmlHeadings(const ReportGrid& grid) {
  std::string row = "<thead>\n<tr>";
  for (size_t i = 0; i < grid.columns.size(); ++i) {
    absl::StrAppend(&row, "<th scope=\"col\"", grid.columns[i].is_number ? " class=\"n\"" : "");
    if (i == grid.sorted_by) {
      absl::StrAppend(&row, " aria-sort=\"", grid.is_rising ? "ascending" : "descending", "\"");
    }
    absl::StrAppend(&row, ">", EscapeHtml(grid.columns[i].heading), "</th>");
  }
  return row + "</tr>\n</thead>\n";
}

// "n" aligns a number to the right, "w" lets a long name wrap.
absl::string_view CellClass(const GridCell& cell, const GridColumn& column) {
  if (column.is_number) return " class=\"n\"";
  return cell.key.has_value() ? "" : " class=\"w\"";
}

// The first column is the heading of the row.
std::string HtmlRow(const GridLine& line, const std::vector<GridColumn>& columns, bool is_sum) {
  std::string row = "<tr>";
  for (size_t i = 0; i < line.size(); ++i) {
    const GridCell& cell = line[i];
    const absl::string_view tag = i == 0 ? "th" : "td";
    absl::StrAppend(&row, "<", tag, i == 0 ? " scope=\"row\"" : "", CellClass(cell, columns[i]));
    if (!is_sum && cell.key.has_value()) absl::StrAppend(&row, " data-key=\"", *cell.key, "\"");
    const std::string text = EscapeHtml(cell.text);
    absl::StrAppend(&row, ">", columns[i].is_number ? text : absl::StrCat("<bdi>", text, "</bdi>"),
                    "</", tag, ">");
  }
  return row + "</tr>\n";
}

std::string HtmlTable(const ReportGrid& grid, absl::string_view title) {
  // A region that scrolls needs a name and the focus, so that a keyboard can scroll it.
  std::string table = absl::StrCat(
      "<section class=\"scroll\" aria-labelledby=\"caption\" tabindex=\"0\">\n<table>\n"
      "<caption id=\"caption\">",
      EscapeHtml(title), "</caption>\n", HtmlHeadings(grid), "<tbody>\n");
  for (const GridLine& line : grid.rows) {
    absl::StrAppend(&table, HtmlRow(line, grid.columns, /*is_sum=*/false));
  }
  absl::StrAppend(&table, "</tbody>\n<tfoot>\n");
  for (const GridLine& line : grid.sums) {
    absl::StrAppend(&table, HtmlRow(line, grid.columns, /*is_sum=*/true));
  }
  return table + "</tfoot>\n</table>\n</section>\n";
}

}  // namespace

std::string RenderHtml(const aggregate::Report& report, absl::string_view chart,
                       const std::vector<std::string>& columns) {
  const ReportHead head = HeadOf(report);
  // The chart has attributes of style, which need 'unsafe-inline'.
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src '",
      kHtmlScriptHash,
      "'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"generator\" content=\"cpuagg\">\n<title>",
      EscapeHtml(head.title), "</title>\n<style>", kHtmlStyle, "</style>\n</head>\n<body>\n<h1>",
      EscapeHtml(head.title), "</h1>\n");
  for (const std::string* const line :
       {&head.period, &head.source, &head.previous, &head.capacity, &head.choice, &head.nothing}) {
    if (!line->empty()) absl::StrAppend(&page, "<p>", EscapeHtml(*line), "</p>\n");
  }
  absl::StrAppend(&page, HtmlNotes(NotesOf(report)));
  if (head.nothing.empty()) {
    absl::StrAppend(&page, HtmlFigure(chart), HtmlTable(GridOf(report, columns), head.title),
                    "<script>", kHtmlScript, "</script>\n");
  }
  return page + "</body>\n</html>\n";
}

}  // namespace cpuagg::notify
