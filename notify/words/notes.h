// NotesOf: what a reader must know besides the numbers of a report. The notes appear in the table,
// in JSON, in the message, and on standard error if the output is CSV. Anything that makes a number
// mean less than its heading promises becomes a note here, so that all outputs have it.

#ifndef CPUAGG_NOTIFY_WORDS_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_NOTES_H_

#include <vector>

#include "aggregate/report/report.h"
#include "notify/words/note.h"

namespace cpuagg::notify {

// In the order of their kinds.
std::vector<Note> NotesOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_NOTES_H_
