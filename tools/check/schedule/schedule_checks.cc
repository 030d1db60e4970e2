#include "tools/check/schedule/schedule_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tools/system/cron_schedule.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {
namespace {

constexpr char kSubject[] = "schedule";

std::string PropertyOf(const Units& units, const std::string& unit, const std::string& name) {
  const auto found = units.find(unit);
  if (found == units.end()) return "";
  const auto property = found->second.find(name);
  return property == found->second.end() ? "" : property->second;
}

bool IsLoaded(const Units& units, const std::string& unit) {
  return PropertyOf(units, unit, "LoadState") == "loaded";
}

// Whether the timer runs now and is enabled for the next boot.
bool IsOn(const Units& units, const std::string& timer) {
  return IsLoaded(units, timer) && PropertyOf(units, timer, "ActiveState") == "active";
}
bool IsEnabled(const Units& units, const std::string& timer) {
  return PropertyOf(units, timer, "UnitFileState") == "enabled";
}

bool IsMasked(const Units& units, const std::string& unit) {
  return PropertyOf(units, unit, "LoadState") == "masked";
}

// The command that unmasks the unit; a mask until the next boot needs another one.
std::string Unmasking(const Units& units, const std::string& unit) {
  const bool is_runtime = PropertyOf(units, unit, "UnitFileState") == "masked-runtime";
  return absl::StrCat("systemctl unmask ", is_runtime ? "--runtime " : "", unit);
}

bool Has(const std::vector<std::string>& units, const std::string& unit) {
  return std::find(units.begin(), units.end(), unit) != units.end();
}

// A crontab line that does the job.
const CronLine* LineFor(const Crontabs& cron, bool CronJobs::*job) {
  for (const CronLine& line : cron.lines) {
    if (line.jobs.*job) return &line;
  }
  return nullptr;
}

// A package of cron starts it where that is possible, except in a container.
void AddMendsThatStartCron(const ScheduleFacts& facts, Finding& finding) {
  if (!facts.has_cron) {
    if (facts.installs_cron.empty()) {
      finding.advice.emplace_back("install the package cron or cronie first");
    } else {
      finding.mends.push_back(facts.installs_cron);
    }
  }
  finding.mends.emplace_back(facts.has_systemd
                                 ? "systemctl enable --now cron || systemctl enable --now crond"
                                 : "service cron start || service crond start");
}

// How a job is scheduled; `name` is the timer's name without ".timer".
Finding CheckTask(const ScheduleFacts& facts, absl::string_view id, absl::string_view what,
                  const std::string& name, bool CronJobs::*job, Level if_missing) {
  Finding finding = {.id = std::string(id), .subject = absl::StrCat(kSubject, " of ", what)};
  const std::string timer = name + ".timer";
  const std::string service = name + ".service";
  const CronLine* const line = LineFor(facts.cron, job);
  if (!facts.units.ok() && line == nullptr) {
    finding.level = Level::kUnknown;
    finding.text = absl::StrCat("systemd does not answer: ", facts.units.status().message());
    finding.mends = {"systemctl status"};
    return finding;
  }
  const Units units = facts.units.value_or(Units());
  const std::string last = PropertyOf(units, timer, "LastTriggerUSec");
  // The timer runs, but starts nothing.
  if (IsOn(units, timer) && IsMasked(units, service)) {
    finding.level = Level::kCritical;
    finding.text =
        absl::StrCat(timer, " is on, but ", service, " is masked: systemd does not run it");
    finding.mends = {Unmasking(units, service)};
    return finding;
  }
  if (IsOn(units, timer)) {
    finding.text = absl::StrCat(timer, " is on", last.empty() || last == "n/a" ? "" : "; last run ",
                                last == "n/a" ? "" : last);
    if (!IsEnabled(units, timer)) {
      finding.level = Level::kWarning;
      absl::StrAppend(&finding.text, ", but not after the next boot");
      finding.mends = {absl::StrCat("systemctl enable ", timer)};
    }
    return finding;
  }
  if (line != nullptr) {
    finding.text = absl::StrCat("by cron: ", line->path);
    if (facts.cron_runs.has_value() && !*facts.cron_runs) {
      // Also in a container or a chroot, where nobody else may notice that nothing is done.
      finding.level = if_missing;
      absl::StrAppend(&finding.text, facts.has_cron ? ", but no cron runs here"
                                                    : ", but no cron is installed here");
      AddMendsThatStartCron(facts, finding);
    }
    return finding;
  }
  const bool is_enabled_for_boot = Has(facts.enabled_for_boot, timer);
  if (std::vector<std::string> masked;
      Has(facts.masked_for_boot, timer) ||
      (is_enabled_for_boot && Has(facts.masked_for_boot, service))) {
    for (const std::string& unit : {timer, service}) {
      if (Has(facts.masked_for_boot, unit)) masked.push_back(unit);
    }
    finding.level = if_missing;
    finding.text =
        absl::StrCat(masked[0] == service ? absl::StrCat(timer, " is enabled, but ") : "",
                     absl::StrJoin(masked, " and "), masked.size() > 1 ? " are" : " is",
                     " masked: systemd will not run it");
    finding.mends = {
        absl::StrCat("systemctl unmask ", absl::StrJoin(masked, " "),
                     is_enabled_for_boot ? "" : absl::StrCat(" && systemctl enable ", timer))};
    return finding;
  }
  if (is_enabled_for_boot) {
    finding.level = facts.is_confined ? Level::kNote : if_missing;
    finding.text = absl::StrCat(
        timer, " is enabled; it starts when systemd runs, and systemd does not run here");
    if (!facts.is_confined) {
      finding.mends = {absl::StrCat(facts.installs_cron, facts.installs_cron.empty() ? "" : " && ",
                                    "cpuagg setup")};
    }
    return finding;
  }
  if (IsLoaded(units, timer) || IsMasked(units, timer)) {
    finding.level = if_missing;
    finding.text = absl::StrCat(
        timer, IsMasked(units, timer) ? " is masked: systemd does not run it" : " is off");
    std::string mend;
    for (const std::string& unit : {timer, service}) {
      if (IsMasked(units, unit)) absl::StrAppend(&mend, Unmasking(units, unit), " && ");
    }
    if (IsMasked(units, service)) absl::StrAppend(&finding.text, "; ", service, " is masked");
    finding.mends = {absl::StrCat(mend, "systemctl enable --now ", timer)};
    return finding;
  }
  if (!facts.cron.unread.empty()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat(
        "no timer and no line of a crontab that may be read here; run it as root to find out (",
        facts.cron.unread[0], ")");
    return finding;
  }
  finding.level = if_missing;
  finding.text = "nothing does it: there is no timer, and no line of a crontab";
  // It would set up the paths that the units use.
  if (facts.collect_flags.empty()) finding.mends = {"cpuagg setup"};
  if (!facts.program.empty()) {
    CronJobs jobs;
    jobs.*job = true;
    const std::string ended = CronLinesFor(facts.program, jobs);
    const std::string added =
        absl::StrCat(absl::StripTrailingAsciiWhitespace(ended),
                     job == &CronJobs::collect ? facts.collect_flags : facts.send_flags);
    const bool has_cron = facts.has_cron || facts.cron_runs.value_or(false);
    if (!has_cron && !facts.installs_cron.empty()) finding.mends.push_back(facts.installs_cron);
    finding.mends.push_back(absl::StrCat("echo ", ShellWord(added), " >>", kCronFile));
  }
  return finding;
}

// Adds which lines were meant to do the job, but do not.
Finding WithIdleLines(Finding finding, const Crontabs& cron, bool CronJobs::*job) {
  if (finding.level == Level::kOk) return finding;
  for (const IdleCronLine& idle : cron.idle) {
    if (!(idle.line.jobs.*job)) continue;
    const std::string& path = idle.line.path;
    absl::string_view text = finding.text;
    const bool is_first = absl::ConsumeSuffix(&text, ", and no line of a crontab");
    finding.text = absl::StrCat(text, is_first ? ", and " : "; ", path);
    if (idle.line.text.empty()) {
      absl::StrAppend(&finding.text, ": ", idle.why);
      finding.advice.push_back(absl::StrCat("move ", path, " away, or make a file of it"));
    } else {
      absl::StrAppend(&finding.text, " has a line that does not do it: ", idle.why);
      finding.advice.push_back(
          absl::StrCat("edit ", path, ": fix this, or remove the line: ", idle.line.text));
    }
    // The suggested commands would change nothing there, or make it worse.
    std::erase_if(finding.mends, [&](const std::string& mend) {
      return absl::EndsWith(path, kCronFile) &&
             (absl::StrContains(mend, kCronFile) || mend == "cpuagg setup");
    });
  }
  return finding;
}

void CheckResults(const Units& units, Findings& findings) {
  for (const auto& [unit, properties] : units) {
    if (!absl::EndsWith(unit, ".service") || !IsLoaded(units, unit)) continue;
    const std::string result = PropertyOf(units, unit, "Result");
    if (PropertyOf(units, unit, "ActiveState") != "failed" &&
        (result.empty() || result == "success")) {
      continue;
    }
    findings.Add({.id = "schedule_result",
                  .level = Level::kCritical,
                  .subject = unit,
                  .text = absl::StrCat("its last run failed (", result, ", status ",
                                       PropertyOf(units, unit, "ExecMainStatus"), ")"),
                  .mends = {absl::StrCat("journalctl -u ", unit, " -n 20  # says why"),
                            absl::StrCat("systemctl start ", unit, "  # when that is fixed")}});
  }
}

// Whether a line sends the same report as cpuagg-report.timer, as far as its arguments show.
bool SendsWhatTheTimerDoes(const CronLine& line) {
  const std::vector<std::string> arguments = line.ReportArguments();
  return arguments.empty() || arguments == std::vector<std::string>{"--period", "last-day"};
}

void CheckTwice(const ScheduleFacts& facts, const Units& units, Findings& findings) {
  const auto add = [&](const CronLine& line, Level level, const std::string& text) {
    findings.Add({.id = "schedule_twice",
                  .level = level,
                  .subject = kSubject,
                  .text = text,
                  .advice = {absl::StrCat("edit ", line.path, ": remove the line: ", line.text)}});
  };
  std::map<std::vector<std::string>, const CronLine*> senders;
  for (const CronLine& line : facts.cron.lines) {
    if (!line.jobs.report) continue;
    const auto [first, is_new] = senders.emplace(line.ReportArguments(), &line);
    if (IsOn(units, "cpuagg-report.timer") && SendsWhatTheTimerDoes(line)) {
      add(line, Level::kWarning,
          absl::StrCat("timers and cron (", line.path,
                       ") both run cpuagg: each report is sent twice"));
    } else if (!is_new) {
      add(line, Level::kWarning,
          absl::StrCat("two lines of cron, in ", first->second->path, " and ", line.path,
                       ", send the same: each report is sent twice"));
    }
  }
  // Several cron lines that collect may be intended: `run`, which reports, and `collect`.
  const CronLine* const collects = LineFor(facts.cron, &CronJobs::collect);
  if (collects != nullptr && !collects->jobs.report && IsOn(units, "cpuagg-collect.timer")) {
    add(*collects, Level::kNote,
        absl::StrCat("timers and cron (", collects->path,
                     ") both collect, which is harmless, but one is enough"));
  }
}

}  // namespace

void CheckSchedule(const ScheduleFacts& facts, Findings& findings) {
  const auto check = [&](absl::string_view id, absl::string_view what, const std::string& name,
                         bool CronJobs::*job, Level if_missing) {
    findings.Add(WithIdleLines(CheckTask(facts, id, what, name, job, if_missing), facts.cron, job));
  };
  check("schedule_collect", "collecting", "cpuagg-collect", &CronJobs::collect, Level::kWarning);
  if (facts.sends) {
    check("schedule_report", "reports", "cpuagg-report", &CronJobs::report, Level::kWarning);
    check("schedule_deliver", "delivery", "cpuagg-deliver", &CronJobs::deliver, Level::kNote);
  } else {
    findings.Add({.id = "schedule_report",
                  .level = Level::kNote,
                  .subject = "schedule of reports",
                  .text = "not checked, since no chat is known here"});
  }
  const Units units = facts.units.value_or(Units());
  CheckResults(units, findings);
  CheckTwice(facts, units, findings);
}

bool CollectsByTimer(const ScheduleFacts& facts) {
  return facts.units.ok() && IsOn(*facts.units, "cpuagg-collect.timer");
}

std::optional<absl::Duration> CollectPeriod(const ScheduleFacts& facts) {
  if (CollectsByTimer(facts)) return absl::Minutes(15);
  std::optional<absl::Duration> shortest;
  for (const CronLine& line : facts.cron.lines) {
    if (!line.jobs.collect) continue;
    std::optional<absl::Duration> period = LongestPause(line.text);
    // The scripts in these folders have no times of their own.
    if (absl::StrContains(line.path, "/cron.hourly/")) period = absl::Hours(1);
    if (absl::StrContains(line.path, "/cron.daily/")) period = absl::Hours(24);
    if (period.has_value()) shortest = std::min(shortest.value_or(*period), *period);
  }
  return shortest;
}

namespace {

// The crontab line that collects, if the timer does not. nullptr if there is no line that shows its
// user and uses the units' configuration.
const CronLine* CollectingLine(const ScheduleFacts& facts) {
  if (CollectsByTimer(facts)) return nullptr;
  for (const CronLine& line : facts.cron.lines) {
    if (line.jobs.collect && !line.user.empty() && !absl::StrContains(line.text, "--store") &&
        !absl::StrContains(line.text, "--config")) {
      return &line;
    }
  }
  return nullptr;
}

}  // namespace

Collector FindCollector(const ScheduleFacts& facts, const std::string& store) {
  const std::string unit = kCollectUnit;
  const auto nobody_known = [](const absl::Status& status) {
    return Collector{.who = Myself(), .source = kWhoAsks, .problem = std::string(status.message())};
  };
  if (const CronLine* const line = CollectingLine(facts); line != nullptr) {
    const absl::StatusOr<Identity> who = AccountNamed(line->user, {});
    if (who.ok()) return {.who = *who, .source = line->path};
    if (absl::IsDeadlineExceeded(who.status())) return nobody_known(who.status());
  } else if (facts.units.ok() && IsLoaded(*facts.units, unit)) {
    const std::string name = PropertyOf(*facts.units, unit, "User");
    const std::string capabilities = PropertyOf(*facts.units, unit, "AmbientCapabilities");
    const std::vector<std::string> groups = absl::StrSplit(
        PropertyOf(*facts.units, unit, "SupplementaryGroups"), ' ', absl::SkipEmpty());
    const absl::StatusOr<Identity> who = AccountNamed(name.empty() ? "root" : name, groups);
    if (who.ok()) {
      return {.who = *who,
              .may_read_everything = absl::StrContains(capabilities, "cap_dac_read_search"),
              .source = unit};
    }
    if (absl::IsDeadlineExceeded(who.status())) return nobody_known(who.status());
  }
  struct stat info;
  if (stat(store.c_str(), &info) == 0) {
    const absl::StatusOr<Identity> who = AccountNamed(UserText(info.st_uid), {});
    if (who.ok()) return {.who = *who, .source = "the owner of the store"};
    // Without the user's groups it is unknown what the user may read.
    if (absl::IsDeadlineExceeded(who.status())) return nobody_known(who.status());
    return {.who = {.name = UserText(info.st_uid), .user = info.st_uid, .groups = {info.st_gid}},
            .source = "the owner of the store"};
  }
  return {.who = Myself(), .source = kWhoAsks};
}

}  // namespace cpuagg::tools::check
