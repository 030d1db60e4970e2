// RenderMarkdown: converts a report to a table of GitHub-flavoured Markdown, for a wiki or an
// issue. https://github.github.com/gfm/#tables-extension-

#ifndef CPUAGG_NOTIFY_RENDER_MARKDOWN_H_
#define CPUAGG_NOTIFY_RENDER_MARKDOWN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"
#include "notify/words/table_style.h"

namespace cpuagg::notify {

// `bytes`, printable (Printable()) and escaped, so that Markdown shows it as it is, also in a cell
// of a table: nothing in it is a tag, a link, an entity, emphasis, code or the end of the cell.
std::string MarkdownText(absl::string_view bytes);

// A heading, the table with the columns of the terminal's or those of `style`, and the notes as a
// list. Numbers are aligned to the right, and columns are aligned in the source as well. Is ASCII
// if `style` is.
std::string RenderMarkdown(const aggregate::Report& report, const TableStyle& style = {});

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_MARKDOWN_H_
