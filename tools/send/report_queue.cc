#include "tools/send/report_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "aggregate/store/store_report.h"
#include "notify/chart/report_chart.h"
#include "notify/outbox/queue_writer.h"
#include "notify/outbox/report_id.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/build_alert.h"
#include "notify/outgoing/limit_period.h"
#include "tools/report/fleet_source.h"
#include "tools/send/limit_users.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using notify::LimitPeriod;
using notify::QueuedReport;

absl::StatusOr<ReportWithChart> BuildOfStore(CommandContext& context,
                                             const ReportRequest& request) {
  absl::StatusOr<aggregate::StoreReport> built = BuildStoreReport(context, request);
  if (!built.ok()) return built.status();
  if (absl::Status status = CheckHasCollected(context, *built); !status.ok()) return status;
  for (const std::string& problem : built->damage) context.console.Warn(problem);
  return ReportWithChart{.report = std::move(built->report), .last_run = built->last_run};
}

absl::StatusOr<ReportWithChart> BuildOfFleet(CommandContext& context,
                                             const ReportRequest& request) {
  absl::StatusOr<FleetSourceReport> built = ReportFromFleet(context, request);
  if (!built.ok()) return built.status();
  return ReportWithChart{.report = std::move(built->report), .is_partial = built->is_partial};
}

// Builds the report and adds it to the outbox.
absl::StatusOr<ReportWithChart> QueueReport(CommandContext& context, const ReportRequest& request,
                                            const DeliveryConfig& settings,
                                            const std::vector<notify::Chat>& chats,
                                            notify::QueueWriter& queue,
                                            const notify::Outbox& outbox) {
  absl::StatusOr<ReportWithChart> built =
      BuildReportWithChart(context, request, settings.compose.send_as, outbox);
  if (!built.ok()) return built.status();
  const QueuedReport messages =
      notify::BuildMessages(built->report, built->chart_png, chats, settings.compose);
  const absl::Status added =
      request.since_last ? queue.AddSinceLast(messages, built->last_run) : queue.Add(messages);
  if (!added.ok()) return added;
  return built;
}

// What has been checked, as OutboxState remembers it.
std::string CheckedLimits(const CommandContext& context, const DeliveryConfig& settings) {
  return absl::StrCat(settings.alert_period, " ", context.config.GetOr("ALERT_CPU_HOURS", ""));
}

// The periods in which to compare users with their limits.
std::vector<LimitPeriod> PeriodsToCompare(const CommandContext& context,
                                          const DeliveryConfig& settings,
                                          const notify::OutboxState& state) {
  if (settings.alert_limits.empty()) return {};
  const bool is_as_before = state.limits_checked == CheckedLimits(context, settings);
  return notify::PeriodsToCheck(settings.alert_period, context.now, context.zone,
                                is_as_before ? state.limits_checked_at : std::nullopt);
}

// Whether nothing knows which alerts there were about periods before `current`: in 1.0.0, the first
// alert about a period forgot that.
bool HasForgottenEarlier(const notify::OutboxState& state, const LimitPeriod& current) {
  return !state.limits_checked_at.has_value() &&
         std::any_of(state.alerts.begin(), state.alerts.end(), [&](const notify::AlertMark& mark) {
           return mark.period == current.unit &&
                  mark.begin == absl::ToUnixSeconds(current.period.begin);
         });
}

void WarnOfUnknownUsers(CommandContext& context, const DeliveryConfig& settings,
                        const std::vector<LimitPeriod>& periods) {
  if (periods.empty()) return;
  for (const std::string& unknown :
       UnknownLimitUsers(context, settings.alert_limits,
                         {periods.front().period.begin, periods.back().period.end})) {
    context.console.Warn(unknown);
  }
}

// The report in which to find users who have passed a limit in `checked`.
ReportRequest AlertRequest(const ReportRequest& request, const LimitPeriod& checked,
                           const DeliveryConfig& settings) {
  ReportRequest alert;
  alert.period = checked.period;
  alert.period_name = checked.is_over() ? "" : checked.unit;
  alert.options = notify::AlertReportOptions(request.options, settings.alert_limits);
  return alert;
}

// The alert to `chats` about `checked`, if a user has passed a limit that is not in `told`.
absl::StatusOr<std::optional<QueuedReport>> FindAlert(
    CommandContext& context, const ReportRequest& request, const LimitPeriod& checked,
    const DeliveryConfig& settings, const std::vector<notify::Chat>& chats,
    const std::vector<notify::AlertMark>& told, const notify::Outbox& outbox) {
  ReportRequest alert_request = AlertRequest(request, checked, settings);
  absl::StatusOr<aggregate::StoreReport> users = BuildStoreReport(context, alert_request);
  if (!users.ok()) return users.status();
  const std::vector<notify::PassedLimit> passed =
      notify::FindPassedLimits(users->report, settings.alert_limits, checked, told);
  if (passed.empty()) return std::nullopt;
  alert_request.options = notify::AlertCommandOptions(std::move(alert_request.options), passed);
  absl::StatusOr<aggregate::StoreReport> commands = BuildStoreReport(context, alert_request);
  if (!commands.ok()) return commands.status();
  users->report.id = notify::NewReportId(outbox, users->report.host, context.now);
  return notify::BuildAlert(users->report, checked, passed, std::move(commands->report), chats,
                            settings.compose);
}

// Puts an alert into the outbox for each period in which a user has passed a limit that has not
// been told yet.
absl::Status QueueAlerts(CommandContext& context, const ReportRequest& request,
                         DeliveryConfig settings, const std::vector<notify::Chat>& chats,
                         notify::QueueWriter& queue, const notify::Outbox& outbox) {
  const std::vector<LimitPeriod> periods = PeriodsToCompare(context, settings, queue.state());
  if (periods.empty()) return absl::OkStatus();
  WarnOfUnknownUsers(context, settings, periods);
  const absl::StatusOr<std::vector<notify::AlertMark>> told =
      notify::ToldMarks(outbox, queue.state());
  if (!told.ok()) return told.status();
  const bool has_forgotten = HasForgottenEarlier(queue.state(), periods.back());
  std::vector<notify::AlertMark> taken_as_told;
  for (const LimitPeriod& checked : periods) {
    const absl::StatusOr<std::optional<QueuedReport>> alert =
        FindAlert(context, request, checked, settings, chats, *told, outbox);
    if (!alert.ok()) return alert.status();
    if (!alert->has_value()) continue;
    if (has_forgotten && checked.is_over()) {
      taken_as_told.insert(taken_as_told.end(), (*alert)->alerts.begin(), (*alert)->alerts.end());
      continue;
    }
    if (absl::Status added = queue.AddAlert(**alert); !added.ok()) return added;
    settings.compose.now += absl::Nanoseconds(1);
  }
  // The next check looks at the period before that of `now` again.
  return queue.SetLimitsChecked({.limits = CheckedLimits(context, settings),
                                 .at = context.now,
                                 .unit = settings.alert_period,
                                 .begin = periods[periods.size() - 2].period.begin,
                                 .taken_as_told = std::move(taken_as_told)});
}

}  // namespace

absl::StatusOr<ReportWithChart> BuildReportWithChart(CommandContext& context,
                                                     const ReportRequest& request,
                                                     notify::SendAs send_as,
                                                     const notify::Outbox& outbox) {
  absl::StatusOr<ReportWithChart> built =
      IsOfFleet(context) ? BuildOfFleet(context, request) : BuildOfStore(context, request);
  if (!built.ok()) return built.status();
  ReportWithChart rendered = *std::move(built);
  rendered.report.id = notify::NewReportId(
      outbox, rendered.report.fleet.has_value() ? "fleet" : rendered.report.host, context.now);
  // An empty report needs no chart.
  if (send_as == notify::SendAs::kText || rendered.report.row_count() == 0) return rendered;
  absl::StatusOr<std::string> png = notify::RenderReportChart(rendered.report);
  if (!png.ok()) {
    context.console.Warn(
        absl::StrCat("the report goes without its chart: ", png.status().message()));
    return rendered;
  }
  if (const std::string missing = notify::MissingLetters(rendered.report); !missing.empty()) {
    context.console.Warn(missing);
  }
  rendered.chart_png = *std::move(png);
  return rendered;
}

absl::Status WriteChart(CommandContext& context, const ReportWithChart& rendered) {
  if (!context.flags.chart.has_value()) return absl::OkStatus();
  const std::string& path = *context.flags.chart;
  if (rendered.chart_png.empty()) {
    constexpr absl::string_view kWhy =
        "--chart: there is no picture: the report goes as text, or has no rows";
    if (IsStandardOutput(path)) return absl::FailedPreconditionError(kWhy);
    context.console.Warn(absl::StrCat(kWhy, "; ", path, " is left as it is"));
    return absl::OkStatus();
  }
  const notify::PictureForm form = ChartFormOf(path);
  if (form == notify::PictureForm::kPng) {
    return WriteOutput(path, rendered.chart_png, context.console);
  }
  const absl::StatusOr<std::string> picture = notify::RenderReportChart(rendered.report, form);
  return picture.ok() ? WriteOutput(path, *picture, context.console) : picture.status();
}

absl::StatusOr<std::vector<QueuedReport>> FindAlerts(CommandContext& context,
                                                     const ReportRequest& request,
                                                     const DeliveryConfig& settings,
                                                     const std::vector<notify::Chat>& chats,
                                                     const notify::OutboxState& state,
                                                     const notify::Outbox& outbox) {
  const absl::StatusOr<std::vector<notify::AlertMark>> told = notify::ToldMarks(outbox, state);
  if (!told.ok()) return told.status();
  const std::vector<LimitPeriod> periods = PeriodsToCompare(context, settings, state);
  WarnOfUnknownUsers(context, settings, periods);
  std::vector<QueuedReport> alerts;
  for (const LimitPeriod& checked : periods) {
    if (checked.is_over() && HasForgottenEarlier(state, periods.back())) continue;
    absl::StatusOr<std::optional<QueuedReport>> alert =
        FindAlert(context, request, checked, settings, chats, *told, outbox);
    if (!alert.ok()) return alert.status();
    if (alert->has_value()) alerts.push_back(**std::move(alert));
  }
  return alerts;
}

absl::StatusOr<QueuedByRun> QueueReports(CommandContext& context, const ReportRequest& request,
                                         const DeliveryConfig& settings,
                                         const TelegramConfig& destination,
                                         const notify::Outbox& outbox) {
  absl::StatusOr<notify::QueueWriter> queue = notify::QueueWriter::Open(outbox, absl::Seconds(30));
  if (!queue.ok()) return queue.status();
  QueuedByRun queued;
  if (!queue->problem().empty()) {
    context.console.Error(queue->problem());
    queued.has_damage = true;
  }
  const std::vector<notify::Chat> chats = queue->CurrentChats(destination.chats());
  if (!context.flags.alerts) {
    absl::StatusOr<ReportWithChart> report =
        QueueReport(context, request, settings, chats, *queue, outbox);
    if (!report.ok()) return report.status();
    queued.has_damage |= report->is_partial;
    queued.report = *std::move(report);
  }
  absl::Status status = QueueAlerts(context, request, settings, chats, *queue, outbox);
  if (!status.ok()) return status;
  return queued;
}

}  // namespace cpuagg::tools
