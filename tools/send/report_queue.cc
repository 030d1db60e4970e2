#include "tools/send/report_queue.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "notify/chart/report_chart.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"
#include "tools/config/time_argument.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;
using notify::QueuedReport;

// "lab01-20261123T004500Z-3f2a": also a file name, so of the host only letters, digits, '.', '_',
// '-'.
std::string MakeReportId(const std::string& host, absl::Time now) {
  std::string name;
  for (const char c : host.substr(0, 32)) {
    name.push_back(absl::ascii_isalnum(c) || c == '_' || c == '.' ? c : '-');
  }
  if (name[0] == '.') name[0] = '-';
  return absl::StrFormat("%s-%s-%04x", name,
                         absl::FormatTime("%Y%m%dT%H%M%SZ", now, absl::UTCTimeZone()),
                         std::random_device()() & 0xffff);
}

// One that no report in `outbox` has: of those of one second, some have the same random part.
std::string NewReportId(const notify::Outbox& outbox, const std::string& host, absl::Time now) {
  std::string id;
  do {
    id = MakeReportId(host, now);
  } while (outbox.Has(id));
  return id;
}

// Builds the report and puts it into the outbox.
absl::StatusOr<Rendered> QueueReport(CommandContext& context, const ReportRequest& request,
                                     const DeliveryConfig& settings,
                                     const std::vector<notify::Chat>& chats,
                                     notify::OutboxState& memory, const notify::Outbox& outbox) {
  absl::StatusOr<Rendered> rendered = Render(context, request, settings.compose.send_as);
  if (!rendered.ok()) return rendered.status();
  rendered->report.id = NewReportId(outbox, rendered->report.host, context.now);
  absl::Status saved = outbox.Add(
      notify::BuildMessages(rendered->report, rendered->chart_png, chats, settings.compose));
  // In this order a crash in between repeats a part of this report in the next one; in the other it
  // would be missing from both.
  if (saved.ok() && request.since_last) {
    memory.last_reported_run = rendered->last_run;
    saved = outbox.SaveState(memory);
  }
  if (!saved.ok()) return saved;
  return rendered;
}

// All users' CPU in the period of the alerts, of those whom messages have. Who has a limit of their
// own is not ignored.
absl::StatusOr<ReportRequest> AlertRequest(const CommandContext& context,
                                           const ReportRequest& request,
                                           const DeliveryConfig& settings) {
  ReportRequest alert;
  absl::StatusOr<aggregate::Period> period =
      ParsePeriod("ALERT_PERIOD", settings.alert_period, context.now, context.zone);
  if (!period.ok()) return period.status();
  alert.period = *period;
  alert.period_name = settings.alert_period;
  alert.options.leave_out_unknown_users = request.options.leave_out_unknown_users;
  for (const std::string& user : request.options.ignored_users) {
    if (!settings.alert_limits.users.contains(user)) alert.options.ignored_users.push_back(user);
  }
  return alert;
}

// What the users who have passed a limit have used by command.
absl::StatusOr<Report> CommandsOf(CommandContext& context,
                                  const std::vector<notify::PassedLimit>& passed,
                                  ReportRequest request) {
  request.options.by = {aggregate::Dimension::kUser, aggregate::Dimension::kCommand};
  for (const notify::PassedLimit& limit : passed) {
    request.options.only_users.push_back(absl::StrCat(limit.mark.uid));
  }
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(context, request);
  if (!built.ok()) return built.status();
  return std::move(built->report);
}

// Puts an alert into the outbox if somebody has passed a limit and that is not told yet.
absl::Status QueueAlert(CommandContext& context, const ReportRequest& request,
                        const DeliveryConfig& settings, const std::vector<notify::Chat>& chats,
                        notify::OutboxState& memory, const notify::Outbox& outbox) {
  absl::StatusOr<std::optional<QueuedReport>> alert =
      BuildAlert(context, request, settings, chats, memory, outbox);
  if (!alert.ok()) return alert.status();
  if (!alert->has_value()) return absl::OkStatus();
  if (absl::Status saved = outbox.Add(**alert); !saved.ok()) return saved;
  memory.alerts.insert(memory.alerts.end(), (*alert)->alerts.begin(), (*alert)->alerts.end());
  return outbox.SaveState(memory);
}

}  // namespace

absl::StatusOr<Rendered> Render(CommandContext& context, const ReportRequest& request,
                                notify::SendAs send_as) {
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(context, request);
  if (!built.ok()) return built.status();
  if (absl::Status status = CheckHasCollected(context, *built); !status.ok()) return status;
  for (const std::string& problem : built->damage) context.console.Warn(problem);
  Rendered rendered = {.report = std::move(built->report), .last_run = built->last_run};
  rendered.report.id = MakeReportId(rendered.report.host, context.now);
  // A chart of nothing tells nothing.
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

absl::Status WriteChart(CommandContext& context, const Rendered& rendered) {
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

absl::StatusOr<std::optional<QueuedReport>> BuildAlert(CommandContext& context,
                                                       const ReportRequest& request,
                                                       const DeliveryConfig& settings,
                                                       const std::vector<notify::Chat>& chats,
                                                       notify::OutboxState& memory,
                                                       const notify::Outbox& outbox) {
  if (settings.alert_limits.empty()) return std::nullopt;
  absl::StatusOr<ReportRequest> alert_request = AlertRequest(context, request, settings);
  if (!alert_request.ok()) return alert_request.status();
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(context, *alert_request);
  if (!built.ok()) return built.status();
  Report& report = built->report;
  report.id = NewReportId(outbox, report.host, context.now);
  notify::ForgetPast(settings.alert_period, absl::ToUnixSeconds(report.period.begin),
                     memory.alerts);
  // A crash between writing an alert and the memory leaves an alert that the memory does not have.
  std::vector<notify::AlertMark> told = memory.alerts;
  const absl::StatusOr<notify::OutboxListing> queued = outbox.List();
  if (!queued.ok()) return queued.status();
  for (const QueuedReport& outgoing : queued->reports) {
    told.insert(told.end(), outgoing.alerts.begin(), outgoing.alerts.end());
  }
  const std::vector<notify::PassedLimit> passed =
      notify::FindPassedLimits(report, settings.alert_limits, settings.alert_period, told);
  if (passed.empty()) return std::nullopt;
  absl::StatusOr<Report> commands = CommandsOf(context, passed, *std::move(alert_request));
  if (!commands.ok()) return commands.status();
  // The store may know commands by coarser times only, of which no part is known.
  if (commands->period != report.period) commands->rows.clear();
  // Behind the report of the same run, since the oldest is sent first.
  notify::MessageOptions compose = settings.compose;
  compose.now += absl::Nanoseconds(1);
  QueuedReport alert =
      notify::BuildTextMessages(report.id, absl::StrCat("CPU alert of ", report.host),
                                notify::RenderAlert(report, passed, *commands), chats, compose);
  for (const notify::PassedLimit& limit : passed) alert.alerts.push_back(limit.mark);
  return std::optional(std::move(alert));
}

absl::StatusOr<Queued> Queue(CommandContext& context, const ReportRequest& request,
                             const DeliveryConfig& settings, const TelegramConfig& destination,
                             const notify::Outbox& outbox) {
  const absl::StatusOr<acct::FileLock> lock = outbox.LockQueue(absl::Seconds(30));
  if (!lock.ok()) return lock.status();
  absl::StatusOr<notify::Recollection> recollection = outbox.RememberOrSetAside();
  if (!recollection.ok()) return recollection.status();
  Queued queued;
  if (!recollection->problem.empty()) {
    context.console.Error(recollection->problem);
    queued.has_damage = true;
  }
  notify::OutboxState& memory = recollection->memory;
  std::vector<notify::Chat> chats;
  for (notify::Chat chat : destination.chats()) {
    chat.id = memory.ChatNow(chat.id);
    if (std::find(chats.begin(), chats.end(), chat) == chats.end()) chats.push_back(chat);
  }
  if (!context.flags.alerts) {
    absl::StatusOr<Rendered> rendered =
        QueueReport(context, request, settings, chats, memory, outbox);
    if (!rendered.ok()) return rendered.status();
    queued.rendered = *std::move(rendered);
  }
  absl::Status status = QueueAlert(context, request, settings, chats, memory, outbox);
  if (!status.ok()) return status;
  return queued;
}

}  // namespace cpuagg::tools
