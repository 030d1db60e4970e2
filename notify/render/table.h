// RenderTable: converts a report to a table for a terminal, with a heading.

#ifndef CPUAGG_NOTIFY_RENDER_TABLE_H_
#define CPUAGG_NOTIFY_RENDER_TABLE_H_

#include <string>

#include "aggregate/report/report.h"
#include "notify/words/table_style.h"

namespace cpuagg::notify {

// Lines of text, each ended by a newline. Times are exact to the hundredth of a second. The sort
// key has a column. The heading says which rows are shown, unless they are those with the most CPU
// time first, and how much of the machine was used. What was busy and is not accounted for is a
// line below the total.
//
// In a terminal, the columns are as many as fit, and those without content are left out; no line is
// wider, unless the terminal is too narrow for names and CPU times. If names look the same once
// they are cut, a last line says so. In a file or a pipe, the columns depend only on what is
// reported. `style.columns` must be names of ReportColumnNames() (notify/render/report_columns.h).
std::string RenderTable(const aggregate::Report& report, const TableStyle& style = {});

// The report's notes (notify/words/notes.h), one per line; empty if there are none.
std::string RenderNotes(const aggregate::Report& report, const TableStyle& style = {});

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_TABLE_H_
