// Report -> a table for a terminal, with a heading that says what it is about.

#ifndef CPUAGG_NOTIFY_RENDER_TABLE_H_
#define CPUAGG_NOTIFY_RENDER_TABLE_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Lines of text, each ended by a newline. CPU times are exact to the hundredth of a second. A
// column says how they have changed, if the report is compared with the period before. The key that
// the rows are sorted by has a column as well, and the heading says which rows are shown, where
// that is not those with the most CPU time first.
std::string RenderTable(const aggregate::Report& report);

// The report's notes (notify/words/notes.h), one a line; empty if there is nothing to say.
std::string RenderNotes(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_TABLE_H_
