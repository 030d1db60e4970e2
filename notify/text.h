// Names and numbers as people read them: safe to print, of a known width.
//
// User names and file names are bytes. Before they reach a terminal, a message or a chart they become
// valid UTF-8 without control characters.

#ifndef CPUAGG_NOTIFY_TEXT_H_
#define CPUAGG_NOTIFY_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/units.h"
#include "aggregate/period.h"
#include "aggregate/report.h"

namespace cpuagg::notify {

// `bytes` with everything escaped that is not valid UTF-8 or not visible: control characters, line
// and paragraph separators and marks of text direction become "\n", "\t", "\x1b", "\u202e" and so on.
std::string Printable(absl::string_view bytes);

// The columns that `text` (valid UTF-8) takes on a terminal: two for wide characters, none for
// combining ones.
size_t DisplayWidth(absl::string_view text);

// The length of `text` (valid UTF-8) in UTF-16 code units, which Telegram's limits count at most.
size_t Utf16Length(absl::string_view text);

// `text` cut to at most `width` columns, the last of which is then "…".
std::string Shortened(absl::string_view text, size_t width);

// `text` with blanks added up to `width` columns.
std::string PaddedRight(absl::string_view text, size_t width);
std::string PaddedLeft(absl::string_view text, size_t width);

// What a row is called: the printable name, or the id in digits where there is none.
std::string UserLabel(const aggregate::ReportRow& row);

// Seconds with two decimals, exactly: "104.07".
std::string ExactSeconds(acct::Ticks ticks);
// Hours, minutes, seconds and hundredths, exactly: "0:01:44.07".
std::string ExactClock(acct::Ticks ticks);
// Hours and minutes, rounded to the nearest: "138:23".
std::string HoursAndMinutes(acct::Ticks ticks);
// Hours with one decimal: "138.4".
std::string DecimalHours(acct::Ticks ticks);

// "23 %", "<1 %", "0 %".
std::string Percent(double share);

// A byte count with thousands separators: "30,272".
std::string WithThousands(uint64_t number);

// "2026-11-16 00:00 – 2026-11-22 24:00 UTC"-like: both ends in `zone`, to the minute; "–" for an end
// that is infinite, and "no records" if both are.
std::string PeriodText(const aggregate::Period& period, absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_TEXT_H_
