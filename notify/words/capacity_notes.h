// Notes on rows and totals with more CPU time than their time can have had.

#ifndef CPUAGG_NOTIFY_WORDS_CAPACITY_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_CAPACITY_NOTES_H_

#include <vector>

#include "aggregate/report/report.h"
#include "notify/words/note.h"

namespace cpuagg::notify {

// Adds why there can be more CPU time than the machine had.
void AddCapacityNotes(const aggregate::Report& report, std::vector<Note>& notes);

// Adds that a row of an hour, day, week or month has what was used before it, if that is certain.
void AddLongProcesses(const aggregate::Report& report, std::vector<Note>& notes);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_CAPACITY_NOTES_H_
