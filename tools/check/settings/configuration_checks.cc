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
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/io/directory_files.h"
#include "notify/telegram/chat.h"
#include "notify/telegram/secret.h"
#include "notify/words/text.h"
#include "tools/check/settings/configuration_mends.h"
#include "tools/collect/retention.h"
#include "tools/config/telegram_config.h"
#include "tools/fleet/push_config.h"
#include "tools/fleet/textfile.h"
#include "tools/report/report_request.h"
#include "tools/send/limit_users.h"

namespace cpuagg::tools::check {
namespace {

// The end of Config::Load()'s warning that it does not use a file.
constexpr absl::string_view kPassedOver = "; going on without it";

bool IsPassedOver(const CommandContext& context) {
  return !context.config_problem.ok() ||
         std::any_of(
             context.config_warnings.begin(), context.config_warnings.end(),
             [](const std::string& warning) { return absl::EndsWith(warning, kPassedOver); });
}

// "root:cpuagg 0640".
std::string OwnerText(const struct stat& info) {
  return absl::StrCat(UserText(info.st_uid), ":", GroupText(info.st_gid), " ",
                      absl::StrFormat("%04o", info.st_mode & 07777));
}

void CheckFile(const CommandContext& context, const Collector& collector, Findings& findings) {
  Finding finding = {.id = "configuration", .subject = "configuration"};
  if (!context.config_problem.ok()) {
    finding =
        FindingOfError("configuration", Level::kCritical, "configuration", context.config_problem);
    absl::StrAppend(&finding.text,
                    "; every other command refuses it, and the checks below use the defaults");
    if (finding.mends.empty()) {
      finding.advice = {!context.flags.config.empty() && absl::IsNotFound(context.config_problem)
                            ? "name another file with --config, or make this one"
                            : "correct it there"};
    }
    findings.Add(std::move(finding));
    return;
  }
  const std::string& path = context.config.path();
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

// Adds a finding for an invalid setting.
void AddIfWrong(const CommandContext& context, const absl::Status& status, Findings& findings,
                bool& is_wrong) {
  if (status.ok()) return;
  is_wrong = true;
  Finding finding =
      FindingOfError("settings", Level::kCritical, "settings", context.config.WithOrigin(status));
  if (finding.mends.empty()) AddMendOfValue(context, status, finding);
  findings.Add(std::move(finding));
}

// The key of the value that `status` finds wrong.
std::string WrongKey(const absl::Status& status) {
  const absl::string_view message = status.message();
  return std::string(message.substr(0, message.find(": ")));
}

// Every value that `question` finds wrong. It stops at the first one, so it is asked again as if
// those that are known were not set.
template <typename Question>
void AddAllWrong(const CommandContext& context, Question question, Findings& findings,
                 bool& is_wrong) {
  CommandContext rest = context;
  absl::Status status = question(rest).status();
  while (!status.ok()) {
    AddIfWrong(context, status, findings, is_wrong);
    const std::string key = WrongKey(status);
    if (!rest.config.Get(key).has_value()) return;
    rest.config.Forget(key);
    status = question(rest).status();
  }
}

// A path that every run would take from the folder that it is started in.
void CheckPaths(const CommandContext& context, Findings& findings, bool& is_wrong) {
  if (context.config.path().empty()) return;
  for (const char* key : {"STORE", "ACCOUNTING_FILE", "PROC", "CA_FILE", "BOT_TOKEN_FILE",
                          "PUSH_PASSWORD_FILE", "PUSH_TOKEN_FILE", "TEXTFILE"}) {
    const std::string path = context.config.InFileAlone(key).value_or("");
    if (path.empty() || absl::StartsWith(path, "/")) continue;
    is_wrong = true;
    findings.Add({.id = "settings",
                  .level = Level::kWarning,
                  .subject = "settings",
                  .text = absl::StrCat(key, context.config.InFile(), ": '", path,
                                       "' is a relative path: each run looks for it in the folder "
                                       "that it is started in"),
                  .advice = {absl::StrCat("write the whole path, from / on, for ", key,
                                          context.config.InFile())}});
  }
}

// Several users without a comma between them are taken for one. Nobody has such a name, so nobody
// is left out.
void CheckIgnoredUsers(const CommandContext& context, Findings& findings, bool& is_wrong) {
  for (const std::string& name : SplitList(context.config.GetOr("IGNORED_USERS", ""))) {
    if (name.find_first_of(" \t;:") == std::string::npos) continue;
    is_wrong = true;
    findings.Add({.id = "settings",
                  .level = Level::kWarning,
                  .subject = "settings",
                  .text = absl::StrCat("IGNORED_USERS", context.config.InFile(), ": '", name,
                                       "' is taken for the name of one user"),
                  .advice = {absl::StrCat("separate the names by commas in IGNORED_USERS",
                                          context.config.InFile())}});
  }
}

// The name of a user who does not exist has no effect.
void CheckNamedUsers(const CommandContext& context, Findings& findings, bool& is_wrong) {
  const absl::StatusOr<DeliveryConfig> settings = FindDeliveryConfig(context);
  if (!settings.ok()) return;  // that is a finding of its own
  // A year of a large store would take too long.
  const absl::Time month_ago = context.now - absl::Hours(24 * 31);
  std::vector<std::string> unknown =
      UnknownLimitUsers(context, settings->alert_limits, {month_ago, absl::InfiniteFuture()});
  for (std::string& user : UnknownIgnoredUsers(context, {month_ago, absl::InfiniteFuture()})) {
    unknown.push_back(std::move(user));
  }
  for (const std::string& text : unknown) {
    is_wrong = true;
    findings.Add({.id = "settings",
                  .level = Level::kWarning,
                  .subject = "settings",
                  .text = text,
                  .advice = {absl::StrCat("correct the name in ", text.substr(0, text.find(':')),
                                          context.config.InFile())}});
  }
}

// The meaning of a number without a unit: "; KEEP=30 is 30 days".
std::string DaysText(const CommandContext& context) {
  std::string text;
  for (const char* key : {"KEEP", "KEEP_HOURS"}) {
    int days = 0;
    const std::string value = context.config.GetOr(key, "");
    if (absl::SimpleAtoi(value, &days)) {
      absl::StrAppend(&text, "; ", key, "=", value, " is ",
                      notify::Pluralize(static_cast<uint64_t>(days), "day"));
    }
  }
  return text;
}

void CheckSettings(const CommandContext& context, Findings& findings) {
  if (IsPassedOver(context)) {
    findings.Add({.id = "settings",
                  .level = Level::kNote,
                  .subject = "settings",
                  .text = "not checked, since the configuration is not used"});
    return;
  }
  bool is_wrong = false;
  AddAllWrong(context, FindDeliveryConfig, findings, is_wrong);
  AddAllWrong(context, FindRetention, findings, is_wrong);
  const auto make_request = [](const CommandContext& asked) {
    return MakeReportRequest(asked, /*for_message=*/true);
  };
  AddAllWrong(context, make_request, findings, is_wrong);
  AddAllWrong(context, TelegramConfig::FindServer, findings, is_wrong);
  AddAllWrong(context, FindTextfile, findings, is_wrong);
  AddAllWrong(context, FindReceiver, findings, is_wrong);
  if (HasChats(context)) {
    AddIfWrong(context, notify::ParseChats(context.config.GetOr("CHAT_ID", "")).status(), findings,
               is_wrong);
  }
  CheckPaths(context, findings, is_wrong);
  CheckIgnoredUsers(context, findings, is_wrong);
  CheckNamedUsers(context, findings, is_wrong);
  if (is_wrong) return;
  findings.Add({.id = "settings",
                .subject = "settings",
                .text = absl::StrCat("every value is understood", DaysText(context))});
}

void CheckChats(const CommandContext& context, Findings& findings) {
  Finding finding = {.id = "chats", .subject = "chats"};
  if (!HasChats(context)) {
    finding.level = Level::kNote;
    finding.text = IsPassedOver(context)
                       ? "not known, since the configuration is not used"
                       : "no chat is configured: reports are read here; `cpuagg setup` adds one";
    findings.Add(std::move(finding));
    return;
  }
  const absl::StatusOr<std::vector<notify::Chat>> chats =
      notify::ParseChats(context.config.GetOr("CHAT_ID", ""));
  // If settings were checked, this error was found there.
  if (!chats.ok() && !IsPassedOver(context)) return;
  bool is_wrong = false;
  AddIfWrong(context, chats.status(), findings, is_wrong);
  if (is_wrong) return;
  finding.text = absl::StrCat(notify::Pluralize(chats->size(), "chat"), ":");
  for (const notify::Chat& chat : *chats) absl::StrAppend(&finding.text, " ", chat.text());
  findings.Add(std::move(finding));
}

// Whether the user who runs the reports may read a file that a setting names. The current user may
// be root, who always may.
void CheckNamedFile(const CommandContext& context, const Collector& collector,
                    const std::string& key, const std::string& id, Findings& findings) {
  const std::string file = context.config.GetOr(key, "");
  // This shell's value is not the unit's.
  const bool is_of_shell = std::getenv(key.c_str()) != nullptr ||
                           std::getenv(absl::StrCat("CPUAGG_", key).c_str()) != nullptr;
  if (file.empty() || is_of_shell || collector.source == kWhoAsks || !HasChats(context)) return;
  const absl::Status status = MayAccess(collector.who, file, R_OK);
  if (!absl::IsFailedPrecondition(status)) return;
  findings.Add({.id = id,
                .level = collector.source == kCollectUnit ? Level::kCritical : Level::kWarning,
                .subject = key,
                .text = absl::StrCat(status.message(), " (", collector.source,
                                     "): reports cannot be sent by ", collector.who.name),
                .advice = {absl::StrCat("let ", collector.who.name, " read ", file,
                                        " and enter the folders on the way, or move it and edit ",
                                        key, context.config.InFile())}});
}

void AddMendOfToken(const CommandContext& context, bool is_missing, Finding& finding) {
  const std::string& path = context.config.path();
  const std::string origin = context.config.TokenOrigin();
  if (!is_missing) {
    // This file has priority over all other places.
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

void CheckToken(const CommandContext& context, Findings& findings) {
  Finding finding = {.id = "token", .subject = "bot token"};
  const absl::StatusOr<notify::Secret> token = context.config.BotToken();
  if (token.ok()) {
    finding.text = absl::StrCat("well-formed, from ", context.config.TokenOrigin());
    if (const std::string why = WhyTokenLooksCutOff(*token); !why.empty()) {
      finding.level = Level::kWarning;
      finding.text = absl::StrCat("looks cut off, from ", context.config.TokenOrigin(), ": ", why);
      finding.advice = {"copy the whole token from @BotFather"};
    }
    findings.Add(std::move(finding));
    return;
  }
  finding = FindingOfError("token", Level::kCritical, "bot token", token.status());
  const bool is_missing = absl::StrContains(token.status().message(), "there is no bot token");
  if (!HasChats(context)) {
    finding.level = Level::kNote;
    if (is_missing) {
      finding.text = IsPassedOver(context) ? "not known, since the configuration is not used"
                                           : "there is none, and no chat to send to";
    }
    findings.Add(std::move(finding));
    return;
  }
  // In the unit, systemd reads the file as root and passes it on.
  if (geteuid() != 0 && (is_missing || absl::IsFailedPrecondition(token.status())) &&
      finding.mends.empty()) {
    finding.level = Level::kUnknown;
    absl::StrAppend(&finding.text, "; run it as root to find out whether the units have one");
    finding.mends = {"sudo cpuagg check"};
  } else if (finding.mends.empty()) {
    AddMendOfToken(context, is_missing, finding);
  }
  findings.Add(std::move(finding));
}

// Finds files that a kill left unfinished. Setup writes the token in these folders.
void CheckLeftovers(const CommandContext& context, Findings& findings) {
  std::set<std::string> folders = {
      std::filesystem::path(kConfigurationOfHost).parent_path().string()};
  if (!context.config.path().empty()) {
    const std::string folder = std::filesystem::path(context.config.path()).parent_path().string();
    if (!folder.empty()) folders.insert(folder);
  }
  for (const std::string& folder : folders) {
    for (const std::string& name : acct::NamesIn(folder).value_or(std::vector<std::string>())) {
      if (!absl::StartsWith(name, acct::kUnfinishedPrefix)) continue;
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

bool HasChats(const CommandContext& context) {
  return !SplitList(context.config.GetOr("CHAT_ID", "")).empty();
}

void CheckConfiguration(const CommandContext& context, const Collector& collector,
                        Findings& findings) {
  CheckFile(context, collector, findings);
  CheckLeftovers(context, findings);
  for (const std::string& warning : context.config_warnings) {
    absl::string_view text = warning;
    const bool is_passed_over = absl::ConsumeSuffix(&text, kPassedOver);
    Finding finding = FindingOfError("configuration_warning", Level::kWarning, "configuration",
                                     absl::FailedPreconditionError(text));
    if (is_passed_over) absl::StrAppend(&finding.text, "; it is ignored");
    if (is_passed_over && finding.mends.empty() && geteuid() != 0) {
      finding.level = Level::kNote;
      absl::StrAppend(&finding.text, "; run it as root to find out more");
    } else if (absl::StartsWith(warning, "API_ID")) {
      // Accepted but ignored, for users who come from another program.
      finding.level = Level::kNote;
    } else if (is_passed_over && finding.mends.empty()) {
      finding.advice = {"correct that, if the file should be used"};
    } else if (finding.mends.empty()) {
      AddMendOfWarning(text, finding);
    }
    findings.Add(std::move(finding));
  }
  CheckSettings(context, findings);
  CheckChats(context, findings);
  CheckToken(context, findings);
  // BOT_TOKEN has priority over it.
  if (!absl::StartsWith(context.config.TokenOrigin(), "BOT_TOKEN in ")) {
    CheckNamedFile(context, collector, "BOT_TOKEN_FILE", "token", findings);
  }
  CheckNamedFile(context, collector, "CA_FILE", "settings", findings);
}

}  // namespace cpuagg::tools::check
