#include "tools/report_queue.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "acct/file.h"
#include "aggregate/atomic_file.h"
#include "aggregate/period.h"
#include "aggregate/store_report.h"
#include "notify/alert.h"
#include "notify/chat.h"
#include "notify/outbox_memory.h"
#include "notify/outgoing_report.h"
#include "notify/report_chart.h"
#include "tools/time_argument.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;
using notify::OutgoingReport;

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

// Builds the report and puts it into the outbox.
absl::Status QueueReport(Session& session, const ReportRequest& request,
                         const SendSettings& settings, const std::vector<notify::Chat>& chats,
                         notify::OutboxMemory& memory, const notify::Outbox& outbox) {
  absl::StatusOr<Rendered> rendered = Render(session, request, settings.compose.send_as);
  if (!rendered.ok()) return rendered.status();
  if (session.flags.chart.has_value() && !rendered->chart_png.empty()) {
    const absl::StatusOr<std::string> path = WriteChart(session, rendered->chart_png);
    if (!path.ok()) return path.status();
  }
  absl::Status saved = outbox.Save(
      notify::Compose(rendered->report, std::move(rendered->chart_png), chats, settings.compose));
  if (!saved.ok()) return saved;
  // In this order a crash in between repeats a part of this report in the next one; in the other it
  // would be missing from both.
  if (!request.since_last) return absl::OkStatus();
  memory.last_reported_run = rendered->last_run;
  return outbox.SaveMemory(memory);
}

// All users' CPU in the period of the alerts, of those whom messages have. Who has a limit of their
// own is not ignored.
absl::StatusOr<ReportRequest> AlertRequest(const Session& session, const ReportRequest& request,
                                           const SendSettings& settings) {
  ReportRequest alert;
  absl::StatusOr<aggregate::Period> period =
      ParsePeriod("ALERT_PERIOD", settings.alert_period, session.now, session.zone);
  if (!period.ok()) return period.status();
  alert.period = *period;
  alert.period_name = settings.alert_period;
  alert.options.leave_out_unknown_users = request.options.leave_out_unknown_users;
  for (const std::string& user : request.options.ignored_users) {
    if (!settings.alert_limits.users.contains(user)) alert.options.ignored_users.push_back(user);
  }
  return alert;
}

// Puts an alert into the outbox if somebody has passed a limit and that is not told yet.
absl::Status QueueAlert(Session& session, const ReportRequest& request,
                        const SendSettings& settings, const std::vector<notify::Chat>& chats,
                        notify::OutboxMemory& memory, const notify::Outbox& outbox) {
  if (settings.alert_limits.empty()) return absl::OkStatus();
  const absl::StatusOr<ReportRequest> alert_request = AlertRequest(session, request, settings);
  if (!alert_request.ok()) return alert_request.status();
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(session, *alert_request);
  if (!built.ok()) return built.status();
  Report& report = built->report;
  report.id = MakeReportId(report.host, session.now);
  notify::ForgetPast(settings.alert_period, absl::ToUnixSeconds(report.period.begin),
                     memory.alerts);
  // A crash between the two writes below leaves an alert that the memory does not have.
  std::vector<notify::AlertMark> told = memory.alerts;
  const absl::StatusOr<notify::OutboxListing> queued = outbox.List();
  if (!queued.ok()) return queued.status();
  for (const OutgoingReport& outgoing : queued->reports) {
    told.insert(told.end(), outgoing.alerts.begin(), outgoing.alerts.end());
  }
  notify::PassedLimits passed =
      notify::FindPassedLimits(report, settings.alert_limits, settings.alert_period, told);
  if (passed.marks.empty()) return absl::OkStatus();
  // Behind the report of the same run, since the oldest is sent first.
  notify::ComposeOptions compose = settings.compose;
  compose.now += absl::Nanoseconds(1);
  OutgoingReport alert = notify::ComposeText(report.id, absl::StrCat("CPU alert of ", report.host),
                                             std::move(passed.html), chats, compose);
  alert.alerts = passed.marks;
  if (absl::Status saved = outbox.Save(alert); !saved.ok()) return saved;
  memory.alerts.insert(memory.alerts.end(), passed.marks.begin(), passed.marks.end());
  return outbox.SaveMemory(memory);
}

}  // namespace

absl::StatusOr<Rendered> Render(Session& session, const ReportRequest& request,
                                notify::SendAs send_as) {
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(session, request);
  if (!built.ok()) return built.status();
  if (absl::Status status = CheckHasCollected(session, *built); !status.ok()) return status;
  for (const std::string& problem : built->damage) session.console.Warn(problem);
  Rendered rendered = {.report = std::move(built->report), .last_run = built->last_run};
  rendered.report.id = MakeReportId(rendered.report.host, session.now);
  // A chart of nothing tells nothing.
  if (send_as == notify::SendAs::kText || rendered.report.row_count() == 0) return rendered;
  absl::StatusOr<std::string> png = notify::RenderReportChart(rendered.report);
  if (!png.ok()) {
    session.console.Warn(
        absl::StrCat("the report goes without its chart: ", png.status().message()));
    return rendered;
  }
  if (const std::string missing = notify::MissingLetters(rendered.report); !missing.empty()) {
    session.console.Warn(missing);
  }
  rendered.chart_png = *std::move(png);
  return rendered;
}

absl::StatusOr<std::string> WriteChart(const Session& session, const std::string& png) {
  if (session.flags.chart.has_value()) {
    const absl::Status written = aggregate::WriteFileAtomically(*session.flags.chart, png, 0644);
    if (!written.ok()) return written;
    return *session.flags.chart;
  }
  const char* const directory = std::getenv("TMPDIR");
  std::string path = absl::StrCat(directory != nullptr && *directory != '\0' ? directory : "/tmp",
                                  "/cpuagg-XXXXXX.png");
  const int fd = mkstemps(path.data(), 4);
  if (fd < 0) return acct::ErrnoStatus(errno, path, "create");
  close(fd);
  const absl::Status written = aggregate::WriteFileAtomically(path, png, 0600);
  if (!written.ok()) return written;
  return path;
}

absl::Status Queue(Session& session, const ReportRequest& request, const SendSettings& settings,
                   const Destination& destination, const notify::Outbox& outbox) {
  const absl::StatusOr<aggregate::StoreLock> lock = outbox.LockQueue(absl::Seconds(30));
  if (!lock.ok()) return lock.status();
  absl::StatusOr<notify::OutboxMemory> memory = outbox.Remember();
  if (!memory.ok()) return memory.status();
  std::vector<notify::Chat> chats;
  for (notify::Chat chat : destination.chats()) {
    chat.id = memory->ChatNow(chat.id);
    if (std::find(chats.begin(), chats.end(), chat) == chats.end()) chats.push_back(chat);
  }
  if (!session.flags.alerts) {
    absl::Status queued = QueueReport(session, request, settings, chats, *memory, outbox);
    if (!queued.ok()) return queued;
  }
  return QueueAlert(session, request, settings, chats, *memory, outbox);
}

}  // namespace cpuagg::tools
