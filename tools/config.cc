#include "tools/config.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/file.h"
#include "tools/env_file.h"

namespace cpuagg::tools {
namespace {

constexpr std::array<absl::string_view, 27> kKeys = {"ACCOUNTING_FILE",
                                                     "ALERT_CPU_HOURS",
                                                     "ALERT_PERIOD",
                                                     "ALLOW_INSECURE_HTTP",
                                                     "API_HASH",
                                                     "API_ID",
                                                     "BOT_TOKEN",
                                                     "BOT_TOKEN_FILE",
                                                     "CA_FILE",
                                                     "CHAT_ID",
                                                     "DELIVERY",
                                                     "EXPIRE_AFTER",
                                                     "FULL_TABLE",
                                                     "HOST_NAME",
                                                     "IGNORED_USERS",
                                                     "INCLUDE_UNKNOWN_USERS",
                                                     "KEEP",
                                                     "KEEP_HOURS",
                                                     "PROC",
                                                     "PROXY",
                                                     "REPORT_PERIOD",
                                                     "ROTATED_DIR",
                                                     "SEND_AS",
                                                     "SEND_WITHIN",
                                                     "SILENT",
                                                     "STORE",
                                                     "TELEGRAM_API_URL"};

bool IsKnown(absl::string_view key) {
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

// The Levenshtein distance.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

absl::string_view NearestKey(absl::string_view key) {
  return *std::min_element(kKeys.begin(), kKeys.end(),
                           [&](absl::string_view a, absl::string_view b) {
                             return EditDistance(key, a) < EditDistance(key, b);
                           });
}

struct FileContent {
  std::string text;
  bool open_to_everybody = false;
};

absl::StatusOr<FileContent> ReadSmallFile(const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  constexpr uint64_t kLimit = uint64_t{1} << 20;
  absl::StatusOr<std::string> text = file->ReadAt(0, kLimit);
  if (!text.ok()) return text.status();
  return FileContent{.text = *std::move(text), .open_to_everybody = (info->st_mode & 0007) != 0};
}

absl::Status TooOpen(absl::string_view path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   ": holds the bot's token and is open to everybody on this machine; run "
                   "chmod o= ",
                   path));
}

}  // namespace

absl::StatusOr<Config> Config::Load(const std::string& path, Environment environment,
                                    std::vector<std::string>& warnings) {
  Config config;
  config.environment_ = std::move(environment);
  const std::vector<std::string> candidates =
      path.empty() ? std::vector<std::string>{"./.env", "/etc/cpuagg/cpuagg.env"}
                   : std::vector<std::string>{path};
  for (const std::string& candidate : candidates) {
    const absl::StatusOr<FileContent> content = ReadSmallFile(candidate);
    if (path.empty() && absl::IsNotFound(content.status())) continue;
    // The host's configuration is for root where it holds the token; reading a file needs neither.
    if (path.empty() && absl::IsFailedPrecondition(content.status())) {
      warnings.push_back(absl::StrCat(content.status().message(), "; going on without it"));
      continue;
    }
    if (!content.ok()) return content.status();
    const absl::StatusOr<EnvEntries> entries = ParseEnvFile(content->text, candidate);
    if (!entries.ok()) return entries.status();
    config.path_ = candidate;
    for (const auto& [key, value] : *entries) {
      config.values_[key] = value;
      if (!IsKnown(key)) {
        warnings.push_back(absl::StrCat(candidate, ": unknown key ", key, "; did you mean ",
                                        NearestKey(key), "?"));
      }
    }
    break;
  }
  if (config.Get("API_ID").has_value() || config.Get("API_HASH").has_value()) {
    warnings.push_back(
        "API_ID and API_HASH are not used: they belong to the MTProto protocol, and cpuagg speaks "
        "the "
        "Bot API");
  }
  return config;
}

std::optional<std::string> Config::Get(absl::string_view key) const {
  if (const char* const value = environment_(std::string(key).c_str())) return value;
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::string Config::GetOr(absl::string_view key, absl::string_view fallback) const {
  return Get(key).value_or(std::string(fallback));
}

absl::StatusOr<std::string> Config::FindToken() const {
  if (const char* const token = environment_("BOT_TOKEN"); token != nullptr && *token != '\0') {
    return token;
  }
  if (const auto found = values_.find("BOT_TOKEN");
      found != values_.end() && !found->second.empty()) {
    const absl::StatusOr<FileContent> file = ReadSmallFile(path_);
    if (!file.ok()) return file.status();
    if (file->open_to_everybody) return TooOpen(path_);
    return found->second;
  }
  std::string token_path = GetOr("BOT_TOKEN_FILE", "");
  if (token_path.empty()) {
    const char* const credentials = environment_("CREDENTIALS_DIRECTORY");
    if (credentials == nullptr) {
      return absl::FailedPreconditionError(
          "there is no bot token; set BOT_TOKEN in the configuration file or the environment, or "
          "BOT_TOKEN_FILE to a file that holds it (@BotFather gives one out); --dry-run needs "
          "none");
    }
    token_path = absl::StrCat(credentials, "/bot_token");
  }
  const absl::StatusOr<FileContent> file = ReadSmallFile(token_path);
  if (!file.ok()) return file.status();
  if (file->open_to_everybody) return TooOpen(token_path);
  return file->text;
}

absl::StatusOr<notify::Secret> Config::BotToken() const {
  absl::StatusOr<std::string> found = FindToken();
  if (!found.ok()) return found.status();
  const absl::string_view token = absl::StripAsciiWhitespace(*found);
  const bool fits_a_path = std::all_of(token.begin(), token.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == ':' || c == '_' || c == '-';
  });
  if (token.empty() || !fits_a_path || !absl::StrContains(token, ":")) {
    return absl::InvalidArgumentError(
        "the bot token is malformed; it looks like 123456789:AAE... as @BotFather gave it out");
  }
  return notify::Secret(std::string(token));
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
