// RenderTable: converts a report to a table for a terminal, with a heading.

#ifndef CPUAGG_NOTIFY_RENDER_TABLE_H_
#define CPUAGG_NOTIFY_RENDER_TABLE_H_

#include <string>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

// Lines of text, each ended by a newline. CPU times are exact to the hundredth of a second. If the
// report has a comparison, a column shows the change from the previous period. The sort key has a
// column too. The heading says which rows are shown, unless they are those with the most CPU time
// first, and how much of the machine was used. What was busy and is not accounted for is a line
// below the total.
std::string RenderTable(const aggregate::Report& report);

// The report's notes (notify/words/notes.h), one per line; empty if there are none.
std::string RenderNotes(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_TABLE_H_
