// Names and numbers as people read them: safe to print, of a known width.
//
// User names and file names are bytes. Before they reach a terminal, a message or a chart they
// become valid UTF-8 without control characters.

#ifndef CPUAGG_NOTIFY_WORDS_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"

namespace cpuagg::notify {

// `bytes` with everything escaped that is not valid UTF-8 or would act instead of being seen:
// control characters, line and paragraph separators and marks of text direction become \n, \x1b,
// \u202e.
std::string Printable(absl::string_view bytes);

// Whether `bytes` is valid UTF-8 throughout.
bool IsUtf8(absl::string_view bytes);

// The columns that `text` (valid UTF-8) takes on a terminal: two for wide characters, none for
// combining ones.
size_t DisplayWidth(absl::string_view text);

// The length of `text` (valid UTF-8) in UTF-16 code units. Telegram's limits are at least this
// wide.
size_t Utf16Length(absl::string_view text);

// `text` (valid UTF-8) with "…" in its middle where it is wider than `width` columns, since both
// ends of a name tell it from others. So it is where characters that take no column make it longer
// than three characters a column: what has a width has a length.
std::string Shortened(absl::string_view text, size_t width);

// The same with "…" at the end: for what is read from its beginning.
std::string CutOff(absl::string_view text, size_t width);

// `bytes`, a name without a useful limit of its own such as that of a host, printable and short
// enough for a line of a message: at most 64 columns, and 128 UTF-16 code units.
std::string OneLine(absl::string_view bytes);

// `text` (valid UTF-8) so that what stands behind it on a line stays there: where it has letters
// that are written from right to left, with a left-to-right mark on both sides, which takes no
// column.
std::string KeptInPlace(absl::string_view text);

// `text` with blanks on one side, to `width` columns; unchanged if it is wider.
std::string LeftAligned(absl::string_view text, size_t width);
std::string RightAligned(absl::string_view text, size_t width);

// Seconds, exactly: with two decimals, and as many more as it takes: "104.07", "0.0009765625".
std::string ExactSeconds(acct::ExactTime time);
// Hours, minutes, seconds and hundredths, exactly: "0:01:44.07".
std::string ExactClock(acct::Ticks ticks);

// As messages and charts have it, in units that suit the time, rounded half up: "1,138h 23m" to
// the minute from an hour on, "8m 04s" to the second from a minute on, "4.07s" to the hundredth
// below, "14s" where that is whole. Only no time at all is "0s"; what would be rounded to that is
// "<0.01s".
std::string TimeInWords(acct::ExactTime time);

// `time` divided by `count`, in seconds rounded to two decimals; zero for none.
std::string MeanSeconds(acct::ExactTime time, uint64_t count);

// With at most three digits, in units of 1024: "640 B", "1.2 GiB", "340 MiB".
std::string SizeInWords(uint64_t bytes);

// A share of 0 to 1 in whole percent: "23%", "<1%", "0%".
std::string Percent(double share);

// How `now` differs from `before`: "+12 %", "-7 %", "0 %"; "x 12" above +999 %; as a time where a
// percentage of less than a minute would tell nothing: "+0:03:12"; "new" where nothing was before,
// and "-" where nothing is now either.
std::string Change(acct::ExactTime now, acct::ExactTime before);

// The same in at most six columns, for a narrow table: "+12%", "x12", "+3m", "new".
std::string ShortChange(acct::ExactTime now, acct::ExactTime before);

// "30,272".
std::string WithThousands(uint64_t number);

// "1 user", "30,272 bytes", "2 processes": `noun` in the singular, made plural with s or es.
std::string Pluralize(uint64_t number, absl::string_view noun);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_TEXT_H_
