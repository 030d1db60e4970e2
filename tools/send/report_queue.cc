#include "tools/send/report_queue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/period.h"
#include "notify/chart/report_chart.h"
#include "notify/outbox/queue_writer.h"
#include "notify/outbox/report_id.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/build_alert.h"
#include "tools/config/time_argument.h"
#include "tools/report/fleet_source.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

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

// The report in which to find users who have passed a limit.
absl::StatusOr<ReportRequest> AlertRequest(const CommandContext& context,
                                           const ReportRequest& request,
                                           const DeliveryConfig& settings) {
  ReportRequest alert;
  absl::StatusOr<aggregate::Period> period =
      ParsePeriod("ALERT_PERIOD", settings.alert_period, context.now, context.zone);
  if (!period.ok()) return period.status();
  alert.period = *period;
  alert.period_name = settings.alert_period;
  alert.options = notify::AlertReportOptions(request.options, settings.alert_limits);
  return alert;
}

// Puts an alert into the outbox if a user has passed a limit that has not been told yet.
absl::Status QueueAlert(CommandContext& context, const ReportRequest& request,
                        const DeliveryConfig& settings, const std::vector<notify::Chat>& chats,
                        notify::QueueWriter& queue, const notify::Outbox& outbox) {
  const absl::StatusOr<std::optional<QueuedReport>> alert =
      FindAlert(context, request, settings, chats, queue.state(), outbox);
  if (!alert.ok()) return alert.status();
  return alert->has_value() ? queue.AddAlert(**alert) : absl::OkStatus();
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

absl::StatusOr<std::optional<QueuedReport>> FindAlert(CommandContext& context,
                                                      const ReportRequest& request,
                                                      const DeliveryConfig& settings,
                                                      const std::vector<notify::Chat>& chats,
                                                      const notify::OutboxState& state,
                                                      const notify::Outbox& outbox) {
  if (settings.alert_limits.empty()) return std::nullopt;
  absl::StatusOr<ReportRequest> alert_request = AlertRequest(context, request, settings);
  if (!alert_request.ok()) return alert_request.status();
  absl::StatusOr<aggregate::StoreReport> users = BuildStoreReport(context, *alert_request);
  if (!users.ok()) return users.status();
  const absl::StatusOr<std::vector<notify::AlertMark>> told = notify::ToldMarks(outbox, state);
  if (!told.ok()) return told.status();
  const std::vector<notify::PassedLimit> passed =
      notify::FindPassedLimits(users->report, settings.alert_limits, settings.alert_period, *told);
  if (passed.empty()) return std::nullopt;
  alert_request->options = notify::AlertCommandOptions(std::move(alert_request->options), passed);
  absl::StatusOr<aggregate::StoreReport> commands = BuildStoreReport(context, *alert_request);
  if (!commands.ok()) return commands.status();
  users->report.id = notify::NewReportId(outbox, users->report.host, context.now);
  return notify::BuildAlert(users->report, passed, std::move(commands->report), chats,
                            settings.compose);
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
  absl::Status status = QueueAlert(context, request, settings, chats, *queue, outbox);
  if (!status.ok()) return status;
  return queued;
}

}  // namespace cpuagg::tools
