// Stretches of time as people read them.
//
//   PeriodText(period, zone);  // "2026-11-21 00:00 – 2026-11-22 00:00 UTC"
//   PeriodName(period, zone);  // "2026-11-21 UTC"

#ifndef CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_
#define CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "aggregate/usage/period.h"

namespace cpuagg::notify {

// "2026-11-16 00:00 – 2026-11-22 08:15", both ends finite, with seconds if one has any; the date
// once if both share it.
std::string EndsText(const aggregate::Period& period, absl::TimeZone zone);

// The same, but whole days by their dates, the last one included: "2026-11-21", "2026-11-16 –
// 2026-11-22".
std::string EndsName(const aggregate::Period& period, absl::TimeZone zone);

// EndsText() with the zone, "2026-11-16 00:00 – 2026-11-22 08:15 UTC"; "since 2026-11-16 00:00 UTC"
// and "until …" where an end is open, and "all time" if both are.
std::string PeriodText(const aggregate::Period& period, absl::TimeZone zone);

// EndsName() with the zone, "2026-11-21 UTC"; as PeriodText() where an end is open.
std::string PeriodName(const aggregate::Period& period, absl::TimeZone zone);

// How the clock is written so that nothing of `time`, which is finite, is left out: for
// absl::FormatTime.
const char* ClockFormat(absl::Time time, absl::TimeZone zone);

// Whether `period` has two ends and is whole days of `zone`'s calendar.
bool IsWholeDays(const aggregate::Period& period, absl::TimeZone zone);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_PERIOD_TEXT_H_
