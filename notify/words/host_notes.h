// Notes of a report of several hosts: which of them are late, or lack some of the period.

#ifndef CPUAGG_NOTIFY_WORDS_HOST_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_HOST_NOTES_H_

#include <string>
#include <vector>

#include "aggregate/report/report.h"
#include "notify/words/notes.h"

namespace cpuagg::notify {

// Adds them; none for a report of one host.
void AddHostNotes(const aggregate::Report& report, std::vector<Note>& notes);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_HOST_NOTES_H_
