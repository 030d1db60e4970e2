#include "tools/check/configuration_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "notify/chat.h"
#include "notify/secret.h"
#include "notify/text.h"
#include "tools/check/small_file.h"
#include "tools/config_keys.h"
#include "tools/destination.h"
#include "tools/env_file.h"
#include "tools/report_request.h"
#include "tools/retention.h"

namespace cpuagg::tools::check {
namespace {

constexpr char kOfHost[] = "/etc/cpuagg/cpuagg.env";

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

std::string EditorFor(const Session& session) {
  const std::string& path = session.config.path();
  return absl::StrCat("sudoedit ", ShellWord(path.empty() ? kOfHost : path));
}

// What takes a wrong value of `key` out of the file that it is in, so that the default counts; the
// editor where that is not known.
std::string WithoutKey(const Session& session, absl::string_view key) {
  const std::string& path = session.config.path();
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (path.empty() || !IsConfigKey(key) || !text.ok() || !SetsKey(*text, key)) {
    return EditorFor(session);
  }
  return absl::StrCat(SedOfKey(key, "d", path), "  # the default counts then; or correct it there");
}

// What mends an unknown key: "PATH: unknown key CHAT_IDS; did you mean CHAT_ID?".
std::string Renamed(const Session& session, absl::string_view warning) {
  constexpr absl::string_view kUnknown = ": unknown key ";
  const size_t at = warning.find(kUnknown);
  if (at == absl::string_view::npos) return EditorFor(session);
  const std::string path(warning.substr(0, at));
  const std::vector<absl::string_view> words = absl::StrSplit(
      warning.substr(at + kUnknown.size()), absl::ByAnyChar(" ;?"), absl::SkipEmpty());
  const absl::string_view key = words.front();
  const absl::string_view meant = words.back();
  const bool is_plain = std::all_of(key.begin(), key.end(),
                                    [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  if (!is_plain) return absl::StrCat("edit ", path, ": take out the line of ", key);
  // What is like none of them is another program's.
  constexpr size_t kAlike = 2;
  if (key.substr(0, kAlike) != meant.substr(0, kAlike)) return SedOfKey(key, "d", path);
  // The later line would count, and take the place of the right one.
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (!text.ok() || SetsKey(*text, meant)) {
    return absl::StrCat("edit ", path, ": take out the line of ", key, ", since ", meant,
                        " is set as well");
  }
  return absl::StrCat(SedOfKey(key, absl::StrCat("s/", key, "/", meant, "/"), path),
                      "  # if that is meant");
}

void CheckFile(const Session& session, const Collector& collector, Findings& findings) {
  Finding finding = {.id = "configuration", .subject = "configuration"};
  if (!session.config_problem.ok()) {
    finding =
        FindingOfError("configuration", Level::kCritical, "configuration", session.config_problem);
    absl::StrAppend(&finding.text,
                    "; every other command refuses it, and what follows goes by the defaults");
    if (finding.mends.empty()) finding.mends = {EditorFor(session)};
    findings.Add(std::move(finding));
    return;
  }
  const std::string& path = session.config.path();
  if (path.empty()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat("no file is used, neither ./.env nor ", kOfHost,
                                ": the defaults and the environment count");
    findings.Add(std::move(finding));
    return;
  }
  finding.text = path;
  struct stat info;
  if (stat(path.c_str(), &info) == 0) absl::StrAppend(&finding.text, ", ", OwnerText(info));
  if (path != kOfHost) {
    absl::StrAppend(&finding.text, "; the units, and commands elsewhere, use ", kOfHost);
  }
  findings.Add(std::move(finding));
  if (path != kOfHost || collector.who.user == 0) return;
  Finding readable = {.id = "configuration_readable", .subject = "configuration"};
  const absl::Status status = MayAccess(collector.who, path, R_OK);
  if (status.ok()) {
    readable.text = absl::StrCat(collector.who.name, " may read it");
  } else if (absl::IsPermissionDenied(status)) {
    readable.level = Level::kNote;
    readable.text = std::string(status.message());
  } else {
    readable.level = Level::kCritical;
    readable.text = absl::StrCat(status.message(), ": its runs go by the defaults");
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
  const absl::string_view message = status.message();
  if (finding.mends.empty()) {
    finding.mends = {WithoutKey(session, message.substr(0, message.find(": ")))};
  }
  findings.Add(std::move(finding));
}

void CheckSettings(const Session& session, Findings& findings) {
  if (IsPassedOver(session)) {
    findings.Add({.id = "settings",
                  .level = Level::kNote,
                  .subject = "settings",
                  .text = "not looked at, since the configuration is not used"});
    return;
  }
  bool is_wrong = false;
  AddIfWrong(session, FindSendSettings(session).status(), findings, is_wrong);
  AddIfWrong(session, FindRetention(session).status(), findings, is_wrong);
  AddIfWrong(session, MakeReportRequest(session, /*for_message=*/true).status(), findings,
             is_wrong);
  AddIfWrong(session, Destination::FindServer(session).status(), findings, is_wrong);
  if (is_wrong) return;
  findings.Add({.id = "settings", .subject = "settings", .text = "every value is understood"});
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
  if (!chats.ok()) {
    bool ignored = false;
    AddIfWrong(session, chats.status(), findings, ignored);
    return;
  }
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
                .mends = {absl::StrCat("let ", collector.who.name, " read ", file,
                                       " and enter the folders on the way, or move it and edit ",
                                       key, session.config.InFile())}});
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
    absl::StrAppend(&finding.text, "; as root it could tell whether the units have one");
    finding.mends = {"sudo cpuagg check"};
  } else if (finding.mends.empty()) {
    finding.mends = {"cpuagg setup",
                     "install -m 0600 /dev/stdin /etc/cpuagg/bot_token  # and type the token"};
  }
  findings.Add(std::move(finding));
}

}  // namespace

bool HasChats(const Session& session) {
  return !SplitList(session.config.GetOr("CHAT_ID", "")).empty();
}

void CheckConfiguration(const Session& session, const Collector& collector, Findings& findings) {
  CheckFile(session, collector, findings);
  for (const std::string& warning : session.config_warnings) {
    absl::string_view text = warning;
    const bool is_passed_over = absl::ConsumeSuffix(&text, kPassedOver);
    Finding finding = FindingOfError("configuration_warning", Level::kWarning, "configuration",
                                     absl::FailedPreconditionError(text));
    if (is_passed_over) absl::StrAppend(&finding.text, "; it is passed over");
    if (is_passed_over && finding.mends.empty() && geteuid() != 0) {
      finding.level = Level::kNote;
      absl::StrAppend(&finding.text, "; as root it could tell more");
    } else if (finding.mends.empty()) {
      finding.mends = {absl::StartsWith(warning, "the environment")
                           ? "mend the variable where it is set"
                           : Renamed(session, warning)};
    }
    // Accepted and without use, for who comes from another program.
    if (absl::StartsWith(warning, "API_ID")) {
      finding.level = Level::kNote;
      finding.mends.clear();
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
