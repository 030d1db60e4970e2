#include "tools/check/settings/delivery_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/directory_files.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/chart/canvas.h"
#include "notify/http/curl_http_client.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/telegram/bot_api.h"
#include "notify/telegram/chat.h"
#include "notify/words/text.h"
#include "tools/check/findings/age_text.h"
#include "tools/check/settings/configuration_mends.h"
#include "tools/config/telegram_config.h"
#include "tools/report/report_request.h"
#include "tools/send/bot_lookup.h"

namespace cpuagg::tools::check {
namespace {

using notify::LookupResult;
using notify::Outcome;
using notify::Pluralize;

// Adds the command that installs `package`, which an error of LoadLibrary() names.
void AddMendOfMissing(absl::string_view package, Finding& finding) {
  if (access("/usr/bin/apt-get", X_OK) == 0) {
    finding.mends = {absl::StrCat("apt-get install ", package)};
  } else {
    finding.advice = {"install the package that it names"};
  }
}

void AddUnreachable(absl::string_view id, std::string subject, const LookupResult& result,
                    std::string remedy, Findings& findings) {
  const bool is_asked_to_wait = Patience::IsAskedToWait(result);
  findings.Add({.id = std::string(id),
                .level = is_asked_to_wait ? Level::kUnknown : Level::kCritical,
                .subject = std::move(subject),
                .text = result.detail,
                .advice = {is_asked_to_wait ? "try again later" : std::move(remedy)}});
}

// Replaces the old id by the new one, but not inside another id.
template <typename Id>
void AddMendOfMigrated(const CommandContext& context, const notify::Chat& chat, const Id& new_id,
                       Finding& finding) {
  const bool is_of_shell =
      std::getenv("CHAT_ID") != nullptr || std::getenv("CPUAGG_CHAT_ID") != nullptr;
  if (context.config.path().empty() || is_of_shell) {
    finding.advice = {absl::StrCat("write ", new_id, " into CHAT_ID in place of ", chat.id)};
    return;
  }
  finding.mends = {SedOfKey(
      "CHAT_ID",
      absl::StrCat("s/([^-0-9A-Za-z_@])", chat.id, "([^0-9A-Za-z_]|$)/\\1", new_id, "\\2/"),
      context.config.path())};
}

// Chats that have refused their last report. No later one repeats what they refused.
void AddRefusals(const notify::OutboxState& memory, absl::string_view chats, absl::TimeZone zone,
                 Findings& findings) {
  const absl::StatusOr<std::vector<notify::Chat>> configured = notify::ParseChats(chats);
  if (!configured.ok()) return;  // that is a finding of its own
  for (const notify::Refusal& refusal : memory.refusals) {
    const auto is_it = [&](const notify::Chat& chat) {
      return memory.ChatNow(chat.id) == refusal.chat_id;
    };
    if (std::none_of(configured->begin(), configured->end(), is_it)) continue;
    findings.Add(
        {.id = "outbox_refused",
         .level = Level::kWarning,
         .subject = absl::StrCat("chat ", refusal.chat_id),
         .text = absl::StrCat("has refused a report, which is not sent again, on ",
                              absl::FormatTime("%Y-%m-%d %H:%M %Z", refusal.at, zone), ": ",
                              refusal.reason, "; this line stays until it takes a report"),
         .advice = {
             "let the bot write there: cpuagg send --test says what is in the way. If it takes "
             "that, it refuses the kind or the size of the report: try SEND_AS=document or "
             "SEND_AS=text, or fewer users (--top). Then cpuagg send sends a report"}});
  }
}

}  // namespace

void CheckOutbox(const std::string& store, const std::string& deliver, absl::string_view chats,
                 absl::Time now, absl::TimeZone zone, Findings& findings) {
  struct stat info;
  // The store's own findings report a problem with the store.
  if (stat(store.c_str(), &info) == 0 ? !S_ISDIR(info.st_mode) : errno == ELOOP) return;
  if (!aggregate::SnapshotStore(store).CheckIsNotOfSeveral().ok()) return;
  Finding finding = {.id = "outbox", .subject = "outbox"};
  const std::string directory = store + "/outbox";
  const notify::Outbox outbox = OutboxOf(aggregate::SnapshotStore(store));
  const absl::StatusOr<notify::OutboxListing> listing = outbox.List();
  if (lstat(directory.c_str(), &info) != 0 && errno == ENOENT) {
    finding.text = "nothing has been sent yet, and nothing is queued";
    findings.Add(std::move(finding));
    return;
  }
  if (!listing.ok()) {
    finding = FindingOfError("outbox", geteuid() == 0 ? Level::kCritical : Level::kUnknown,
                             "outbox", listing.status());
    if (finding.mends.empty()) {
      finding.mends = {geteuid() == 0 ? "ls -la " + ShellWord(directory) : "sudo cpuagg check"};
    }
    findings.Add(std::move(finding));
    return;
  }
  absl::Time oldest = now;
  std::string last_problem;
  for (const notify::QueuedReport& report : listing->reports) {
    oldest = std::min(oldest, report.created_at);
    for (const notify::ChatQueue& delivery : report.deliveries) {
      for (const notify::QueuedMessage& part : delivery.parts) {
        if (!part.detail.empty()) last_problem = part.detail;
      }
    }
  }
  const absl::Duration age = now - oldest;
  finding.numbers = {{"outbox_reports", static_cast<int64_t>(listing->reports.size()), ""},
                     {"outbox_oldest_age", absl::ToInt64Seconds(age), "s"}};
  if (listing->reports.empty()) {
    finding.text = "nothing is queued";
  } else {
    finding.text =
        absl::StrCat(Pluralize(listing->reports.size(), "report"), " waiting, the oldest for ",
                     AgeText(age), last_problem.empty() ? "" : "; last failure: ", last_problem);
    constexpr absl::Duration kRetried = absl::Hours(2);
    constexpr absl::Duration kLate = absl::Hours(12);
    if (age > kRetried) {
      finding.level = age > kLate ? Level::kCritical : Level::kWarning;
      finding.mends = {deliver, "cpuagg check --online  # says what is in the way"};
    }
  }
  findings.Add(std::move(finding));
  const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(directory);
  std::vector<std::string> problems = listing->damaged;
  problems.insert(problems.end(), listing->unreadable.begin(), listing->unreadable.end());
  for (const std::string& problem : problems) {
    findings.Add({.id = "outbox_damage",
                  .level = Level::kWarning,
                  .subject = "outbox",
                  .text = problem,
                  .mends = {absl::StrCat(deliver, "  # sets aside what is damaged")}});
  }
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    if (!absl::EndsWith(name, ".damaged")) continue;
    findings.Add({.id = "outbox_damage",
                  .level = Level::kWarning,
                  .subject = "outbox",
                  .text = absl::StrCat(directory, "/", name, ": was damaged, and is set aside"),
                  .mends = {absl::StrCat("rm ", ShellWord(absl::StrCat(directory, "/", name)),
                                         "  # what it held is lost")}});
  }
  const absl::StatusOr<notify::OutboxState> memory = outbox.LoadState();
  if (memory.ok()) {
    AddRefusals(*memory, chats, zone, findings);
  } else {
    findings.Add({.id = "outbox_damage",
                  .level = Level::kWarning,
                  .subject = "outbox",
                  .text = std::string(memory.status().message()),
                  .mends = {absl::StrCat("mv ", ShellWord(directory + "/memory"), " ",
                                         ShellWord(directory + "/memory.damaged"),
                                         "  # see docs/delivery.md for what is lost")}});
  }
}

void CheckLibraries(bool sends, Findings& findings) {
  Finding curl = {.id = "library_curl", .subject = "libcurl", .text = "can be loaded"};
  if (const absl::Status status = notify::CurlHttpClient::Load(); !status.ok()) {
    curl.level = sends ? Level::kCritical : Level::kNote;
    curl.text = std::string(status.message());
    if (sends) AddMendOfMissing("libcurl4", curl);
  }
  findings.Add(std::move(curl));
  Finding fonts = {.id = "fonts", .subject = "charts", .text = "cairo, pango and a font are there"};
  const absl::StatusOr<notify::Canvas> canvas =
      notify::Canvas::Create(16, 16, notify::Color{0xffffff});
  if (!canvas.ok()) {
    fonts.level = sends ? Level::kWarning : Level::kNote;
    fonts.text = absl::StrCat(canvas.status().message(), "; reports go without a chart");
    if (sends) {
      AddMendOfMissing(
          "libcairo2 libpango-1.0-0 libpangocairo-1.0-0 libfontconfig1 fonts-dejavu-core", fonts);
    }
  }
  findings.Add(std::move(fonts));
}

Finding OnlineIsSkipped() {
  return {.id = "bot",
          .level = Level::kNote,
          .subject = "bot and chats",
          .text = "not asked for; `cpuagg check --online` asks the server"};
}

void CheckOnline(const CommandContext& context, absl::Duration budget, Findings& findings) {
  const absl::StatusOr<TelegramConfig> destination = TelegramConfig::Find(context);
  if (!destination.ok()) {
    // The findings about the configuration report what is wrong with it.
    findings.Add(
        {.id = "bot",
         .level = Level::kNote,
         .subject = "bot and chats",
         .text = "not asked, since the token, the chats or the server are not configured"});
    return;
  }
  if (const absl::Status status = notify::CurlHttpClient::Load(); !status.ok()) {
    Finding curl = {.id = "bot",
                    .level = Level::kUnknown,
                    .subject = "bot and chats",
                    .text = std::string(status.message())};
    AddMendOfMissing("libcurl4", curl);
    findings.Add(std::move(curl));
    return;
  }
  notify::CurlHttpClient http = destination->MakeHttpClient();
  notify::BotApi api = destination->MakeApi(http);
  Patience timeout(api, budget);
  const LookupResult bot = timeout.Ask([&] { return api.GetMe(); });
  if (bot.outcome != Outcome::kDone) {
    AddUnreachable(
        "bot", "bot", bot,
        bot.outcome == Outcome::kBotRefused
            ? absl::StrCat("compare the token, which is from ", destination->token_origin(),
                           ", with the one from @BotFather, and check whether ",
                           destination->api_url(), " is the right server")
            : "check the network, PROXY and TELEGRAM_API_URL, or try again later",
        findings);
    return;
  }
  findings.Add({.id = "bot",
                .subject = "bot",
                .text = absl::StrCat(bot.name, " at ", destination->api_url())});
  for (const notify::Chat& chat : destination->chats()) {
    const LookupResult found = timeout.Ask([&] { return api.GetChat(chat); });
    std::string subject = absl::StrCat("chat ", chat.text());
    if (found.outcome == Outcome::kDone) {
      findings.Add({.id = "chat",
                    .subject = std::move(subject),
                    .text = absl::StrCat(found.kind, " ", found.name)});
    } else if (found.outcome == Outcome::kChatMigrated) {
      Finding migrated = {
          .id = "chat",
          .level = Level::kWarning,
          .subject = std::move(subject),
          .text = absl::StrCat("has become ", found.new_chat_id, ", where reports go now")};
      AddMendOfMigrated(context, chat, found.new_chat_id, migrated);
      findings.Add(std::move(migrated));
    } else {
      AddUnreachable("chat", std::move(subject), found,
                     std::string(RemedyForLookup(found.outcome, chat)), findings);
    }
  }
}

}  // namespace cpuagg::tools::check
