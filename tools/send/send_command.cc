#include "tools/send/send_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "acct/io/file_lock.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/http/curl_http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outbox/outbox_status.h"
#include "notify/outgoing/build_messages.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"
#include "tools/collect/collect_command.h"
#include "tools/config/telegram_config.h"
#include "tools/fleet/push_command.h"
#include "tools/fleet/push_config.h"
#include "tools/report/fleet_source.h"
#include "tools/report/report_request.h"
#include "tools/send/limit_users.h"
#include "tools/send/report_queue.h"
#include "tools/send/send_greetings.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using notify::QueuedReport;

// The messages as a reader sees them, or with --raw the HTML that is sent.
std::string MessagesText(const QueuedReport& outgoing, bool is_raw) {
  std::string text;
  for (const notify::QueuedMessage& part : outgoing.deliveries[0].parts) {
    if (!text.empty()) absl::StrAppend(&text, "\n");
    if (part.form != notify::PartForm::kText) {
      absl::StrAppend(&text, part.form == notify::PartForm::kPhoto ? "[picture " : "[file ",
                      outgoing.files[part.file].name, "]\n");
    }
    absl::StrAppend(&text, is_raw || part.is_plain ? part.html : notify::VisibleText(part.html),
                    "\n");
  }
  return text;
}

absl::StatusOr<std::string> AlertText(CommandContext& context, const ReportRequest& request,
                                      const DeliveryConfig& settings,
                                      const notify::Outbox& outbox) {
  const notify::OutboxState state = outbox.LoadState().value_or(notify::OutboxState());
  const absl::StatusOr<std::vector<QueuedReport>> alerts =
      FindAlerts(context, request, settings, {notify::Chat()}, state, outbox);
  if (!alerts.ok()) return alerts.status();
  if (alerts->empty()) {
    return std::string("No alert: nobody has passed a limit that has not been reported already.\n");
  }
  return absl::StrJoin(*alerts, "\n", [&](std::string* text, const QueuedReport& alert) {
    absl::StrAppend(text, MessagesText(alert, context.flags.raw));
  });
}

// Prints what would be sent, and writes the chart if --chart is given. Writes nothing else.
ExitCode ShowInsteadOfSending(CommandContext& context, const ReportRequest& request,
                              const DeliveryConfig& settings, const notify::Outbox& outbox) {
  if (context.flags.alerts) {
    const absl::StatusOr<std::string> text = AlertText(context, request, settings, outbox);
    if (!text.ok()) return context.Fail(text.status());
    const absl::Status printed = context.console.Print(*text);
    return printed.ok() ? kDone : context.Fail(printed);
  }
  const absl::StatusOr<ReportWithChart> rendered =
      BuildReportWithChart(context, request, settings.compose.send_as, outbox);
  if (!rendered.ok()) return context.Fail(rendered.status());
  if (context.flags.users.empty() && !context.flags.ignored_users.has_value()) {
    for (const std::string& unknown : UnknownIgnoredUsers(context, request.period)) {
      context.console.Warn(unknown);
    }
  }
  std::string text = MessagesText(notify::BuildMessages(rendered->report, rendered->chart_png,
                                                        {notify::Chat()}, settings.compose),
                                  context.flags.raw);
  if (context.flags.chart.has_value()) {
    const absl::Status written = WriteChart(context, *rendered);
    if (!written.ok()) return context.Fail(written);
    // On standard output there is no place for text besides the picture.
    if (IsStandardOutput(*context.flags.chart)) {
      return rendered->is_partial ? kDamagedInput : kDone;
    }
    if (!rendered->chart_png.empty()) {
      absl::StrAppend(&text, "\nchart: ", *context.flags.chart, "\n");
    }
  }
  const absl::Status printed = context.console.Print(text);
  if (!printed.ok()) return context.Fail(printed);
  return rendered->is_partial ? kDamagedInput : kDone;
}

ExitCode DeliverOutbox(CommandContext& context, const notify::Outbox& outbox,
                       const DeliveryConfig& settings, const TelegramConfig& destination) {
  const absl::StatusOr<acct::FileLock> lock = outbox.Lock(absl::Seconds(5));
  if (absl::IsUnavailable(lock.status())) {
    context.console.Error(
        absl::StrCat("another run is delivering; what is queued is kept for the "
                     "next one: ",
                     lock.status().message()));
    return kPostponed;
  }
  if (!lock.ok()) return context.Fail(lock.status());
  // Reports do not expire because libcurl or memory for it is missing. The library has to be
  // installed; memory may be available next time.
  if (const absl::Status status = notify::CurlHttpClient::Load(); !status.ok()) {
    context.console.Error(absl::StrCat(status.message(), "; what is queued is kept"));
    return absl::IsResourceExhausted(status) ? kPostponed : kFailed;
  }
  notify::CurlHttpClient http = destination.MakeHttpClient();
  notify::BotApi api = destination.MakeApi(http);
  const absl::StatusOr<notify::DeliverySummary> summary = notify::Deliver(
      outbox, api,
      {.guarantee = settings.guarantee,
       .run_budget = settings.run_budget,
       .lifetime = settings.compose.lifetime,
       .clock = absl::Now,
       .stopwatch =
           [] { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); },
       .sleep = absl::SleepFor});
  if (!summary.ok()) return context.Fail(summary.status());
  for (const std::string& problem : summary->problems) context.console.Error(problem);
  if (summary->bot_refused) {
    context.console.Error(
        absl::StrCat(WhyBotIsRefused(destination), "; undelivered reports stay in the outbox"));
  }
  context.console.Detail(absl::StrCat(summary->sent, " sent, ", summary->postponed, " postponed, ",
                                      summary->failed, " failed"));
  if (!summary->served_chats.empty()) {
    context.console.Tell(
        absl::StrCat("sent to ", notify::Pluralize(summary->served_chats.size(), "chat")));
  }
  if (summary->bot_refused || summary->failed > 0) return kFailed;
  if (summary->postponed > 0) return kPostponed;
  return summary->has_damage ? kDamagedInput : kDone;
}

ExitCode ShowStatus(CommandContext& context, const notify::Outbox& outbox) {
  const absl::StatusOr<notify::OutboxListing> listing = outbox.List();
  if (!listing.ok()) return context.Fail(listing.status());
  const absl::StatusOr<notify::OutboxState> memory = outbox.LoadState();
  if (!memory.ok()) context.console.Error(memory.status().message());
  const absl::Status printed = context.console.Print(
      notify::RenderStatus(*listing, memory.value_or(notify::OutboxState()), context.zone));
  if (!printed.ok()) return context.Fail(printed);
  const bool is_whole = memory.ok() && listing->damaged.empty() && listing->unreadable.empty();
  return is_whole ? kDone : kDamagedInput;
}

// Of two results, the one that needs attention first.
ExitCode Worse(ExitCode a, ExitCode b) {
  constexpr std::array kOrder = {kDone, kDamagedInput, kPostponed, kWrongUsage, kFailed};
  const auto rank = [&](ExitCode code) { return std::find(kOrder.begin(), kOrder.end(), code); };
  return *std::max(rank(a), rank(b));
}

}  // namespace

ExitCode RunSend(CommandContext& context) {
  const aggregate::SnapshotStore store(context.StoreDirectory());
  const notify::Outbox outbox = OutboxOf(store);
  const absl::Status there = CheckStoreIsThere(store);
  if (context.flags.status) return there.ok() ? ShowStatus(context, outbox) : context.Fail(there);
  const absl::StatusOr<ReportRequest> request = MakeReportRequest(context, /*for_message=*/true);
  if (!request.ok()) return context.FailUsage(request.status());
  if (const absl::Status status = CheckFleetFlags(context, *request); !status.ok()) {
    return context.FailUsage(status);
  }
  const absl::StatusOr<DeliveryConfig> settings = FindDeliveryConfig(context);
  if (!settings.ok()) return context.FailUsage(settings.status());
  // --pending --alerts is for a schedule: it also alerts, if there are limits.
  if (context.flags.pending && context.flags.alerts) {
    context.flags.alerts = !settings->alert_limits.empty();
    context.flags.pending = !context.flags.alerts;
  }
  if (context.flags.alerts && there.ok() && settings->alert_limits.empty()) {
    return context.FailUsage(absl::InvalidArgumentError(
        "--alerts: there is no limit; set ALERT_CPU_HOURS in the configuration"));
  }
  // The outbox belongs to a newer cpuagg, and it is unknown what that has reported.
  if (const absl::Status known = outbox.LoadState().status(); absl::IsFailedPrecondition(known)) {
    return context.Fail(known);
  }
  if (context.flags.dry_run) return ShowInsteadOfSending(context, *request, *settings, outbox);

  const absl::StatusOr<TelegramConfig> destination = TelegramConfig::Find(context);
  if (!destination.ok()) return context.FailUsage(destination.status());
  if (context.flags.test) return SendGreetings(context, *destination, settings->run_budget);

  if (!there.ok()) return context.Fail(there);
  // Before a chart allocates memory: a report that cannot be sent needs no chart. DeliverOutbox()
  // reports the error.
  notify::CurlHttpClient::Load().IgnoreError();
  ExitCode code = kDone;
  std::optional<ReportWithChart> rendered;
  if (!context.flags.pending) {
    absl::StatusOr<QueuedByRun> queued =
        QueueReports(context, *request, *settings, *destination, outbox);
    if (!queued.ok()) {
      // Sends already queued reports all the same.
      code = context.Fail(queued.status());
    } else {
      rendered = std::move(queued->report);
      if (queued->has_damage) code = kDamagedInput;
    }
  }
  code = Worse(code, DeliverOutbox(context, outbox, *settings, *destination));
  // Last and without a lock, because it may be a pipe without a reader.
  if (rendered.has_value()) {
    const absl::Status written = WriteChart(context, *rendered);
    if (!written.ok()) code = Worse(code, context.Fail(written));
  }
  return code;
}

ExitCode RunCollectAndSend(CommandContext& context) {
  if (context.flags.dry_run) {
    const ExitCode shown = RunSend(context);
    if (shown == kDone) {
      context.console.Warn("nothing is collected in a dry run: this is what the store has");
    }
    return shown;
  }
  const ExitCode collected = RunCollect(context);
  if (collected == kWrongUsage) return collected;
  // Neither a push nor a report waits for the other. Hours that are over are valid, whatever
  // happened since.
  const ExitCode pushed = WantsPush(context) ? RunPush(context) : kDone;
  // Queued reports are still valid, but a new report would lack what was not collected.
  if (collected == kFailed) {
    context.console.Warn("no report is built, since collecting failed; what is queued is sent");
    context.flags.pending = true;
  }
  return Worse(Worse(collected, pushed), RunSend(context));
}

}  // namespace cpuagg::tools
