// RenderHtml: converts a report to a page that needs nothing else: for a browser, or a mail.

#ifndef CPUAGG_NOTIFY_RENDER_HTML_H_
#define CPUAGG_NOTIFY_RENDER_HTML_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "aggregate/report/report.h"

namespace cpuagg::notify {

// The head and the columns of the terminal's table, or the columns with these names, with names in
// full, and the notes above it.
// `chart` is the report's chart as SVG, or empty; the page is complete without it.
//
// A click on a heading sorts the rows; this is all that the script of the page does. The page's
// policy allows that script alone, and to load nothing. Names are printable and escaped, and
// isolated from the direction of the text around them.
std::string RenderHtml(const aggregate::Report& report, absl::string_view chart = "",
                       const std::vector<std::string>& columns = {});

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_HTML_H_
