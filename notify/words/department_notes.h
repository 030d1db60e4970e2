// The notes of a report by department: who has none, and what may be wrong with the list.

#ifndef CPUAGG_NOTIFY_WORDS_DEPARTMENT_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_DEPARTMENT_NOTES_H_

#include <vector>

#include "aggregate/report/report.h"
#include "notify/words/note.h"

namespace cpuagg::notify {

// Adds nothing if no user has a department, for which the command has a warning.
void AddDepartmentNotes(const aggregate::Report& report, std::vector<Note>& notes);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_DEPARTMENT_NOTES_H_
