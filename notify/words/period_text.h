// Formats periods for people.
//
//   PeriodText(period, zone);  // "2026-11-21 00:00 – 2026-11-22 00:00 UTC"
//   PeriodName(period, zone);  // "2026-11-21 UTC"

#ifndef CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::notify {

// "2026-11-16 00:00 – 2026-11-22 08:15". Both ends must be finite. With seconds if an end has any;
// the date appears once if both ends share it.
std::string EndsText(const aggregate::Period& period, absl::TimeZone zone);

// The same, but whole days as dates, including the last one: "2026-11-21", "2026-11-16 –
// 2026-11-22".
std::string EndsName(const aggregate::Period& period, absl::TimeZone zone);

// EndsText() with the zone, "2026-11-16 00:00 – 2026-11-22 08:15 UTC". If an end is open, "since
// 2026-11-16 00:00 UTC" or "until …"; if both are, "all time".
std::string PeriodText(const aggregate::Period& period, absl::TimeZone zone);

// EndsName() with the zone, "2026-11-21 UTC"; like PeriodText() if an end is open.
std::string PeriodName(const aggregate::Period& period, absl::TimeZone zone);

// The format for absl::FormatTime that shows the time of day of `time`, which is finite, in full.
const char* ClockFormat(absl::Time time, absl::TimeZone zone);

// Whether `period` has two finite ends and consists of whole days of `zone`'s calendar.
bool IsWholeDays(const aggregate::Period& period, absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_
