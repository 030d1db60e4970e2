#include "tools/send_command.h"

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aggregate/snapshot_store.h"
#include "notify/bot_api.h"
#include "notify/chat.h"
#include "notify/compose.h"
#include "notify/curl_http_client.h"
#include "notify/delivery.h"
#include "notify/outbox.h"
#include "notify/outbox_memory.h"
#include "notify/outbox_status.h"
#include "notify/outgoing_report.h"
#include "notify/text.h"
#include "tools/collect_command.h"
#include "tools/destination.h"
#include "tools/report_queue.h"
#include "tools/report_request.h"
#include "tools/send_greetings.h"

namespace cpuagg::tools {
namespace {

using notify::OutgoingReport;

// Prints what would be sent.
ExitCode ShowInsteadOfSending(Session& session, const ReportRequest& request,
                              const SendSettings& settings) {
  const absl::StatusOr<Rendered> rendered = Render(session, request, settings.compose.send_as);
  if (!rendered.ok()) return session.Fail(rendered.status());
  const OutgoingReport outgoing =
      notify::Compose(rendered->report, rendered->chart_png, {notify::Chat()}, settings.compose);
  std::string text;
  for (const notify::Part& part : outgoing.deliveries[0].parts) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", part.html, "\n");
    if (part.file > 0) absl::StrAppend(&text, "file: ", outgoing.files[part.file].name, "\n");
  }
  if (!rendered->chart_png.empty()) {
    const absl::StatusOr<std::string> path = WriteChart(session, rendered->chart_png);
    if (!path.ok()) return session.Fail(path.status());
    absl::StrAppend(&text, "\nchart: ", *path, "\n");
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
  if (summary->bot_refused) session.console.Error(WhyBotIsRefused(destination));
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
  if (!memory.ok()) return session.Fail(memory.status());
  const absl::Status printed =
      session.console.Print(notify::RenderStatus(*listing, *memory, session.zone));
  if (!printed.ok()) return session.Fail(printed);
  return listing->damaged.empty() ? kDone : kDamagedInput;
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
  if (session.flags.dry_run) return ShowInsteadOfSending(session, *request, *settings);

  const absl::StatusOr<Destination> destination = Destination::Find(session);
  if (!destination.ok()) return session.FailUsage(destination.status());
  if (session.flags.test) return SendGreetings(session, *destination, settings->run_budget);

  if (!there.ok()) return session.Fail(there);
  if (!session.flags.pending) {
    const absl::Status queued = Queue(session, *request, *settings, *destination, outbox);
    if (!queued.ok()) return session.Fail(queued);
  }
  return DeliverOutbox(session, outbox, *settings, *destination);
}

ExitCode RunCollectAndSend(Session& session) {
  const ExitCode collected = RunCollect(session);
  if (collected != kDone && collected != kDamagedInput) return collected;
  const ExitCode sent = RunSend(session);
  return sent == kDone ? collected : sent;
}

}  // namespace cpuagg::tools
