#include "tools/check/settings/configuration_mends.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "notify/telegram/chat.h"
#include "tools/config/config.h"
#include "tools/config/config_keys.h"
#include "tools/config/env_file.h"
#include "tools/config/nearest_name.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

// Without any of the other settings, reports would not be sent, would go to another server, or
// would bypass a proxy, and limits would not be checked.
constexpr std::array<absl::string_view, 12> kHaveGoodDefaults = {
    "ALERT_PERIOD", "ALLOW_INSECURE_HTTP", "DELIVERY",
    "EXPIRE_AFTER", "FULL_TABLE",          "INCLUDE_UNKNOWN_USERS",
    "KEEP",         "KEEP_HOURS",          "REPORT_PERIOD",
    "SEND_AS",      "SEND_WITHIN",         "SILENT"};

bool HasGoodDefault(absl::string_view key) {
  return std::find(kHaveGoodDefaults.begin(), kHaveGoodDefaults.end(), key) !=
         kHaveGoodDefaults.end();
}

bool IsALength(absl::string_view key) {
  return key == "KEEP" || key == "KEEP_HOURS" || key == "EXPIRE_AFTER" || key == "SEND_WITHIN";
}

// "42 43" -> "42,43"; empty if the result is not a list of chats either.
std::string AsListOfChats(absl::string_view value) {
  const std::vector<std::string> entries =
      absl::StrSplit(value, absl::ByAnyChar(" \t,;"), absl::SkipEmpty());
  std::string list = absl::StrJoin(entries, ",");
  return list != value && notify::ParseChats(list).ok() ? list : "";
}

// The word that `value` may have meant, among those that `message` lists as valid; empty if none is
// similar.
std::string ChoiceNear(const std::string& value, absl::string_view message) {
  absl::string_view proposed =
      message.substr(std::min(message.size(), message.rfind("did you mean ")));
  if (absl::ConsumePrefix(&proposed, "did you mean ")) {
    return std::string(absl::StripSuffix(proposed, "?"));
  }
  size_t choices = message.rfind("one of ");
  if (choices == absl::string_view::npos) choices = message.rfind("neither ");
  if (choices == absl::string_view::npos) return "";
  std::vector<absl::string_view> words =
      absl::StrSplit(message.substr(choices), absl::ByAnyChar(" ,"), absl::SkipEmpty());
  std::erase_if(words, [](absl::string_view word) {
    return word == "one" || word == "of" || word == "or" || word == "neither" || word == "nor";
  });
  return std::string(NearestName(value, words));
}

// What an invalid value may have meant; empty if that is unknown.
std::string ProposalFor(absl::string_view key, const std::string& value,
                        absl::string_view message) {
  if (key == "CHAT_ID") return AsListOfChats(value);
  if (IsALength(key)) {
    const bool is_number = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
    const bool is_zero = value.find_first_not_of('0') == std::string::npos;
    return is_number && !is_zero && !absl::StrContains(message, "number of days")
               ? absl::StrCat(value, key == "SEND_WITHIN" ? "m" : "d")
               : "";
  }
  return HasGoodDefault(key) ? ChoiceNear(value, message) : "";
}

// The number of lines of the file at `path` that set `key`.
std::ptrdiff_t LinesThatSet(const std::string& path, absl::string_view key) {
  const absl::StatusOr<std::string> text = ReadSmallFile(path);
  if (path.empty() || !text.ok()) return 0;
  const std::vector<absl::string_view> lines = absl::StrSplit(*text, '\n');
  return std::count_if(lines.begin(), lines.end(), [&](absl::string_view line) {
    return SetsKey(line, key) || SetsKey(line, absl::StrCat(kVariablePrefix, key));
  });
}

}  // namespace

std::string SedOfKey(absl::string_view key, absl::string_view action, const std::string& file) {
  const bool has_mark = absl::StartsWith(ReadSmallFile(file).value_or(""), "\xef\xbb\xbf");
  return absl::StrCat(has_mark ? "LC_ALL=C " : "", "sed -i --follow-symlinks -E '",
                      has_mark ? "1s/^\\xef\\xbb\\xbf//;" : "",
                      "/^[[:space:]]*(export[[:space:]]+)?(CPUAGG_)?", key, "[[:space:]]*=/",
                      action, "' ", ShellWord(file));
}

void AddMendOfValue(const CommandContext& context, const absl::Status& status, Finding& finding) {
  const std::string message(status.message());
  const std::string key = message.substr(0, message.find(": "));
  if (!IsConfigKey(key)) {
    finding.advice.push_back("correct it there");
    return;
  }
  const std::string located(context.config.WithOrigin(status).message());
  const std::string origin = located.substr(0, located.find(": "));
  const std::string value = context.config.GetOr(key, "");
  absl::string_view variable = origin;
  const bool is_variable = absl::ConsumeSuffix(&variable, " in the environment");
  if (const std::string proposal = ProposalFor(key, value, message); !proposal.empty()) {
    const absl::string_view place = absl::StripPrefix(origin, key);
    finding.advice.push_back(
        is_variable
            ? absl::StrCat("set ", variable, "=", proposal, " in the environment, if that is meant")
            : absl::StrCat("write ", key, "=", proposal, place, ", if that is meant"));
    return;
  }
  // The number was chosen by somebody and would be lost.
  const bool has_meaning =
      IsALength(key) && !value.empty() && absl::ascii_isdigit(static_cast<unsigned char>(value[0]));
  const bool may_go = HasGoodDefault(key) && !has_meaning;
  if (is_variable) {
    if (may_go) finding.mends.push_back(absl::StrCat("unset ", variable));
    finding.advice.push_back(absl::StrCat(may_go ? "or " : "", "correct ", variable,
                                          " where it is set: a profile, a unit, a container"));
    return;
  }
  const std::string& path = context.config.path();
  if (may_go && LinesThatSet(path, key) == 1) {
    finding.mends.push_back(SedOfKey(key, "d", path) + "  # then the default is used");
    finding.advice.push_back(absl::StrCat("or correct ", origin));
    return;
  }
  finding.advice.push_back(absl::StrCat("correct ", origin));
}

void AddMendOfWarning(absl::string_view warning, Finding& finding) {
  if (absl::StartsWith(warning, "the environment")) {
    finding.advice.push_back("correct the variable where it is set, or unset it");
    return;
  }
  constexpr absl::string_view kUnknown = ": unknown key ";
  const size_t at = warning.find(kUnknown);
  if (at == absl::string_view::npos) {
    finding.advice.push_back("remove the lines that should not be used");
    return;
  }
  const std::string path(warning.substr(0, at));
  const std::vector<absl::string_view> words = absl::StrSplit(
      warning.substr(at + kUnknown.size()), absl::ByAnyChar(" ;?"), absl::SkipEmpty());
  const absl::string_view key = words.front();
  const absl::string_view near = words.size() > 1 ? words.back() : "";
  if (near.empty()) {
    finding.advice.push_back(absl::StrCat("remove the line of ", key, " in ", path,
                                          ", unless another program reads it there"));
  } else if (LinesThatSet(path, near) > 0) {
    // The later line would override the right one.
    finding.advice.push_back(absl::StrCat("remove the line of ", key, " in ", path, ", since ",
                                          near, " is set as well"));
  } else {
    finding.advice.push_back(absl::StrCat("write ", near, " in place of ", key, " in ", path,
                                          ", if that is meant, or remove the line"));
  }
}

}  // namespace cpuagg::tools::check
