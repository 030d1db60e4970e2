#include "tools/send_command.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "acct/file.h"
#include "aggregate/atomic_file.h"
#include "aggregate/report.h"
#include "notify/bot_api.h"
#include "notify/chat.h"
#include "notify/curl_http_client.h"
#include "notify/delivery.h"
#include "notify/message.h"
#include "notify/outbox.h"
#include "notify/text.h"
#include "tools/collect_command.h"
#include "tools/report_request.h"
#include "tools/version.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;
using notify::OutgoingReport;

// All that is needed to send, checked before anything is done.
struct Destination {
  std::string api_url;
  notify::Secret token;
  std::vector<notify::Chat> chats;
};

// How the report goes out: SEND_AS.
enum class SendAs { kPhoto, kDocument, kText };

absl::StatusOr<SendAs> ParseSendAs(const Session& session) {
  const std::string value = session.config.GetOr("SEND_AS", "photo");
  if (value == "photo") return SendAs::kPhoto;
  if (value == "document") return SendAs::kDocument;
  if (value == "text") return SendAs::kText;
  return absl::InvalidArgumentError(
      absl::StrCat("SEND_AS: '", value, "' is none of photo, document and text"));
}

// InvalidArgument for what is malformed, FailedPrecondition and others for what is missing or
// unsafe.
absl::StatusOr<Destination> FindDestination(const Session& session) {
  Destination destination;
  absl::StatusOr<std::string> url =
      notify::CheckApiUrl(session.config.GetOr("TELEGRAM_API_URL", "https://api.telegram.org"));
  if (!url.ok()) return url.status();
  destination.api_url = *std::move(url);
  const std::optional<std::string> chat_id = session.config.Get("CHAT_ID");
  if (!chat_id.has_value() && !session.flags.pending) {
    return absl::FailedPreconditionError(
        "there is no chat to send to; set CHAT_ID in the configuration file or the environment");
  }
  if (chat_id.has_value()) {
    absl::StatusOr<std::vector<notify::Chat>> chats = notify::ParseChats(*chat_id);
    if (!chats.ok()) return chats.status();
    destination.chats = *std::move(chats);
  }
  absl::StatusOr<notify::Secret> token = session.config.BotToken();
  if (!token.ok()) return token.status();
  destination.token = *std::move(token);
  return destination;
}

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

absl::StatusOr<OutgoingReport> Compose(const Session& session, Report report, SendAs send_as) {
  report.id = MakeReportId(report.host, session.now);
  OutgoingReport outgoing{.id = report.id,
                          .created_at = session.now,
                          .caption_html = notify::RenderMessage(report, notify::kCaptionLimit),
                          .text_html = notify::RenderMessage(report, notify::kTextLimit)};
  outgoing.as_document = send_as == SendAs::kDocument;
  // A chart of nothing tells nothing.
  if (send_as == SendAs::kText || report.row_count() == 0) return outgoing;
  absl::StatusOr<std::string> png = DrawChart(report);
  if (!png.ok()) return png.status();
  outgoing.chart_png = *std::move(png);
  return outgoing;
}

// Writes the chart to --chart, else to a new file for temporary files, and returns its path.
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

ExitCode ShowInsteadOfSending(Session& session, const OutgoingReport& outgoing) {
  const bool has_chart = !outgoing.chart_png.empty();
  std::string text = absl::StrCat(has_chart ? outgoing.caption_html : outgoing.text_html, "\n");
  if (has_chart) {
    const absl::StatusOr<std::string> path = WriteChart(session, outgoing.chart_png);
    if (!path.ok()) return session.Fail(path.status());
    absl::StrAppend(&text, "\nchart: ", *path, "\n");
  }
  const absl::Status printed = session.console.Print(text);
  return printed.ok() ? kDone : session.Fail(printed);
}

// Builds the report and puts it into the outbox.
absl::Status Queue(const Session& session, const ReportRequest& request, SendAs send_as,
                   const std::vector<notify::Chat>& chats, const notify::Outbox& outbox) {
  absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(session, request);
  if (!built.ok()) return built.status();
  absl::StatusOr<OutgoingReport> outgoing = Compose(session, std::move(built->report), send_as);
  if (!outgoing.ok()) return outgoing.status();
  for (const notify::Chat& chat : chats) outgoing->deliveries.push_back({.chat = chat});
  if (session.flags.chart.has_value() && !outgoing->chart_png.empty()) {
    const absl::StatusOr<std::string> path = WriteChart(session, outgoing->chart_png);
    if (!path.ok()) return path.status();
  }
  if (absl::Status saved = outbox.Save(*outgoing); !saved.ok()) return saved;
  // In this order a crash in between repeats a part of this report in the next one; in the other it
  // would be missing from both.
  return request.since_last ? outbox.SaveLastReported(built->last_run) : absl::OkStatus();
}

ExitCode DeliverOutbox(Session& session, const notify::Outbox& outbox,
                       const Destination& destination) {
  // Plain http is for a server on this machine. The environment's proxy is for other machines, and
  // would be shown the token.
  const bool is_http = absl::StartsWith(destination.api_url, "http://");
  std::optional<std::string> proxy = session.config.Get("PROXY");
  if (is_http && !proxy.has_value()) proxy = "";
  notify::CurlHttpClient http(
      {.user_agent = absl::StrCat("cpuagg/", kVersion), .proxy = proxy, .allow_http = is_http});
  notify::BotApi api(http, destination.api_url, destination.token);
  const absl::StatusOr<notify::DeliverySummary> summary =
      notify::Deliver(outbox, api, {.sleep = absl::SleepFor});
  if (!summary.ok()) return session.Fail(summary.status());
  for (const std::string& problem : summary->problems) session.console.Error(problem);
  if (summary->bot_refused) {
    session.console.Error(
        "the server refuses this bot altogether: check BOT_TOKEN, TELEGRAM_API_URL and, for https, "
        "the certificate; undelivered reports stay in the outbox");
  }
  session.console.Detail(absl::StrCat(summary->sent, " sent, ", summary->postponed, " postponed, ",
                                      summary->failed, " failed"));
  if (summary->bot_refused || summary->failed > 0) return kFailed;
  return summary->postponed > 0 ? kPostponed : kDone;
}

}  // namespace

ExitCode RunSend(Session& session) {
  const absl::StatusOr<ReportRequest> request = MakeReportRequest(session, /*for_message=*/true);
  if (!request.ok()) return session.FailUsage(request.status());
  const absl::StatusOr<SendAs> send_as = ParseSendAs(session);
  if (!send_as.ok()) return session.FailUsage(send_as.status());

  if (session.flags.dry_run) {
    absl::StatusOr<aggregate::StoreReport> built = ReportFromStore(session, *request);
    if (!built.ok()) return session.Fail(built.status());
    const absl::StatusOr<OutgoingReport> outgoing =
        Compose(session, std::move(built->report), *send_as);
    return outgoing.ok() ? ShowInsteadOfSending(session, *outgoing)
                         : session.Fail(outgoing.status());
  }

  // From here on the token is in memory: no core dump, no debugger of another user's.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const absl::StatusOr<Destination> destination = FindDestination(session);
  if (absl::IsInvalidArgument(destination.status())) return session.FailUsage(destination.status());
  if (!destination.ok()) return session.Fail(destination.status());

  const aggregate::SnapshotStore store(session.StoreDirectory());
  if (const absl::Status made = store.MakeDirectories(); !made.ok()) return session.Fail(made);
  const notify::Outbox outbox = OutboxOf(store);
  const absl::StatusOr<aggregate::StoreLock> lock = outbox.Lock(absl::Seconds(5));
  if (!lock.ok()) return session.Fail(lock.status());
  if (!session.flags.pending) {
    const absl::Status queued = Queue(session, *request, *send_as, destination->chats, outbox);
    if (!queued.ok()) return session.Fail(queued);
  }
  return DeliverOutbox(session, outbox, *destination);
}

ExitCode RunCollectAndSend(Session& session) {
  const ExitCode collected = RunCollect(session);
  if (collected != kDone && collected != kDamagedInput) return collected;
  const ExitCode sent = RunSend(session);
  return sent == kDone ? collected : sent;
}

}  // namespace cpuagg::tools
