#include "notify/words/labels.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/named_period.h"
#include "notify/words/choice_words.h"
#include "notify/words/period_text.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

using aggregate::Dimension;
using aggregate::ReportRow;
using aggregate::SortOrder;

namespace {

// `date` is a format of absl::FormatTime, followed by a blank.
std::string HourLabel(absl::Time begin, absl::string_view date, absl::TimeZone zone) {
  // When clocks are put back, two hours have the same name.
  const bool comes_twice =
      zone.At(absl::ToCivilSecond(begin, zone)).kind == absl::TimeZone::TimeInfo::REPEATED;
  return absl::FormatTime(absl::StrCat(date, comes_twice ? "%H:%M %Ez" : "%H:%M"), begin, zone);
}

// Empty for keys that the rows show themselves.
absl::string_view KeyText(SortOrder order) {
  switch (order) {
    case SortOrder::kCpu:
    case SortOrder::kTime:
      return "";
    case SortOrder::kUserTime:
      return "user time";
    case SortOrder::kSystemTime:
      return "system time";
    case SortOrder::kProcesses:
      return "processes";
    case SortOrder::kElapsed:
      return "elapsed time";
    case SortOrder::kLargest:
      return "largest process";
    case SortOrder::kMemory:
      return "memory";
    case SortOrder::kMean:
      return "mean CPU time";
    case SortOrder::kMajorFaults:
      return "major faults";
    case SortOrder::kChange:
      return "change of CPU time";
    case SortOrder::kName:
      return "name";
    case SortOrder::kId:
      return "id";
  }
  return "";
}

}  // namespace

absl::Time BeginOf(const ReportRow& row) {
  return row.stretch.has_value() ? row.stretch->begin : absl::FromUnixSeconds(row.begin);
}

aggregate::Period TimeOf(const ReportRow& row, const aggregate::Report& report) {
  const aggregate::Period time = row.stretch.value_or(
      aggregate::PeriodOf(aggregate::BucketUnit(report.by), BeginOf(row), report.time_zone));
  return {.begin = std::max(time.begin, report.period.begin),
          .end = std::min(time.end, report.period.end)};
}

absl::string_view DimensionName(Dimension dimension) {
  switch (dimension) {
    case Dimension::kUser:
      return "user";
    case Dimension::kGroup:
      return "group";
    case Dimension::kDepartment:
      return "department";
    case Dimension::kCommand:
      return "command";
    case Dimension::kTty:
      return "tty";
    case Dimension::kSignal:
      return "signal";
    case Dimension::kHour:
      return "hour";
    case Dimension::kDay:
      return "day";
    case Dimension::kWeek:
      return "week";
    case Dimension::kMonth:
      return "month";
    case Dimension::kHost:
      return "host";
  }
  return "";
}

std::string UnitLabel(absl::Time time, Dimension dimension, absl::TimeZone zone) {
  // The clock need not show the date at the beginning of the unit, if midnight is skipped.
  const absl::CivilDay day =
      aggregate::DateOf(PeriodOf(*aggregate::UnitOf(dimension), time, zone).begin, zone);
  return dimension == Dimension::kMonth ? absl::FormatCivilTime(absl::CivilMonth(day))
                                        : absl::FormatCivilTime(day);
}

namespace {

// For a row that does not cover exactly one unit of time.
std::string StretchName(const ReportRow& row, const aggregate::Report& report) {
  return EndsName(IsWholeDays(*row.stretch, report.time_zone) ? *row.stretch : TimeOf(row, report),
                  report.time_zone);
}

}  // namespace

std::string LabelOf(const ReportRow& row, Dimension dimension, const aggregate::Report& report) {
  const absl::TimeZone zone = report.time_zone;
  switch (dimension) {
    case Dimension::kUser:
      if (row.user.has_value()) return Printable(*row.user);
      return row.has_several_uids ? "(no name)" : absl::StrCat(row.uid.value());
    case Dimension::kGroup:
      return row.group.has_value() ? Printable(*row.group) : absl::StrCat(row.gid.value());
    case Dimension::kDepartment:
      return row.department.has_value() ? Printable(*row.department) : "(none)";
    case Dimension::kCommand:
      return row.command.has_value() ? Printable(*row.command) : "(others)";
    case Dimension::kTty:
      return row.tty == 0 ? "none" : TtyName(row.tty);
    case Dimension::kSignal:
      return row.signal == 0 ? "none" : SignalName(row.signal);
    case Dimension::kHost:
      return row.host.empty() ? "(unknown)" : Printable(row.host);
    case Dimension::kHour:
      if (row.stretch.has_value()) return StretchName(row, report);
      return HourLabel(absl::FromUnixSeconds(row.begin), "%Y-%m-%d ", zone);
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      if (row.stretch.has_value()) return StretchName(row, report);
      return UnitLabel(absl::FromUnixSeconds(row.begin), dimension, zone);
  }
  return "";
}

std::string OthersLabel(uint64_t rows) { return absl::StrCat("+ ", Pluralize(rows, "other")); }

bool IsTime(Dimension dimension) { return aggregate::UnitOf(dimension).has_value(); }

namespace {

// Whether the period that the heading names is part of `day`. A report of all records has none, and
// is headed by the time of its rows.
bool IsWithin(absl::CivilDay day, const aggregate::Report& report) {
  const aggregate::Period& period = report.period;
  const bool begins = period.begin == absl::InfinitePast() ||
                      absl::ToCivilDay(period.begin, report.time_zone) == day;
  const bool ends = period.end == absl::InfiniteFuture() ||
                    absl::ToCivilDay(period.end - absl::Seconds(1), report.time_zone) == day;
  return begins && ends;
}

}  // namespace

BriefLabels::BriefLabels(const aggregate::Report& report)
    : report_(report), zone_(report.time_zone), date_("%m-%d "), day_("%m-%d") {
  if (!aggregate::HasTime(report.by) || report.rows.empty()) return;
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  for (const ReportRow& row : report.rows) {
    first = std::min(first, BeginOf(row));
    last = std::max(last, row.stretch.has_value() ? row.stretch->end - absl::Seconds(1)
                                                  : absl::FromUnixSeconds(row.begin));
  }
  const absl::CivilDay first_day = absl::ToCivilDay(first, zone_);
  const absl::CivilDay last_day = absl::ToCivilDay(last, zone_);
  if (first_day == last_day && IsWithin(first_day, report)) date_.clear();
  if (first_day.year() == last_day.year()) return;
  date_ = "%Y-%m-%d ";
  day_ = "%Y-%m-%d";
}

std::string BriefLabels::Of(const ReportRow& row, Dimension dimension) const {
  if (!IsTime(dimension)) return LabelOf(row, dimension, report_);
  if (row.stretch.has_value()) return StretchLabel(row);
  const absl::Time begin = absl::FromUnixSeconds(row.begin);
  if (dimension == Dimension::kHour) return HourLabel(begin, date_, zone_);
  if (dimension == Dimension::kMonth) return UnitLabel(begin, dimension, zone_);
  return absl::FormatTime(day_, PeriodOf(*aggregate::UnitOf(dimension), begin, zone_).begin, zone_);
}

std::string BriefLabels::StretchLabel(const ReportRow& row) const {
  if (IsWholeDays(*row.stretch, zone_)) {
    const std::string first = absl::FormatTime(day_, row.stretch->begin, zone_);
    const std::string last = absl::FormatTime(day_, row.stretch->end - absl::Seconds(1), zone_);
    return first == last ? first : absl::StrCat(first, "–", last);
  }
  const auto clock = [&](absl::Time end, absl::string_view date) {
    return absl::FormatTime(absl::StrCat(date, ClockFormat(end, zone_)), end, zone_);
  };
  const aggregate::Period time = TimeOf(row, report_);
  // A short time needs no date at its end.
  const bool is_short = time.end - time.begin < absl::Hours(20);
  return absl::StrCat(clock(time.begin, date_), "–", clock(time.end, is_short ? "" : date_));
}

std::string RowLabel(const ReportRow& row, const aggregate::Report& report) {
  return absl::StrJoin(report.by, " · ", [&](std::string* text, Dimension dimension) {
    text->append(LabelOf(row, dimension, report));
  });
}

std::string Enumerated(const std::vector<std::string>& names) {
  if (names.size() < 2) return absl::StrJoin(names, "");
  return absl::StrCat(absl::StrJoin(names.begin(), names.end() - 1, ", "), " and ", names.back());
}

std::string LimitText(const aggregate::Report& report) {
  constexpr size_t kMostNamed = 3;
  constexpr size_t kWidth = 24;
  std::vector<std::string> named;
  const auto add = [&](absl::string_view kind, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      named.push_back(Shortened(absl::StrCat(kind, Printable(name)), kWidth));
    }
  };
  if (report.only_running) named.emplace_back(kRunningProcesses);
  if (report.only_people) named.emplace_back("people");
  add("", report.only_users);
  add("group ", report.only_groups);
  add("command ", report.only_commands);
  for (std::string& phrase : ProcessPhrases(report.processes, report.time_zone)) {
    named.push_back(std::move(phrase));
  }
  if (named.empty()) return "";
  const size_t more = named.size() - std::min(named.size(), kMostNamed);
  named.resize(named.size() - more);
  const std::string names = absl::StrJoin(named, ", ");
  return absl::StrCat(" (only ", names,
                      more > 0 ? absl::StrCat(" and ", WithThousands(more), " more") : "", ")");
}

std::string HostText(const aggregate::Report& report) {
  return report.hosts.size() > 1 ? Pluralize(report.hosts.size(), "host") : Printable(report.host);
}

std::string Subject(const aggregate::Report& report) {
  std::vector<std::string> names;
  for (const Dimension dimension : report.by) names.emplace_back(DimensionName(dimension));
  return absl::StrCat("CPU by ", Enumerated(names), LimitText(report));
}

absl::string_view RowNoun(const aggregate::Report& report) {
  // A day that is stored as a whole is not an hour, commands without a known name are not a
  // command, and users without a department are not one.
  const bool has_others =
      std::any_of(report.rows.begin(), report.rows.end(), [](const ReportRow& row) {
        return row.stretch.has_value() || !row.command.has_value() || !row.department.has_value();
      });
  return report.by.size() == 1 && !has_others ? DimensionName(report.by[0]) : "row";
}

std::string ChoiceText(const aggregate::Report& report, uint64_t shown) {
  const absl::string_view key = KeyText(report.sort);
  if (report.min_cpu > acct::ExactTime()) {
    return absl::StrCat("only with at least ", TimeInWords(report.min_cpu), " of CPU time",
                        key.empty() ? "" : ", by ", key);
  }
  if (shown == report.row_count()) return key.empty() ? "" : absl::StrCat("sorted by ", key);
  if (report.sort == SortOrder::kCpu) return "";
  const std::string all = Pluralize(report.row_count(), RowNoun(report));
  const std::string number = shown == 1 ? "" : absl::StrCat(WithThousands(shown), " ");
  if (report.sort == SortOrder::kTime && report.top_by == SortOrder::kCpu) {
    return absl::StrCat("the ", number, "busiest of ", all);
  }
  return absl::StrCat("the first ", number, "of ", all, key.empty() ? "" : " by ", key);
}

std::string PreviousName(const aggregate::Report& report) {
  const std::optional<aggregate::CalendarUnit> unit = aggregate::UnitOfPeriod(report.period_name);
  // Only the name of a calendar period gives a name to the previous one.
  const std::string before =
      absl::StrCat("the ", unit.has_value() ? NameOf(*unit) : "period", " before");
  // For a current period, only the same part of the previous one is compared.
  const bool is_part =
      report.previous.has_value() && report.previous->period.end < report.period.begin;
  return is_part ? absl::StrCat("the same part of ", before) : before;
}

}  // namespace cpuagg::notify
