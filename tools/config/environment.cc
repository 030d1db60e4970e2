#include "tools/config/environment.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tools/config/config_keys.h"

namespace cpuagg::tools {
namespace {

// The keys that containers set without the prefix.
constexpr std::array<absl::string_view, 3> kPlainVariables = {"BOT_TOKEN", "BOT_TOKEN_FILE",
                                                              "CHAT_ID"};

// Keys that other programs are unlikely to use. If one is set without the prefix, a warning says
// so.
constexpr std::array<absl::string_view, 9> kDistinctive = {
    "ALERT_CPU_HOURS", "IGNORED_USERS", "INCLUDE_UNKNOWN_USERS", "KEEP_HOURS",      "REPORT_PERIOD",
    "ROTATED_DIR",     "SEND_AS",       "SEND_WITHIN",           "TELEGRAM_API_URL"};

// Removes what docker --env-file leaves around a value: quotes, and the carriage return of a DOS
// line.
std::string Cleaned(absl::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  const bool is_quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                         value.front() == value.back();
  return std::string(is_quoted ? value.substr(1, value.size() - 2) : value);
}

}  // namespace

const char* VariableNamed(Environment environment, absl::string_view name) {
  for (Environment variable = environment; *variable != nullptr; ++variable) {
    absl::string_view text = *variable;
    if (absl::ConsumePrefix(&text, name) && absl::StartsWith(text, "=")) return text.data() + 1;
  }
  return nullptr;
}

std::optional<Setting> FindInEnvironment(Environment environment, absl::string_view key) {
  const std::string prefixed = absl::StrCat(kVariablePrefix, key);
  if (const char* const value = VariableNamed(environment, prefixed)) {
    return Setting{.value = Cleaned(value), .name = prefixed + " in the environment"};
  }
  if (std::find(kPlainVariables.begin(), kPlainVariables.end(), key) == kPlainVariables.end()) {
    return std::nullopt;
  }
  const char* const value = VariableNamed(environment, key);
  if (value == nullptr) return std::nullopt;
  Setting setting = {.value = Cleaned(value), .name = absl::StrCat(key, " in the environment")};
  // Containers use an empty value for a setting that is not set.
  if (setting.value.empty()) return std::nullopt;
  return setting;
}

std::vector<std::string> WarningsAbout(Environment environment) {
  std::vector<std::string> warnings;
  for (Environment variable = environment; *variable != nullptr; ++variable) {
    const absl::string_view text = *variable;
    absl::string_view key = text.substr(0, text.find('='));
    if (!absl::ConsumePrefix(&key, kVariablePrefix) || IsConfigKey(key)) continue;
    std::string warning = absl::StrCat("the environment: unknown variable ", kVariablePrefix, key);
    if (const absl::string_view near = ConfigKeyNear(key); !near.empty()) {
      absl::StrAppend(&warning, "; did you mean ", kVariablePrefix, near, "?");
    }
    warnings.push_back(std::move(warning));
  }
  std::vector<std::string> without_effect;
  for (const absl::string_view key : kDistinctive) {
    if (VariableNamed(environment, key) != nullptr) without_effect.emplace_back(key);
  }
  if (without_effect.empty()) return warnings;
  warnings.push_back(absl::StrCat("the environment: ", absl::StrJoin(without_effect, ", "),
                                  ": no effect without the prefix, as in ", kVariablePrefix,
                                  without_effect[0]));
  return warnings;
}

}  // namespace cpuagg::tools
