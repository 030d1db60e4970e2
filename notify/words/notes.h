// NotesOf: what a reader must know besides the numbers of a report. The notes appear in the table,
// in JSON, in the message, and on standard error if the output is CSV. Anything that makes a number
// mean less than its heading promises becomes a note here, so that all outputs have it.

#ifndef CPUAGG_NOTIFY_WORDS_NOTES_H_
#define CPUAGG_NOTIFY_WORDS_NOTES_H_

#include <string>
#include <vector>

#include "aggregate/report/report.h"

namespace cpuagg::notify {

enum class NoteKind {
  kChoice,   // what the user asked to leave out
  kMeaning,  // what the numbers do not include, or may not include
  kGap,      // a time whose records may be lost
  kDamage,   // bytes that could not be read
};

struct Note {
  NoteKind kind;
  // A printable sentence without a newline.
  std::string text;
  // A shorter text for a message, without a full stop; empty if the message leaves it out.
  std::string brief;
};

// In the order of their kinds.
std::vector<Note> NotesOf(const aggregate::Report& report);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_NOTES_H_
