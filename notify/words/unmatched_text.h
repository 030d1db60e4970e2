// Describes a requested user or command that matches nothing.

#ifndef CPUAGG_NOTIFY_WORDS_UNMATCHED_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_UNMATCHED_TEXT_H_

#include <string>

#include "aggregate/report/unmatched.h"

namespace cpuagg::notify {

// A printable sentence: `No command matches "python"; 91 processes match "python*".`
std::string UnmatchedText(const aggregate::Unmatched& unmatched);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_UNMATCHED_TEXT_H_
