#include "tools/check/finding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace cpuagg::tools::check {

const char* LevelName(Level level) {
  switch (level) {
    case Level::kOk:
      return "ok";
    case Level::kNote:
      return "note";
    case Level::kWarning:
      return "warning";
    case Level::kUnknown:
      return "unknown";
    case Level::kCritical:
      return "critical";
  }
  return "unknown";
}

void Findings::Add(Finding finding) {
  const absl::MutexLock lock(&mutex_);
  findings_.push_back(std::move(finding));
}

std::vector<Finding> Findings::Get() const {
  const absl::MutexLock lock(&mutex_);
  return findings_;
}

Finding FindingOfError(absl::string_view id, Level level, absl::string_view subject,
                       const absl::Status& status) {
  Finding finding = {.id = std::string(id), .level = level, .subject = std::string(subject)};
  absl::string_view text = status.message();
  const size_t semicolon = text.rfind("; ");
  if (semicolon != absl::string_view::npos) {
    absl::string_view mend = text.substr(semicolon + 2);
    // "move it, or run chown root DIRECTORY"
    if (const size_t run = mend.find("run "); run != absl::string_view::npos) {
      mend.remove_prefix(run + 4);
    }
    constexpr std::array kCommands = {"chmod ", "chown ", "chgrp "};
    if (std::any_of(kCommands.begin(), kCommands.end(),
                    [&](const char* command) { return absl::StartsWith(mend, command); })) {
      finding.mends.emplace_back(mend);
      text = text.substr(0, semicolon);
    }
  }
  finding.text = std::string(text);
  return finding;
}

std::string ShellWord(absl::string_view text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("/._-+:@%,=", c);
  });
  if (is_plain) return std::string(text);
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace cpuagg::tools::check
