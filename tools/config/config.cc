#include "tools/config/config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "acct/io/file.h"
#include "acct/io/shell_word.h"
#include "tools/config/config_keys.h"
#include "tools/config/env_file.h"
#include "tools/config/settings_file.h"

namespace cpuagg::tools {
namespace {

void Wipe(std::string& text) { explicit_bzero(text.data(), text.size()); }

// The content of a file that may belong to anybody, to find out whether it is about cpuagg. Empty
// if it cannot be read without blocking.
std::string Glimpse(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK);
  if (!file.ok()) return "";
  constexpr uint64_t kMost = uint64_t{1} << 20;
  return file->ReadToEnd(kMost).value_or("");
}

bool IsAboutCpuagg(absl::string_view text) {
  for (const absl::string_view key : {"BOT_TOKEN", "CHAT_ID"}) {
    if (SetsKey(text, key) || SetsKey(text, absl::StrCat(kVariablePrefix, key))) return true;
  }
  return false;
}

// Whether the file at `path` belongs to the caller, who nevertheless may not read it.
bool IsOwnAndClosed(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && info.st_uid == geteuid() &&
         access(path.c_str(), R_OK) != 0;
}

absl::Status TooOpen(absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   ": holds the bot's token and is open to everybody on this machine; run "
                   "chmod o= ",
                   acct::ShellWord(path)));
}

}  // namespace

absl::StatusOr<Config> Config::Load(const ConfigSource& source,
                                    std::vector<std::string>& warnings) {
  Config config;
  config.source_ = source;
  if (source.path.empty()) {
    if (absl::Status status = config.FindFile(warnings); !status.ok()) {
      return status;
    }
  } else {
    absl::StatusOr<SettingsFile> file = ReadSettingsFile(source.path);
    if (!file.ok()) return file.status();
    config.is_open_to_everybody_ = file->is_open_to_everybody;
    if (absl::Status status = config.UseFile(source.path, std::move(file->text), warnings);
        !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = config.CheckNoTokenIsMisplaced(); !status.ok()) return status;
  const std::vector<std::string> odd = WarningsAbout(source.environment);
  warnings.insert(warnings.end(), odd.begin(), odd.end());
  if (config.Get("API_ID").has_value() || config.Get("API_HASH").has_value()) {
    warnings.push_back(
        "API_ID and API_HASH are not used: they belong to the MTProto protocol, and cpuagg speaks "
        "the Bot API");
  }
  return config;
}

absl::Status Config::FindFile(std::vector<std::string>& warnings) {
  const std::string here = "./.env";
  const std::string of_host = absl::StrCat(source_.host_directory, "/cpuagg.env");
  const auto use = [&](const std::string& path, absl::StatusOr<SettingsFile>& file) {
    is_open_to_everybody_ = file->is_open_to_everybody;
    return UseFile(path, std::move(file->text), warnings);
  };
  const auto pass_over = [&](const absl::Status& why) {
    warnings.push_back(absl::StrCat(why.message(), "; going on without it"));
  };
  std::string glimpse = source_.of_host_only ? "" : Glimpse(here);
  const bool is_about_cpuagg = IsAboutCpuagg(glimpse);
  Wipe(glimpse);
  if (is_about_cpuagg || (!source_.of_host_only && IsOwnAndClosed(here))) {
    absl::StatusOr<SettingsFile> file = ReadSettingsFile(here, Whose::kOfCaller);
    if (file.ok()) return use(here, file);
    pass_over(file.status());
  }
  absl::StatusOr<SettingsFile> file = ReadSettingsFile(of_host);
  if (file.ok()) return use(of_host, file);
  if (absl::IsNotFound(file.status())) return absl::OkStatus();
  // If it holds the token, it is for root; reading an accounting file does not need it.
  if (!absl::IsFailedPrecondition(file.status())) return file.status();
  pass_over(file.status());
  return absl::OkStatus();
}

absl::Status Config::UseFile(const std::string& path, std::string text,
                             std::vector<std::string>& warnings) {
  path_ = path;
  absl::StatusOr<EnvEntries> entries = ParseEnvFile(text, path);
  Wipe(text);
  if (!entries.ok()) return entries.status();
  absl::flat_hash_set<std::string> unknown;
  for (auto& [name, value] : *entries) {
    // With the prefix, the file also works for docker --env-file.
    const absl::string_view key = absl::StripPrefix(name, kVariablePrefix);
    if (!IsConfigKey(key) && unknown.insert(name).second) {
      const absl::string_view near = ConfigKeyNear(key);
      warnings.push_back(absl::StrCat(path, ": unknown key ", name,
                                      near.empty() ? "" : "; did you mean ", near,
                                      near.empty() ? "" : "?"));
    }
    if (!IsConfigKey(key) || (key == "BOT_TOKEN" && !source_.with_token)) {
      Wipe(value);
      continue;
    }
    if (!values_.insert_or_assign(key, std::move(value)).second) {
      warnings.push_back(
          absl::StrCat(path, ": ", key, " is set more than once; the last one is used"));
    }
  }
  return absl::OkStatus();
}

// A token under another key would be revealed: in an error, or as a host name sent to a name
// server.
absl::Status Config::CheckNoTokenIsMisplaced() const {
  // The secret part of the known token is as good as all of it.
  const notify::Secret known(GetOr("BOT_TOKEN", ""));
  for (const absl::string_view key : ConfigKeys()) {
    // A proxy's password is never shown, and may have any form.
    if (key == "BOT_TOKEN" || key == "PROXY") continue;
    const std::optional<Setting> setting = Find(key);
    if (!setting.has_value() ||
        (!notify::HasToken(setting->value) && known.Redact(setting->value) == setting->value)) {
      continue;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(setting->name,
                     ": holds what looks like a bot's token; that belongs under "
                     "BOT_TOKEN alone"));
  }
  return absl::OkStatus();
}

std::optional<Setting> Config::FindInFile(absl::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return Setting{.value = found->second, .name = absl::StrCat(key, " in ", path_)};
}

std::optional<Setting> Config::Find(absl::string_view key) const {
  if (forgotten_.contains(key)) return std::nullopt;
  std::optional<Setting> setting = FindInEnvironment(source_.environment, key);
  return setting.has_value() ? setting : FindInFile(key);
}

std::optional<std::string> Config::Get(absl::string_view key) const {
  std::optional<Setting> setting = Find(key);
  if (!setting.has_value()) return std::nullopt;
  return std::move(setting->value);
}

std::string Config::GetOr(absl::string_view key, absl::string_view fallback) const {
  return Get(key).value_or(std::string(fallback));
}

std::vector<std::pair<std::string, std::string>> Config::OfEnvironment() const {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const absl::string_view key : ConfigKeys()) {
    if (key == "BOT_TOKEN" || key == "BOT_TOKEN_FILE") continue;
    std::optional<Setting> setting = FindInEnvironment(source_.environment, key);
    if (setting.has_value()) settings.emplace_back(key, std::move(setting->value));
  }
  return settings;
}

std::optional<std::string> Config::InFileAlone(absl::string_view key) const {
  std::optional<Setting> setting = FindInFile(key);
  if (!setting.has_value()) return std::nullopt;
  return std::move(setting->value);
}

std::string Config::InFile() const {
  return path_.empty() ? " (no configuration file is used: neither ./.env nor "
                         "/etc/cpuagg/cpuagg.env)"
                       : absl::StrCat(" in ", path_);
}

absl::Status Config::WithOrigin(const absl::Status& status) const {
  const absl::string_view message = status.message();
  const absl::string_view key = message.substr(0, message.find(": "));
  if (!IsConfigKey(key)) return status;
  const std::optional<Setting> setting = Find(key);
  if (!setting.has_value()) return status;
  return absl::Status(status.code(), absl::StrCat(setting->name, message.substr(key.size())));
}

absl::StatusOr<std::optional<Setting>> Config::FindToken() const {
  const auto is_set = [](const std::optional<Setting>& setting) {
    return setting.has_value() && !setting->value.empty();
  };
  std::optional<Setting> token = FindInEnvironment(source_.environment, "BOT_TOKEN");
  if (is_set(token)) return token;
  std::optional<Setting> file_name = FindInEnvironment(source_.environment, "BOT_TOKEN_FILE");
  if (!is_set(file_name)) {
    token = FindInFile("BOT_TOKEN");
    if (is_set(token)) {
      if (is_open_to_everybody_) return TooOpen(path_);
      return token;
    }
    file_name = FindInFile("BOT_TOKEN_FILE");
  }
  if (!is_set(file_name)) return FindTokenNobodyNamed();
  absl::StatusOr<SettingsFile> file = ReadSettingsFile(file_name->value);
  if (!file.ok()) {
    return absl::Status(file.status().code(),
                        absl::StrCat(file_name->name, ": ", file.status().message()));
  }
  if (file->is_open_to_everybody) return TooOpen(file_name->value);
  return Setting{.value = std::move(file->text), .name = file_name->value};
}

absl::StatusOr<std::optional<Setting>> Config::FindTokenNobodyNamed() const {
  const std::string of_host = absl::StrCat(source_.host_directory, "/bot_token");
  std::vector<std::string> places;
  if (const char* const credentials = VariableNamed(source_.environment, "CREDENTIALS_DIRECTORY")) {
    places.push_back(absl::StrCat(credentials, "/bot_token"));
  }
  if (path_.empty() || path_ == absl::StrCat(source_.host_directory, "/cpuagg.env")) {
    places.push_back(of_host);
  }
  bool has_empty_one = false;
  for (const std::string& path : places) {
    absl::StatusOr<SettingsFile> file = ReadSettingsFile(path);
    // systemd's directory may exist for other secrets.
    if (absl::IsNotFound(file.status())) continue;
    if (!file.ok()) {
      if (path != of_host || !absl::IsFailedPrecondition(file.status())) return file.status();
      // A service has the file's content as a credential, which is empty.
      if (has_empty_one) continue;
      return absl::Status(
          file.status().code(),
          absl::StrCat(file.status().message(), "; the token in it is for root: run this as root"));
    }
    // The package creates it empty, so that the credential exists before the token does.
    if (absl::StripAsciiWhitespace(file->text).empty()) {
      has_empty_one = true;
      continue;
    }
    if (file->is_open_to_everybody) return TooOpen(path);
    return Setting{.value = std::move(file->text), .name = path};
  }
  return std::nullopt;
}

absl::StatusOr<notify::Secret> Config::BotToken() const {
  const absl::StatusOr<std::optional<Setting>> found = FindToken();
  if (!found.ok()) return found.status();
  if (found->has_value()) return ParseBotToken((*found)->value, (*found)->name);
  return absl::FailedPreconditionError(absl::StrCat(
      "there is no bot token", InFile(),
      "; set BOT_TOKEN there or in the environment, or BOT_TOKEN_FILE to a file that holds it "
      "(@BotFather gives you one), or run cpuagg setup; --dry-run needs none"));
}

bool Config::HasBotToken() const {
  const absl::StatusOr<std::optional<Setting>> found = FindToken();
  return !found.ok() || found->has_value();
}

absl::StatusOr<notify::Secret> ParseBotToken(absl::string_view text, absl::string_view name) {
  absl::string_view token = text;
  absl::ConsumePrefix(&token, "\xef\xbb\xbf");  // a byte-order mark
  token = absl::StripAsciiWhitespace(token);
  const bool fits_a_path = std::all_of(token.begin(), token.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == ':' || c == '_' || c == '-';
  });
  if (token.empty() || !fits_a_path || !absl::StrContains(token, ":")) {
    return absl::InvalidArgumentError(
        absl::StrCat(name,
                     ": the bot token is malformed; it must be the text from @BotFather and "
                     "nothing else, such as 123456789:AAE..."));
  }
  return notify::Secret(std::string(token));
}

std::string WhyTokenLooksCutOff(const notify::Secret& token) {
  constexpr size_t kUsual = 35;
  constexpr size_t kFewest = 30;
  const std::string& text = token.Reveal();
  const size_t half = text.size() - text.find(':') - 1;
  if (half >= kFewest) return "";
  return absl::StrCat("the part after the colon has ", half, " characters, of usually ", kUsual);
}

std::string Config::TokenOrigin() const {
  const absl::StatusOr<std::optional<Setting>> found = FindToken();
  return found.ok() && found->has_value() ? (*found)->name : "";
}

std::string Config::CredentialFile(absl::string_view name) const {
  const char* const directory = VariableNamed(source_.environment, "CREDENTIALS_DIRECTORY");
  if (directory == nullptr) return "";
  std::string path = absl::StrCat(directory, "/", name);
  return access(path.c_str(), F_OK) == 0 ? path : "";
}

absl::StatusOr<bool> ParseYesNo(absl::string_view key, absl::string_view value) {
  const std::string lower = absl::AsciiStrToLower(value);
  for (const char* yes : {"yes", "true", "on", "1"}) {
    if (lower == yes) return true;
  }
  for (const char* no : {"no", "false", "off", "0", ""}) {
    if (lower == no) return false;
  }
  return absl::InvalidArgumentError(absl::StrCat(key, ": '", value, "' is neither yes nor no"));
}

std::vector<std::string> SplitList(absl::string_view list) {
  std::vector<std::string> entries;
  for (const absl::string_view entry : absl::StrSplit(list, ',')) {
    const absl::string_view stripped = absl::StripAsciiWhitespace(entry);
    if (!stripped.empty()) entries.emplace_back(stripped);
  }
  return entries;
}

}  // namespace cpuagg::tools
