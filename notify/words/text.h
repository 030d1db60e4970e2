// Formats names and numbers for people: safe to print, with a known width.
//
// User names and file names are bytes. Before they reach a terminal, a message or a chart they
// become valid UTF-8 without control characters.

#ifndef CPUAGG_NOTIFY_WORDS_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"

namespace cpuagg::notify {

// `bytes`, with everything escaped that is not valid UTF-8 or is not visible: control characters,
// line and paragraph separators and marks of text direction become \n, \x1b, \u202e.
std::string Printable(absl::string_view bytes);

// Whether all of `bytes` is valid UTF-8.
bool IsUtf8(absl::string_view bytes);

// The number of columns of `text` (valid UTF-8) on a terminal: two for each wide character, none
// for combining ones.
size_t DisplayWidth(absl::string_view text);

// The length of `text` (valid UTF-8) in UTF-16 code units. Telegram's limits allow at least this
// many.
size_t Utf16Length(absl::string_view text);

// `text` (valid UTF-8), shortened in the middle with "…" to at most `width` columns, because both
// ends of a name distinguish it. Also shortened if characters of zero width make it longer than
// three characters per column: so a limit of the width is a limit of the length.
std::string Shortened(absl::string_view text, size_t width);

// The same with "…" at the end: for texts that are read from the beginning.
std::string CutOff(absl::string_view text, size_t width);

// `bytes`, a name that may be long such as a host name, made printable and short enough for a line
// of a message: at most 64 columns and 128 UTF-16 code units.
std::string OneLine(absl::string_view bytes);

// `text` (valid UTF-8), changed so that text after it on the same line keeps its position. If it
// has letters that are written from right to left, it gets a left-to-right mark, which has no
// width, on both sides.
std::string KeptInPlace(absl::string_view text);

// `text`, padded with blanks on one side to `width` columns; unchanged if it is wider.
std::string LeftAligned(absl::string_view text, size_t width);
std::string RightAligned(absl::string_view text, size_t width);

// Exact seconds, with two decimals or as many as necessary: "104.07", "0.0009765625".
std::string ExactSeconds(acct::ExactTime time);
// Exact hours, minutes, seconds and hundredths: "0:01:44.07".
std::string ExactClock(acct::Ticks ticks);

// A time for messages and charts, in suitable units, rounded half up: "1,138h 23m" to the minute
// from one hour, "8m 04s" to the second from one minute, "4.07s" to the hundredth below, "14s" if
// that is whole. Only zero is "0s"; a time that would be rounded to zero is "<0.01s".
std::string TimeInWords(acct::ExactTime time);

// `time` divided by `count`, in seconds rounded to two decimals; zero if `count` is zero.
std::string MeanSeconds(acct::ExactTime time, uint64_t count);

// At most three digits, in units of 1024: "640 B", "1.2 GiB", "340 MiB".
std::string SizeInWords(uint64_t bytes);

// A share from 0 to 1 in whole percent: "23%", "<1%", "0%"; only a whole one is "100%", and what
// would be rounded to that is ">99%".
std::string Percent(double share);

// The change from `before` to `now`: "+12 %", "-7 %", "0 %"; "x 12" above +999 %; a time,
// "+0:03:12", if `before` is less than a minute, where a percentage would mean little; "new" if
// `before` is zero; "-" if both are zero.
std::string Change(acct::ExactTime now, acct::ExactTime before);

// The same in at most six columns, for a narrow table: "+12%", "x12", "+3m", "new".
std::string ShortChange(acct::ExactTime now, acct::ExactTime before);

// "30,272".
std::string WithThousands(uint64_t number);

// "1 user", "30,272 bytes", "2 processes". `noun` is singular; the plural ends in s or es.
std::string Pluralize(uint64_t number, absl::string_view noun);

// "a, b, c and 197 others": at most `most` of `names`.
std::string FirstNames(const std::vector<std::string>& names, size_t most);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_TEXT_H_
