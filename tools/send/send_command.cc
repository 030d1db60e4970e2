#include "tools/send/send_command.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/http/curl_http_client.h"
#include "notify/outbox/delivery.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_memory.h"
#include "notify/outbox/outbox_status.h"
#include "notify/outgoing/compose.h"
#include "notify/outgoing/outgoing_report.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"
#include "tools/collect/collect_command.h"
#include "tools/config/destination.h"
#include "tools/report/report_request.h"
#include "tools/send/report_queue.h"
#include "tools/send/send_greetings.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using notify::OutgoingReport;

// The messages as a reader sees them, or with --raw as they are sent.
std::string MessagesText(const OutgoingReport& outgoing, bool is_raw) {
  std::string text;
  for (const notify::Part& part : outgoing.deliveries[0].parts) {
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

absl::StatusOr<std::string> AlertText(Session& session, const ReportRequest& request,
                                      const SendSettings& settings, const notify::Outbox& outbox) {
  notify::OutboxMemory memory = outbox.Remember().value_or(notify::OutboxMemory());
  const absl::StatusOr<std::optional<OutgoingReport>> alert =
      BuildAlert(session, request, settings, {notify::Chat()}, memory, outbox);
  if (!alert.ok()) return alert.status();
  if (!alert->has_value()) {
    return std::string("No alert: nobody has passed a limit that has not been reported already.\n");
  }
  return MessagesText(**alert, session.flags.raw);
}

// Prints what would be sent, and writes the chart if --chart asks for it. Nothing else is written.
ExitCode ShowInsteadOfSending(Session& session, const ReportRequest& request,
                              const SendSettings& settings, const notify::Outbox& outbox) {
  if (session.flags.alerts) {
    const absl::StatusOr<std::string> text = AlertText(session, request, settings, outbox);
    if (!text.ok()) return session.Fail(text.status());
    const absl::Status printed = session.console.Print(*text);
    return printed.ok() ? kDone : session.Fail(printed);
  }
  const absl::StatusOr<Rendered> rendered = Render(session, request, settings.compose.send_as);
  if (!rendered.ok()) return session.Fail(rendered.status());
  std::string text = MessagesText(
      notify::Compose(rendered->report, rendered->chart_png, {notify::Chat()}, settings.compose),
      session.flags.raw);
  if (session.flags.chart.has_value()) {
    const absl::Status written = WriteChart(session, *rendered);
    if (!written.ok()) return session.Fail(written);
    // Beside the picture itself there is no place for words.
    if (IsStandardOutput(*session.flags.chart)) return kDone;
    if (!rendered->chart_png.empty()) {
      absl::StrAppend(&text, "\nchart: ", *session.flags.chart, "\n");
    }
  }
  const absl::Status printed = session.console.Print(text);
  return printed.ok() ? kDone : session.Fail(printed);
}

ExitCode DeliverOutbox(Session& session, const notify::Outbox& outbox, const SendSettings& settings,
                       const Destination& destination) {
  const absl::StatusOr<aggregate::StoreLock> lock = outbox.Lock(absl::Seconds(5));
  if (absl::IsUnavailable(lock.status())) {
    session.console.Error(
        absl::StrCat("another run is delivering; what is queued is kept for the "
                     "next one: ",
                     lock.status().message()));
    return kPostponed;
  }
  if (!lock.ok()) return session.Fail(lock.status());
  // Nothing expires for want of a library or of memory for it. The one has to be installed; the
  // other may be there the next time.
  if (const absl::Status status = notify::CurlHttpClient::Load(); !status.ok()) {
    session.console.Error(absl::StrCat(status.message(), "; what is queued is kept"));
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
  if (!summary.ok()) return session.Fail(summary.status());
  for (const std::string& problem : summary->problems) session.console.Error(problem);
  if (summary->bot_refused) {
    session.console.Error(
        absl::StrCat(WhyBotIsRefused(destination), "; undelivered reports stay in the outbox"));
  }
  session.console.Detail(absl::StrCat(summary->sent, " sent, ", summary->postponed, " postponed, ",
                                      summary->failed, " failed"));
  if (summary->bot_refused || summary->failed > 0) return kFailed;
  if (summary->postponed > 0) return kPostponed;
  return summary->has_damage ? kDamagedInput : kDone;
}

ExitCode ShowStatus(Session& session, const notify::Outbox& outbox) {
  const absl::StatusOr<notify::OutboxListing> listing = outbox.List();
  if (!listing.ok()) return session.Fail(listing.status());
  const absl::StatusOr<notify::OutboxMemory> memory = outbox.Remember();
  if (!memory.ok()) session.console.Error(memory.status().message());
  const absl::Status printed = session.console.Print(
      notify::RenderStatus(*listing, memory.value_or(notify::OutboxMemory()), session.zone));
  if (!printed.ok()) return session.Fail(printed);
  const bool is_whole = memory.ok() && listing->damaged.empty() && listing->unreadable.empty();
  return is_whole ? kDone : kDamagedInput;
}

// Of two that ended so the one that somebody has to look at first.
ExitCode Worse(ExitCode a, ExitCode b) {
  constexpr std::array kOrder = {kDone, kDamagedInput, kPostponed, kWrongUsage, kFailed};
  const auto rank = [&](ExitCode code) { return std::find(kOrder.begin(), kOrder.end(), code); };
  return *std::max(rank(a), rank(b));
}

}  // namespace

ExitCode RunSend(Session& session) {
  const aggregate::SnapshotStore store(session.StoreDirectory());
  const notify::Outbox outbox = OutboxOf(store);
  const absl::Status there = CheckStoreIsThere(store);
  if (session.flags.status) return there.ok() ? ShowStatus(session, outbox) : session.Fail(there);
  const absl::StatusOr<ReportRequest> request = MakeReportRequest(session, /*for_message=*/true);
  if (!request.ok()) return session.FailUsage(request.status());
  const absl::StatusOr<SendSettings> settings = FindSendSettings(session);
  if (!settings.ok()) return session.FailUsage(settings.status());
  if (session.flags.alerts && there.ok() && settings->alert_limits.empty()) {
    return session.FailUsage(absl::InvalidArgumentError(
        "--alerts: there is no limit; set ALERT_CPU_HOURS in the configuration"));
  }
  // Of a newer cpuagg: nothing is known of what it has told.
  if (const absl::Status known = outbox.Remember().status(); absl::IsFailedPrecondition(known)) {
    return session.Fail(known);
  }
  if (session.flags.dry_run) return ShowInsteadOfSending(session, *request, *settings, outbox);

  const absl::StatusOr<Destination> destination = Destination::Find(session);
  if (!destination.ok()) return session.FailUsage(destination.status());
  if (session.flags.test) return SendGreetings(session, *destination, settings->run_budget);

  if (!there.ok()) return session.Fail(there);
  // Before a chart takes memory: what cannot be sent needs none. DeliverOutbox() says so.
  notify::CurlHttpClient::Load().IgnoreError();
  ExitCode code = kDone;
  std::optional<Rendered> rendered;
  if (!session.flags.pending) {
    absl::StatusOr<Queued> queued = Queue(session, *request, *settings, *destination, outbox);
    if (!queued.ok()) {
      // What is queued already is sent all the same.
      code = session.Fail(queued.status());
    } else {
      rendered = std::move(queued->rendered);
      if (queued->has_damage) code = kDamagedInput;
    }
  }
  code = Worse(code, DeliverOutbox(session, outbox, *settings, *destination));
  // Last, and without a lock: it may be a pipe that nobody reads.
  if (rendered.has_value()) {
    const absl::Status written = WriteChart(session, *rendered);
    if (!written.ok()) code = Worse(code, session.Fail(written));
  }
  return code;
}

ExitCode RunCollectAndSend(Session& session) {
  if (session.flags.dry_run) {
    const ExitCode shown = RunSend(session);
    if (shown == kDone) {
      session.console.Warn("nothing is collected in a dry run: this is what the store has");
    }
    return shown;
  }
  const ExitCode collected = RunCollect(session);
  if (collected == kWrongUsage) return collected;
  // What is queued already is as good as it was; a report of now would lack what is not collected.
  if (collected == kFailed) {
    session.console.Warn("no report is built, since collecting failed; what is queued is sent");
    session.flags.pending = true;
  }
  return Worse(collected, RunSend(session));
}

}  // namespace cpuagg::tools
