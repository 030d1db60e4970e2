#include "tools/check/findings/finding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"

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

namespace {

// Whether the end of `text` is outside of single quotes.
bool IsOutsideOfQuotes(absl::string_view text) {
  size_t quotes = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'' && (i == 0 || text[i - 1] != '\\')) ++quotes;
  }
  return quotes % 2 == 0;
}

// "chown root DIRECTORY" from "move it, or run chown root DIRECTORY"; empty if there is none.
std::string CommandIn(absl::string_view text) {
  if (!IsOutsideOfQuotes(text)) return "";
  if (const size_t run = text.find("run "); run != absl::string_view::npos) {
    text.remove_prefix(run + 4);
  }
  constexpr std::array kCommands = {"chmod ", "chown ", "chgrp "};
  const bool is_command = std::any_of(kCommands.begin(), kCommands.end(), [&](const char* command) {
    return absl::StartsWith(text, command);
  });
  return is_command ? std::string(text) : "";
}

}  // namespace

Finding FindingOfError(absl::string_view id, Level level, absl::string_view subject,
                       const absl::Status& status) {
  Finding finding = {.id = std::string(id), .level = level, .subject = std::string(subject)};
  absl::string_view text = status.message();
  // Searches from the end, since the path in the command may contain a semicolon too.
  size_t semicolon = text.rfind("; ");
  while (semicolon != absl::string_view::npos) {
    const std::string command = CommandIn(text.substr(semicolon + 2));
    if (!command.empty()) {
      finding.mends = {command};
      text = text.substr(0, semicolon);
      break;
    }
    if (semicolon == 0) break;
    semicolon = text.rfind("; ", semicolon - 1);
  }
  finding.text = std::string(text);
  return finding;
}

}  // namespace cpuagg::tools::check
