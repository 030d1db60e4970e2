#include "tools/system/crontabs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/io/directory_files.h"
#include "tools/system/crontab_faults.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

using Words = std::vector<std::string>;

// The simple commands of a line, split like sh does, without quotes and comments. Does not expand
// variables ($x).
std::vector<Words> CommandsIn(absl::string_view line) {
  std::vector<Words> commands(1);
  std::string word;
  bool is_in_word = false;
  const auto end_word = [&] {
    if (is_in_word) commands.back().push_back(word);
    word.clear();
    is_in_word = false;
  };
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word.push_back(line[++i]);
      is_in_word = true;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word.push_back(c);
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      is_in_word = true;
    } else if (c == '#' && !is_in_word) {
      break;
    } else if (absl::StrContains(";&|()`", absl::string_view(&c, 1))) {
      end_word();
      commands.emplace_back();
    } else if (absl::ascii_isspace(c) || c == '<' || c == '>') {
      end_word();
    } else {
      word.push_back(c);
      is_in_word = true;
    }
  }
  end_word();
  return commands;
}

// Whether `flag` tells a shell that a command line follows: "sh -lc", "su --command".
bool IsBeforeCommandLine(absl::string_view flag) {
  return flag == "--command" || (absl::StartsWith(flag, "-") && !absl::StartsWith(flag, "--") &&
                                 absl::EndsWith(flag, "c"));
}

// Whether a command does not run the words after it.
bool OnlyTells(absl::string_view command) {
  return command == "echo" || command == "printf" || command == ":" || command == "true" ||
         command == "false" || command == "logger";
}

void AddJobsOf(const Words& words, CronJobs& jobs) {
  const auto has = [&](absl::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  // Whatever precedes it: flock, nice, timeout, env, or a user.
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (IsBeforeCommandLine(words[i])) {
      const CronJobs inner = JobsIn(words[i + 1]);
      jobs.collect |= inner.collect;
      jobs.report |= inner.report;
      jobs.deliver |= inner.deliver;
    }
    if (words[i] != "cpuagg" && !absl::EndsWith(words[i], "/cpuagg")) continue;
    if (has("--dry-run")) continue;
    if (std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), OnlyTells)) {
      continue;
    }
    // A flag in between is wrong usage, so nothing would run.
    const bool runs = words[i + 1] == "run";
    const bool sends = runs || (words[i + 1] == "send" && !has("--status") && !has("--test"));
    jobs.collect |= runs || words[i + 1] == "collect";
    jobs.report |= sends && !has("--pending") && !has("--alerts");
    jobs.deliver |= sends;
  }
}

// The user as whom cron runs `line` of the file at `path`; empty if the line switches to another
// user to run cpuagg.
std::string UserOf(absl::string_view line, absl::string_view path) {
  constexpr std::array<absl::string_view, 6> kBecomeOthers = {"su",      "sudo", "runuser",
                                                              "setpriv", "doas", "chpst"};
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  for (const absl::string_view word : words) {
    const absl::string_view name = word.substr(word.rfind('/') + 1);
    if (std::find(kBecomeOthers.begin(), kBecomeOthers.end(), name) != kBecomeOthers.end()) {
      return "";
    }
  }
  if (absl::StrContains(path, "/var/spool/cron/")) {
    return std::string(path.substr(path.rfind('/') + 1));
  }
  // The scripts of run-parts run as root.
  if (!absl::StrContains(path, "/cron.d/") && !absl::EndsWith(path, "/crontab")) return "root";
  // "@daily" or five words are the time.
  const size_t at = !words.empty() && absl::StartsWith(words[0], "@") ? 1 : 5;
  return at < words.size() ? std::string(words[at]) : "";
}

// Without links and without a trailing slash.
std::filesystem::path Canonical(const std::string& folder) {
  std::error_code ignored;
  const std::filesystem::path path = std::filesystem::weakly_canonical(folder, ignored);
  return path.has_filename() ? path : path.parent_path();
}

CrontabForm FormOf(absl::string_view path) {
  if (absl::StartsWith(path, "/var/")) return CrontabForm::kOfUser;
  if (path == "/etc/crontab" || absl::StartsWith(path, "/etc/cron.d/")) {
    return CrontabForm::kOfSystem;
  }
  return CrontabForm::kScript;
}

}  // namespace

CronJobs JobsIn(absl::string_view crontab) {
  CronJobs jobs;
  for (const absl::string_view line : absl::StrSplit(crontab, '\n')) {
    for (const Words& words : CommandsIn(line)) AddJobsOf(words, jobs);
  }
  return jobs;
}

std::vector<std::string> CronLine::ReportArguments() const {
  std::vector<std::string> arguments;
  bool is_behind_command = false;
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \t="), absl::SkipEmpty())) {
    // A redirection or the next command of the shell.
    if (is_behind_command &&
        (absl::StrContains(";&|)", word[0]) || word.find_first_of("<>") != word.npos)) {
      break;
    }
    const bool is_quiet = word == "--quiet" || word == "-q" || word == "--verbose" || word == "-v";
    if (is_behind_command && !is_quiet) arguments.emplace_back(word);
    is_behind_command = is_behind_command || word == "run" || word == "send";
  }
  std::sort(arguments.begin(), arguments.end());
  return arguments;
}

std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path) {
  std::vector<CronLine> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const CronJobs jobs = JobsIn(line);
    if (!jobs.any()) continue;
    lines.push_back({.path = path,
                     .text = std::string(absl::StripAsciiWhitespace(line)),
                     .jobs = jobs,
                     .user = UserOf(line, path)});
  }
  return lines;
}

Crontabs ReadCrontabs(const std::string& root) {
  Crontabs crontabs;
  std::vector<std::string> paths = {root + "/etc/crontab"};
  for (const char* directory :
       {"/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly",
        "/var/spool/cron/crontabs", "/var/spool/cron"}) {
    const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(root + directory);
    if (!names.ok()) crontabs.unread.push_back(root + directory);
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      // Like run-parts and cron, which skip backup files of an editor or dpkg.
      const bool is_of_users = absl::StartsWith(directory, "/var/");
      if (!is_of_users && absl::StrContains(name, ".")) continue;
      paths.push_back(absl::StrCat(root, directory, "/", name));
    }
  }
  for (const std::string& path : paths) {
    const CrontabForm form = FormOf(absl::string_view(path).substr(root.size()));
    const absl::StatusOr<std::string> text = ReadSmallFile(path);
    if (absl::IsFailedPrecondition(text.status())) crontabs.unread.push_back(path);
    // cron cannot read it either, whatever its jobs are.
    if (absl::IsInvalidArgument(text.status()) && form == CrontabForm::kOfSystem) {
      crontabs.idle.push_back({.line = {.path = path, .jobs = {true, true, true}},
                               .why = "it cannot be read: it is not a regular file"});
    }
    if (!text.ok()) continue;
    const std::string passed_over = WhyPassedOver(path, *text, form, root);
    for (const CronLine& line : CronLinesIn(*text, path)) {
      const std::string why =
          passed_over.empty() ? WhyNeverRun(line.text, form, root) : passed_over;
      if (why.empty()) {
        crontabs.lines.push_back(line);
      } else {
        crontabs.idle.push_back({line, why});
      }
    }
  }
  return crontabs;
}

void PutAsideOtherStores(const std::string& store, Crontabs& crontabs) {
  std::vector<CronLine> kept;
  for (CronLine& line : crontabs.lines) {
    const std::vector<std::string> words =
        absl::StrSplit(line.text, absl::ByAnyChar(" \t=;&|()'\""), absl::SkipEmpty());
    const auto flag = std::find(words.begin(), words.end(), "--store");
    const std::string other =
        flag != words.end() && flag + 1 != words.end() ? *(flag + 1) : std::string();
    // A path with a shell variable may be this one.
    if (!line.jobs.collect || !absl::StartsWith(other, "/") || absl::StrContains(other, "$") ||
        Canonical(other) == Canonical(store)) {
      kept.push_back(std::move(line));
      continue;
    }
    crontabs.idle.push_back(
        {std::move(line), absl::StrCat("it is about the store ", other, ", not ", store)});
  }
  crontabs.lines = std::move(kept);
}

}  // namespace cpuagg::tools::check
