#include "notify/fleet/fleet_report.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/record/units.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/unmatched.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/named_period.h"
#include "notify/fleet/fleet_hosts.h"
#include "notify/fleet/fleet_rows.h"
#include "notify/fleet/promql.h"
#include "notify/fleet/question_parts.h"
#include "notify/fleet/user_choice.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Period;
using aggregate::Report;
using aggregate::ReportOptions;
using aggregate::ReportRow;

// A host that runs every quarter of an hour, and pushes some minutes later, is late after that.
constexpr absl::Duration kLate = absl::Hours(2);

absl::Time FloorHour(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), absl::Hours(1));
}

// The hours of UTC that have the amounts of `period`, which consists of whole hours of a clock,
// except those that have not passed.
UtcHours HoursOf(const Period& period, absl::Time now) {
  const UtcHours hours{.begin = FloorHour(period.begin),
                       .end = FloorHour(std::min(period.end, now))};
  return {.begin = hours.begin, .end = std::max(hours.begin, hours.end)};
}

// `utc_hour`, the beginning of an hour of UTC, as the beginning of the hour of the zone's clock
// whose amounts it has.
absl::Time OfZone(absl::Time utc_hour, absl::TimeZone zone) {
  return absl::FromUnixSeconds(LocalHourIn(absl::ToUnixSeconds(utc_hour), zone));
}

class FleetReportBuilder {
 public:
  FleetReportBuilder(Engine& engine, const FleetRequest& request)
      : engine_(engine), request_(request) {
    if (!request.host.empty()) base_.push_back(IsOfHost(request.host));
  }

  absl::StatusOr<FleetReport> Build() {
    for (const auto step :
         {&FleetReportBuilder::FindPeriod, &FleetReportBuilder::FindHosts,
          &FleetReportBuilder::FindKnown, &FleetReportBuilder::Count,
          &FleetReportBuilder::CountExcluded, &FleetReportBuilder::FindUnmatched}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return WithAdvice(status);
    }
    for (const std::string& text : damage_) {
      report_.gaps.push_back({.period = report_.period,
                              .reason = absl::StrCat("the engine's answer is partial: ", text)});
    }
    return FleetReport{.report = std::move(report_), .damage = std::move(damage_)};
  }

 private:
  // Extends the period to whole hours. An open beginning is that of the first amounts.
  absl::Status FindPeriod() {
    period_ = request_.period;
    if (period_.begin == absl::InfinitePast()) {
      const absl::StatusOr<std::optional<absl::Time>> first =
          FindFirstDay(engine_, std::min(period_.end, request_.now), base_, damage_);
      if (!first.ok()) return first.status();
      period_.begin = first->value_or(std::min(period_.end, FloorHour(request_.now)));
    }
    if (period_.end == absl::InfiniteFuture()) period_.end = request_.now;
    period_.end = std::max(period_.end, period_.begin);
    const Period whole = aggregate::WholeHours(period_, request_.time_zone);
    const bool is_extended =
        (request_.period.begin != absl::InfinitePast() && whole.begin != period_.begin) ||
        (request_.period.end != absl::InfiniteFuture() && whole.end != period_.end);
    if (is_extended) report_.asked_period = request_.period;
    period_ = whole;
    return absl::OkStatus();
  }

  absl::Status FindHosts() {
    const absl::Time late_since = std::min(period_.end, request_.now - kLate);
    absl::StatusOr<HostRuns> runs = FindHostRuns(engine_, std::min(period_.begin, request_.now),
                                                 request_.now, late_since, base_, damage_);
    if (!runs.ok()) return runs.status();
    report_.fleet = std::move(runs->fleet);
    newest_run_ = runs->newest_run;
    parts_.SetInstances(std::move(runs->instances));
    return absl::OkStatus();
  }

  // What the engine has amounts of, in the period and the one to compare with.
  absl::Status FindKnown() {
    // A comparison counts the hours that have been pushed.
    const absl::Time pushed =
        FloorHour(std::min(request_.now, std::max(newest_run_, absl::UnixEpoch())));
    if (request_.compares && request_.period.begin != absl::InfinitePast() &&
        !HasTime(request_.options.by)) {
      before_ = aggregate::StoredPeriodBefore(
          request_.period_name, request_.period,
          newest_run_ == absl::InfinitePast() ? FloorHour(request_.now) : pushed,
          request_.time_zone);
    }
    UtcHours hours = HoursOf(period_, request_.now);
    if (before_.has_value()) hours.begin = std::min(hours.begin, FloorHour(before_->begin));
    const absl::StatusOr<std::optional<KnownHours>> known =
        FindKnownHours(engine_, parts_, hours, base_, damage_);
    if (!known.ok()) return known.status();
    report_.period = known->has_value() ? period_ : request_.period;
    if (!known->has_value()) return absl::OkStatus();
    const absl::Time begin = OfZone((*known)->begin, request_.time_zone);
    const absl::Time end = OfZone((*known)->end, request_.time_zone);
    report_.known = {.begin = begin, .end = std::max(end, std::min(newest_run_, request_.now))};
    if (request_.period.begin == absl::InfinitePast()) report_.period.begin = begin;
    if (request_.period.end == absl::InfiniteFuture()) report_.period.end = end;
    report_.period.end = std::max(report_.period.end, report_.period.begin);
    if (report_.fleet->hosts == 0) report_.fleet->hosts = (*known)->most_hosts;
    return KnowEarlier(hours);
  }

  // Whether there are amounts from before the hours in which the first ones were found, so that
  // their beginning is not that of all that is known.
  absl::Status KnowEarlier(const UtcHours& hours) {
    const bool has_first = FloorHour(report_.known->begin) <= hours.begin;
    if (has_first || request_.period.begin == absl::InfinitePast()) return absl::OkStatus();
    const absl::StatusOr<EngineAnswer> answer =
        engine_.AskAt(absl::StrCat("count(last_over_time(", kHostAmounts, "{",
                                   absl::StrJoin(base_, ","), "}[31d]))"),
                      hours.begin);
    if (!answer.ok()) return answer.status();
    AddDamage(answer->damage, damage_);
    if (!answer->series.empty()) report_.known->begin = hours.begin;
    return absl::OkStatus();
  }

  FleetQuestion QuestionOf(const Period& period, std::vector<Conditions> choices) const {
    return {.hours = HoursOf(period, request_.now),
            .choices = std::move(choices),
            .by = request_.options.by,
            .is_of_one_host = !request_.host.empty(),
            .time_zone = request_.time_zone};
  }

  absl::Status Count() {
    const UserChoice users = ChooseUsers(request_.options, base_);
    absl::StatusOr<FleetRows> rows =
        AskFleetRows(engine_, parts_, QuestionOf(period_, users.chosen), damage_);
    if (!rows.ok()) return rows.status();
    report_.detail = rows->detail;
    ReportOptions options = request_.options;
    options.compare_with = before_;
    std::optional<std::vector<ReportRow>> previous_rows;
    const bool knows_before =
        before_.has_value() && report_.known.has_value() && report_.known->begin < before_->end;
    if (knows_before) {
      absl::StatusOr<FleetRows> before =
          AskFleetRows(engine_, parts_, QuestionOf(*before_, users.chosen), damage_);
      if (!before.ok()) return before.status();
      if (before->detail == aggregate::Detail::kCpuTime) report_.detail = before->detail;
      previous_rows = std::move(before->rows);
    }
    // The engine has chosen the users.
    options.only_users.clear();
    options.ignored_users.clear();
    options.leave_out_unknown_users = false;
    options.only_people = false;
    FillRows(std::move(rows->rows), options, report_, std::move(previous_rows));
    SetChoice(request_.options, report_);
    if (report_.previous.has_value()) {
      AddUnknown({.end = report_.known->begin}, *report_.previous);
    }
    return absl::OkStatus();
  }

  absl::Status CountExcluded() {
    const UserChoice users = ChooseUsers(request_.options, base_);
    if (users.excluded.empty()) return absl::OkStatus();
    FleetQuestion question = QuestionOf(period_, users.excluded);
    question.by = {Dimension::kUser};
    absl::StatusOr<FleetRows> rows = AskFleetRows(engine_, parts_, question, damage_);
    if (!rows.ok()) return rows.status();
    report_.excluded_users.users = rows->rows.size();
    for (const ReportRow& row : rows->rows) report_.excluded_users.usage += row.usage;
    return absl::OkStatus();
  }

  // Finds the names that were asked for and are not those of any user, and what is like them.
  absl::Status FindUnmatched() {
    const std::vector<std::string> ignored = request_.options.names_ignored_users
                                                 ? request_.options.ignored_users
                                                 : std::vector<std::string>();
    std::vector<std::string> named = request_.options.only_users;
    named.insert(named.end(), ignored.begin(), ignored.end());
    if (named.empty()) return absl::OkStatus();
    aggregate::UnmatchedFinder finder(request_.options.only_users, ignored, {});
    // Few series have the names themselves. The others are only needed if one is missing.
    ReportOptions of_named;
    of_named.only_users = named;
    if (absl::Status status = AddUsers(ChooseUsers(of_named, base_).chosen, finder);
        !status.ok() || !finder.IsLooking()) {
      return status;
    }
    absl::Status status = AddUsers({base_}, finder);
    report_.unmatched = finder.Found();
    return status;
  }

  // Adds all users of the period for whom any of `choices` holds.
  absl::Status AddUsers(const std::vector<Conditions>& choices,
                        aggregate::UnmatchedFinder& finder) {
    return parts_.Ask(HoursOf(period_, request_.now), [&](const QuestionPart& part) {
      const std::string amounts = HourAmounts(EachWith(choices, part.hosts));
      const absl::StatusOr<EngineAnswer> answer = engine_.AskAt(
          absl::StrCat("count by (user,uid) (", SumOverHours(amounts, part.hours.count()), ")"),
          part.hours.end);
      if (!answer.ok()) return answer.status();
      AddDamage(answer->damage, damage_);
      for (const EngineSeries& series : answer->series) {
        const std::string user = series.Label("user");
        uint32_t id = 0;
        const bool has_id = absl::SimpleAtoi(series.Label("uid"), &id);
        finder.Add(acct::Uid(has_id ? id : kNoId),
                   user.empty() ? std::nullopt : std::optional(user), std::nullopt, 1);
      }
      return absl::OkStatus();
    });
  }

  static absl::Status WithAdvice(const absl::Status& status) {
    if (!absl::IsResourceExhausted(status) && !absl::IsDeadlineExceeded(status)) return status;
    return absl::Status(
        status.code(),
        absl::StrCat(status.message(),
                     "; ask for less: a shorter --period, --host, --user, or fewer names in --by; "
                     "docs/fleet_query.md says what an engine can be allowed"));
  }

  Engine& engine_;
  const FleetRequest& request_;
  QuestionParts parts_;
  Conditions base_;
  Period period_;
  std::optional<Period> before_;
  absl::Time newest_run_ = absl::InfinitePast();
  Report report_;
  std::vector<std::string> damage_;
};

}  // namespace

absl::StatusOr<FleetReport> BuildFleetReport(Engine& engine, const FleetRequest& request) {
  return FleetReportBuilder(engine, request).Build();
}

}  // namespace cpuagg::notify
