// Note: what the numbers of a report do not show, as a sentence.

#ifndef CPUAGG_NOTIFY_WORDS_NOTE_H_
#define CPUAGG_NOTIFY_WORDS_NOTE_H_

#include <string>

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

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_NOTE_H_
