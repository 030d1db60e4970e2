// Periods that have a name, and the period that each is compared with.
//
//   std::optional<Period> week = NamedPeriod("last-week", now, zone);
//   std::optional<Period> before = StoredPeriodBefore("last-week", *week, now, zone);

#ifndef CPUAGG_AGGREGATE_USAGE_NAMED_PERIOD_H_
#define CPUAGG_AGGREGATE_USAGE_NAMED_PERIOD_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

// The period with that name; nullopt if there is none.
//
// - "hour", "day", "week" (from Monday), "month", "year", or with "this-": the one of `zone`'s
// calendar
//   that holds `now`. "today" is the day.
// - "last-hour" and so on: the one before that, which is the last complete one. "yesterday" is the
//   last day.
// - "2026-11-22", "2026-11", "2026": that day, month or year, from 1970. If a zone skips the day,
// the
//   next one.
// - "all": all of time.
std::optional<Period> NamedPeriod(absl::string_view name, absl::Time now, absl::TimeZone zone);

// Whether that is an hour, a day, a week, a month or a year; nullopt for "all", and without a name.
std::optional<CalendarUnit> UnitOfPeriod(absl::string_view name);

// The period to compare `period` with. `name` is that of NamedPeriod(), or "" for a period that is
// given by its ends.
//
// - A complete period of the calendar: the preceding one.
// - A period of the calendar that holds `now`: the same part of the preceding one. It ends where
//   the clock showed what it shows now: the same minute of the hour, time of day, weekday or day of
//   the month. So a morning is compared with a morning, also across a change of the clock.
// - A period given by its ends: the preceding span of the same length. If it is not over, its
//   length is counted up to `now`.
//
// nullopt for "all" and "since-last", and if nothing of `period` has passed yet.
std::optional<Period> PeriodBefore(absl::string_view name, const Period& period, absl::Time now,
                                   absl::TimeZone zone);

// The same for a report from a store, which counts by the hour. Both periods are whole hours. The
// hour that holds `now` counts as passed once it is half over.
std::optional<Period> StoredPeriodBefore(absl::string_view name, const Period& period,
                                         absl::Time now, absl::TimeZone zone);

// `period`, extended to whole hours of `zone`'s clock.
Period WholeHours(const Period& period, absl::TimeZone zone);

// The full hour of `zone`'s clock that is nearest to `time`; the later one if both are as near.
absl::Time NearestHour(absl::Time time, absl::TimeZone zone);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_USAGE_NAMED_PERIOD_H_
