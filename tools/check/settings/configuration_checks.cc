#include "tools/check/settings/configuration_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "acct/io/atomic_file.h"
#include "acct/io/directory_files.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"
#include "notify/words/text.h"
#include "tools/check/settings/configuration_mends.h"
#include "tools/collect/retention.h"
#include "tools/config/destination.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools::check {
namespace {

// What Config::Load() says behind why it does not use a file.
constexpr absl::string_view kPassedOver = "; going on without it";

bool IsPassedOver(const Session& session) {
  return !session.config_problem.ok() ||
         std::any_of(
             session.config_warnings.begin(), session.config_warnings.end(),
             [](const std::string& warning) { return absl::EndsWith(warning, kPassedOver); });
}

// "root:cpuagg 0640".
std::string OwnerText(const struct stat& info) {
  return absl::StrCat(UserText(info.st_uid), ":", GroupText(info.st_gid), " ",
                      absl::StrFormat("%04o", info.st_mode & 07777));
}

void CheckFile(const Session& session, const Collector& collector, Findings& findings) {
  Finding finding = {.id = "configuration", .subject = "configuration"};
  if (!session.config_problem.ok()) {
    finding =
        FindingOfError("configuration", Level::kCritical, "configuration", session.config_problem);
    absl::StrAppend(&finding.text,
                    "; every other command refuses it, and the checks below use the defaults");
    if (finding.mends.empty()) finding.advice = {"correct it there"};
    findings.Add(std::move(finding));
    return;
  }
  const std::string& path = session.config.path();
  if (path.empty()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat("no file is used, neither ./.env nor ", kConfigurationOfHost,
                                ": the defaults and the environment are used");
    findings.Add(std::move(finding));
    return;
  }
  finding.text = path;
  struct stat info;
  if (stat(path.c_str(), &info) == 0) absl::StrAppend(&finding.text, ", ", OwnerText(info));
  if (path != kConfigurationOfHost) {
    absl::StrAppend(&finding.text, "; the units, and commands elsewhere, use ",
                    kConfigurationOfHost);
  }
  findings.Add(std::move(finding));
  if (path != kConfigurationOfHost || collector.who.user == 0) return;
  Finding readable = {.id = "configuration_readable", .subject = "configuration"};
  const absl::Status status = MayAccess(collector.who, path, R_OK);
  if (status.ok()) {
    readable.text = absl::StrCat(collector.who.name, " may read ", path);
  } else if (absl::IsPermissionDenied(status)) {
    readable.level = Level::kNote;
    readable.text = std::string(status.message());
  } else {
    readable.level = Level::kCritical;
    readable.text = absl::StrCat(status.message(), ": its runs use the defaults");
    const std::string group = GroupText(collector.who.groups[0]);
    readable.mends = {absl::StrCat("chown root:", group, " ", path, " && chmod 0640 ", path)};
  }
  findings.Add(std::move(readable));
}

// A setting that is wrong.
void AddIfWrong(const Session& session, const absl::Status& status, Findings& findings,
                bool& is_wrong) {
  if (status.ok()) return;
  is_wrong = true;
  Finding finding =
      FindingOfError("settings", Level::kCritical, "settings", session.config.WithOrigin(status));
  if (finding.mends.empty()) AddMendOfValue(session, status, finding);
  findings.Add(std::move(finding));
}

// What a number without a unit means: "; KEEP=30 is 30 days".
std::string DaysText(const Session& session) {
  std::string text;
  for (const char* key : {"KEEP", "KEEP_HOURS"}) {
    int days = 0;
    const std::string value = session.config.GetOr(key, "");
    if (absl::SimpleAtoi(value, &days)) {
      absl::StrAppend(&text, "; ", key, "=", value, " is ",
                      notify::Counted(static_cast<uint64_t>(days), "day"));
    }
  }
  return text;
}

void CheckSettings(const Session& session, Findings& findings) {
  if (IsPassedOver(session)) {
    findings.Add({.id = "settings",
                  .level = Level::kNote,
                  .subject = "settings",
                  .text = "not checked, since the configuration is not used"});
    return;
  }
  bool is_wrong = false;
  AddIfWrong(session, FindSendSettings(session).status(), findings, is_wrong);
  AddIfWrong(session, FindRetention(session).status(), findings, is_wrong);
  AddIfWrong(session, MakeReportRequest(session, /*for_message=*/true).status(), findings,
             is_wrong);
  AddIfWrong(session, Destination::FindServer(session).status(), findings, is_wrong);
  if (HasChats(session)) {
    AddIfWrong(session, notify::ParseChats(session.config.GetOr("CHAT_ID", "")).status(), findings,
               is_wrong);
  }
  if (is_wrong) return;
  findings.Add({.id = "settings",
                .subject = "settings",
                .text = absl::StrCat("every value is understood", DaysText(session))});
}

void CheckChats(const Session& session, Findings& findings) {
  Finding finding = {.id = "chats", .subject = "chats"};
  if (!HasChats(session)) {
    finding.level = Level::kNote;
    finding.text = IsPassedOver(session)
                       ? "not known, since the configuration is not used"
                       : "no chat is configured: reports are read here; `cpuagg setup` adds one";
    findings.Add(std::move(finding));
    return;
  }
  const absl::StatusOr<std::vector<notify::Chat>> chats =
      notify::ParseChats(session.config.GetOr("CHAT_ID", ""));
  // That is a setting as any other, where settings were looked at.
  if (!chats.ok() && !IsPassedOver(session)) return;
  bool is_wrong = false;
  AddIfWrong(session, chats.status(), findings, is_wrong);
  if (is_wrong) return;
  finding.text = absl::StrCat(notify::Counted(chats->size(), "chat"), ":");
  for (const notify::Chat& chat : *chats) absl::StrAppend(&finding.text, " ", chat.text());
  findings.Add(std::move(finding));
}

// Whether who runs the reports may read a file that a setting names: root, who asks, always may.
void CheckNamedFile(const Session& session, const Collector& collector, const std::string& key,
                    const std::string& id, Findings& findings) {
  const std::string file = session.config.GetOr(key, "");
  // That of this shell is not the unit's.
  const bool is_of_shell = std::getenv(key.c_str()) != nullptr ||
                           std::getenv(absl::StrCat("CPUAGG_", key).c_str()) != nullptr;
  if (file.empty() || is_of_shell || collector.source == kWhoAsks || !HasChats(session)) return;
  const absl::Status status = MayAccess(collector.who, file, R_OK);
  if (!absl::IsFailedPrecondition(status)) return;
  findings.Add({.id = id,
                .level = collector.source == kCollectUnit ? Level::kCritical : Level::kWarning,
                .subject = key,
                .text = absl::StrCat(status.message(), " (", collector.source,
                                     "): reports cannot be sent by ", collector.who.name),
                .advice = {absl::StrCat("let ", collector.who.name, " read ", file,
                                        " and enter the folders on the way, or move it and edit ",
                                        key, session.config.InFile())}});
}

void AddMendOfToken(const Session& session, bool is_missing, Finding& finding) {
  const std::string& path = session.config.path();
  const std::string origin = session.config.TokenOrigin();
  if (!is_missing) {
    // What stands there is looked at before any other place.
    finding.advice = {origin.empty()
                          ? "correct BOT_TOKEN_FILE, or the file that it names"
                          : absl::StrCat("write the token from @BotFather into ", origin)};
  } else if (path.empty() || path == kConfigurationOfHost) {
    finding.mends = {"cpuagg setup",
                     "install -m 0600 /dev/stdin /etc/cpuagg/bot_token  # and type the token"};
  } else {
    finding.advice = {absl::StrCat("set BOT_TOKEN, or BOT_TOKEN_FILE, in ", path)};
  }
}

void CheckToken(const Session& session, Findings& findings) {
  Finding finding = {.id = "token", .subject = "bot token"};
  const absl::StatusOr<notify::Secret> token = session.config.BotToken();
  if (token.ok()) {
    finding.text = absl::StrCat("well-formed, from ", session.config.TokenOrigin());
    findings.Add(std::move(finding));
    return;
  }
  finding = FindingOfError("token", Level::kCritical, "bot token", token.status());
  const bool is_missing = absl::StrContains(token.status().message(), "there is no bot token");
  if (!HasChats(session)) {
    finding.level = Level::kNote;
    if (is_missing) {
      finding.text = IsPassedOver(session) ? "not known, since the configuration is not used"
                                           : "there is none, and no chat to send to";
    }
    findings.Add(std::move(finding));
    return;
  }
  // In the unit, root's systemd hands it over.
  if (geteuid() != 0 && (is_missing || absl::IsFailedPrecondition(token.status())) &&
      finding.mends.empty()) {
    finding.level = Level::kUnknown;
    absl::StrAppend(&finding.text, "; run it as root to find out whether the units have one");
    finding.mends = {"sudo cpuagg check"};
  } else if (finding.mends.empty()) {
    AddMendOfToken(session, is_missing, finding);
  }
  findings.Add(std::move(finding));
}

// What a kill has left of a file that was being written. Setup writes the token there.
void CheckLeftovers(const Session& session, Findings& findings) {
  std::set<std::string> folders = {
      std::filesystem::path(kConfigurationOfHost).parent_path().string()};
  if (!session.config.path().empty()) {
    const std::string folder = std::filesystem::path(session.config.path()).parent_path().string();
    if (!folder.empty()) folders.insert(folder);
  }
  for (const std::string& folder : folders) {
    for (const std::string& name :
         aggregate::NamesIn(folder).value_or(std::vector<std::string>())) {
      if (!absl::StartsWith(name, aggregate::kUnfinishedPrefix)) continue;
      const std::string path = absl::StrCat(folder, "/", name);
      findings.Add({.id = "configuration_leftover",
                    .level = Level::kWarning,
                    .subject = "configuration",
                    .text = absl::StrCat(path,
                                         ": was left unfinished by a program that was "
                                         "killed, and may hold the bot's token"),
                    .mends = {absl::StrCat("rm ", ShellWord(path))}});
    }
  }
}

}  // namespace

bool HasChats(const Session& session) {
  return !SplitList(session.config.GetOr("CHAT_ID", "")).empty();
}

void CheckConfiguration(const Session& session, const Collector& collector, Findings& findings) {
  CheckFile(session, collector, findings);
  CheckLeftovers(session, findings);
  for (const std::string& warning : session.config_warnings) {
    absl::string_view text = warning;
    const bool is_passed_over = absl::ConsumeSuffix(&text, kPassedOver);
    Finding finding = FindingOfError("configuration_warning", Level::kWarning, "configuration",
                                     absl::FailedPreconditionError(text));
    if (is_passed_over) absl::StrAppend(&finding.text, "; it is ignored");
    if (is_passed_over && finding.mends.empty() && geteuid() != 0) {
      finding.level = Level::kNote;
      absl::StrAppend(&finding.text, "; run it as root to find out more");
    } else if (absl::StartsWith(warning, "API_ID")) {
      // Accepted and without use, for who comes from another program.
      finding.level = Level::kNote;
    } else if (is_passed_over && finding.mends.empty()) {
      finding.advice = {"correct that, if the file should be used"};
    } else if (finding.mends.empty()) {
      AddMendOfWarning(text, finding);
    }
    findings.Add(std::move(finding));
  }
  CheckSettings(session, findings);
  CheckChats(session, findings);
  CheckToken(session, findings);
  // BOT_TOKEN goes before it.
  if (!absl::StartsWith(session.config.TokenOrigin(), "BOT_TOKEN in ")) {
    CheckNamedFile(session, collector, "BOT_TOKEN_FILE", "token", findings);
  }
  CheckNamedFile(session, collector, "CA_FILE", "settings", findings);
}

}  // namespace cpuagg::tools::check
