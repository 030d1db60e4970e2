// What the numbers of a report do not show, and has to be said with them: in the table, in JSON,
// in the message, and on standard error where the output is CSV. Whatever gives a number less
// meaning than its heading promises becomes a note here, and so comes to all of them.

#ifndef CPUAGG_NOTIFY_WORDS_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_NOTES_H_

#include <string>
#include <vector>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

enum class NoteKind {
  kChoice,   // what the reader has asked to leave out
  kMeaning,  // what the numbers do not have, or may not have
  kGap,      // a time whose records may be lost
  kDamage,   // bytes that could not be read
};

struct Note {
  NoteKind kind;
  // A sentence, printable, without a newline.
  std::string text;
  // The same for a message, which has little room, without a full stop; empty for what is not said
  // there.
  std::string brief;
};

// In the order of their kinds.
std::vector<Note> NotesOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_NOTES_H_
