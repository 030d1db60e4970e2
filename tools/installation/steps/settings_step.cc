#include "tools/installation/steps/settings_step.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "notify/http/proxy_url.h"
#include "tools/config/settings_file.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/settings_edit.h"
#include "tools/system/identity.h"
#include "tools/system/root_file.h"

namespace cpuagg::tools {
namespace {

// Keys whose values are paths, which mean something else in the services' directory.
bool IsPath(const std::string& key) {
  constexpr std::array<const char*, 4> kPaths = {"ACCOUNTING_FILE", "CA_FILE", "PROC", "STORE"};
  return std::find(kPaths.begin(), kPaths.end(), key) != kPaths.end();
}

std::string FromRoot(const std::string& key, const std::string& value) {
  if (value.empty()) return value;
  if (IsPath(key)) return std::filesystem::absolute(value).lexically_normal().string();
  if (key != "ROTATED_DIR") return value;
  return absl::StrJoin(SplitList(value), ",", [](std::string* text, const std::string& path) {
    text->append(std::filesystem::absolute(path).lexically_normal().string());
  });
}

// The content of the file; empty if it does not exist.
absl::StatusOr<std::string> TextOf(const std::string& path) {
  absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
  if (absl::IsNotFound(file.status())) return std::string();
  if (!file.ok()) return file.status();
  return std::move(file->text);
}

// Appends a replaced token to the earlier ones, and reports that.
absl::Status KeepOldToken(SetupContext& context, absl::string_view token, absl::string_view place) {
  const std::string path = absl::StrCat(kHostToken, ".old");
  absl::StatusOr<std::string> old = TextOf(path);
  if (!old.ok()) return old.status();
  const std::vector<absl::string_view> kept = absl::StrSplit(*old, '\n');
  if (std::find(kept.begin(), kept.end(), token) == kept.end()) {
    absl::StrAppend(&*old, old->empty() || absl::EndsWith(*old, "\n") ? "" : "\n", token, "\n");
  }
  if (absl::Status status = WriteRootFile(path, *old, {.mode = 0600}); !status.ok()) return status;
  context.dialogue.Note(absl::StrCat("another token was in ", place,
                                     "; it is no longer used, and is kept in ", path));
  return absl::OkStatus();
}

// Writes the token if it is new, and keeps the previous one.
absl::Status WriteToken(SetupContext& context, const notify::Secret& token) {
  const absl::StatusOr<std::string> before = TextOf(kHostToken);
  if (!before.ok()) return before.status();
  const std::string there(absl::StripAsciiWhitespace(*before));
  if (there == token.Reveal()) {
    context.dialogue.Done(absl::StrCat("the token is in ", kHostToken));
    return absl::OkStatus();
  }
  if (!there.empty()) {
    if (absl::Status status = KeepOldToken(context, there, kHostToken); !status.ok()) return status;
  }
  absl::Status written =
      WriteRootFile(kHostToken, absl::StrCat(token.Reveal(), "\n"), {.mode = 0600});
  if (!written.ok()) return written;
  context.dialogue.Done(absl::StrCat("wrote the token into ", kHostToken, ", for root alone"));
  return absl::OkStatus();
}

// `text` without the settings that would override the services' token file.
std::string WithoutToken(absl::string_view text) {
  const std::string comment = absl::StrCat("# The bot's token is in ", kHostToken, ".");
  return WithoutSetting(WithoutSetting(text, "BOT_TOKEN", comment), "BOT_TOKEN_FILE", comment);
}

// Keeps the tokens that WithoutToken() removes from `text`, unless they equal `token`, and reports
// that.
absl::Status KeepTokensOf(SetupContext& context, absl::string_view text,
                          const notify::Secret& token, bool was_open) {
  const absl::StatusOr<std::vector<std::string>> tokens =
      ValuesOf(text, "BOT_TOKEN", kHostConfiguration);
  if (!tokens.ok()) return tokens.status();
  for (const std::string& old : *tokens) {
    if (old.empty() || old == token.Reveal()) continue;
    absl::Status kept = KeepOldToken(context, old, kHostConfiguration);
    if (!kept.ok()) return kept;
  }
  if (!tokens->empty()) {
    context.dialogue.Done(
        absl::StrCat("BOT_TOKEN goes from ", kHostConfiguration, " to ", kHostToken));
    if (was_open) {
      context.dialogue.Note(
          "every user of this machine could read that token until now; @BotFather gives you a new "
          "one (/revoke)");
    }
  }
  if (const std::optional<std::string> named = context.command.config.InFileAlone("BOT_TOKEN_FILE");
      named.has_value()) {
    context.dialogue.Done(absl::StrCat("the services have the token from ", kHostToken,
                                       "; BOT_TOKEN_FILE, which was ", *named,
                                       ", is no longer set"));
  }
  return absl::OkStatus();
}

// Takes the proxy from the environment, which the services do not see.
void TakeProxy(SetupContext& context) {
  const Config& config = context.command.config;
  const std::string url = config.GetOr("TELEGRAM_API_URL", "https:");
  if (config.Get("PROXY").has_value() || !absl::StartsWith(url, "https:")) return;
  for (const char* name : {"https_proxy", "HTTPS_PROXY"}) {
    const char* const proxy = std::getenv(name);
    if (proxy == nullptr || *proxy == '\0') continue;
    if (notify::CheckProxyUrl(proxy).ok()) {
      context.changes.try_emplace("PROXY", proxy);
      context.dialogue.Note(absl::StrCat(name, " of the environment is written down as PROXY"));
    } else {
      context.dialogue.Note(absl::StrCat(name,
                                         " of the environment is not seen by the services: set "
                                         "PROXY in ",
                                         kHostConfiguration, ", with its scheme"));
    }
    return;
  }
}

// The owner and mode of the configuration. The admin's choice is kept.
Ownership ConfigurationOwnership(const std::optional<Account>& user) {
  const Ownership usual =
      user.has_value() ? Ownership{.group = user->group, .mode = 0640} : Ownership{.mode = 0600};
  const std::optional<Ownership> found = OwnershipOf(kHostConfiguration);
  if (!found.has_value()) return usual;
  // An editor's or the package's defaults are not a choice.
  const bool is_unchosen = *found == Ownership{.mode = 0644} || *found == Ownership{.mode = 0640};
  return is_unchosen && !Succeeds("dpkg-statoverride", {"--list", kHostConfiguration}) ? usual
                                                                                       : *found;
}

// Reports if the services could not read the configuration.
void CheckServicesMayRead(SetupContext& context) {
  const absl::StatusOr<check::Identity> services = check::AccountNamed("cpuagg", {"adm"});
  if (!services.ok()) return;
  const absl::Status may = check::MayAccess(*services, kHostConfiguration, R_OK);
  if (!absl::IsFailedPrecondition(may)) return;
  const bool is_override = Succeeds("dpkg-statoverride", {"--list", kHostConfiguration});
  context.Leave(absl::StrCat(
      kHostConfiguration,
      ": the services, which run as cpuagg, cannot read it; its owner and mode stay as you have "
      "chosen them. To let them, run ",
      is_override ? absl::StrCat("dpkg-statoverride --remove ", kHostConfiguration, " && ") : "",
      "chown root:cpuagg ", kHostConfiguration, " && chmod 0640 ", kHostConfiguration));
}

}  // namespace

absl::Status WriteSettings(SetupContext& context, const notify::Secret& token) {
  if (!context.Begin(
          "Configuration",
          "The services do not see your environment. Settings go into a file for root and cpuagg, "
          "the token into one that only root can read.",
          absl::StrCat("edit ", kHostConfiguration, "; chown root:cpuagg and chmod 0640 it"), [] {
            return absl::StrCat(kHostConfiguration, access(kHostConfiguration, F_OK) == 0
                                                        ? " exists; what it has stays"
                                                        : " does not exist yet");
          })) {
    return absl::OkStatus();
  }
  CommandContext& command = context.command;
  const absl::StatusOr<SettingsFile> found = ReadSettingsFile(kHostConfiguration);
  if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
  const std::string before = found.ok() ? found->text : "";
  std::string text = before;
  for (const auto& [key, value] : command.config.OfEnvironment()) {
    // They are accepted, but useless.
    if (key != "API_ID" && key != "API_HASH")
      context.changes.try_emplace(key, FromRoot(key, value));
  }
  TakeProxy(context);
  std::vector<std::string> changed;
  for (const auto& [key, value] : context.changes) {
    if (command.config.InFileAlone(key) == value) continue;
    absl::StatusOr<std::string> edited = WithSetting(text, key, value, kHostConfiguration);
    if (!edited.ok()) return edited.status();
    text = *std::move(edited);
    changed.push_back(key);
  }
  if (!token.empty()) text = WithoutToken(text);
  if (text.size() > kMostSettingsBytes) {
    return absl::FailedPreconditionError(
        absl::StrCat(kHostConfiguration, ": would be larger than 1 MiB",
                     changed.empty() ? "" : absl::StrCat(" with ", absl::StrJoin(changed, ", ")),
                     ", and not be read any more. Take out comments, and run cpuagg setup again; "
                     "it is as it was, "
                     "and so is the token"));
  }
  // In this order, so that the token is always in at least one of the files.
  if (!token.empty()) {
    if (absl::Status status = WriteToken(context, token); !status.ok()) return status;
    absl::Status kept =
        KeepTokensOf(context, before, token, found.ok() && found->is_open_to_everybody);
    if (!kept.ok()) return kept;
  }
  const Ownership ownership = ConfigurationOwnership(FindServiceUser());
  if (text == before && found.ok() && OwnershipOf(kHostConfiguration) == ownership) {
    context.dialogue.Done(absl::StrCat("nothing to change in ", kHostConfiguration));
    CheckServicesMayRead(context);
    return absl::OkStatus();
  }
  if (absl::Status status = WriteRootFile(kHostConfiguration, text, ownership); !status.ok()) {
    return status;
  }
  context.dialogue.Done(absl::StrCat("wrote ", kHostConfiguration, " (",
                                     check::OwnerSpec(ownership.user, ownership.group), " ",
                                     absl::StrFormat("%04o", ownership.mode), ")",
                                     changed.empty() ? "" : ": ", absl::StrJoin(changed, ", ")));
  CheckServicesMayRead(context);

  std::vector<std::string> warnings;
  absl::StatusOr<Config> config = command.config.LoadAgain(warnings);
  if (!config.ok()) return config.status();
  command.config = *std::move(config);
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
