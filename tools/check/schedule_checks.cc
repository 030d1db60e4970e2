#include "tools/check/schedule_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

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

// Whether the timer runs now, and will after the next boot.
bool IsOn(const Units& units, const std::string& timer) {
  return IsLoaded(units, timer) && PropertyOf(units, timer, "ActiveState") == "active";
}
bool IsEnabled(const Units& units, const std::string& timer) {
  return PropertyOf(units, timer, "UnitFileState") == "enabled";
}

// A line that does the job.
const CronLine* LineFor(const Crontabs& cron, bool CronJobs::*job) {
  for (const CronLine& line : cron.lines) {
    if (line.jobs.*job) return &line;
  }
  return nullptr;
}

// How something is run by itself; `name` is that of the timer, without its end.
Finding CheckTask(const ScheduleFacts& facts, absl::string_view id, absl::string_view what,
                  const std::string& name, bool CronJobs::*job, absl::string_view cron_line,
                  Level if_missing) {
  Finding finding = {.id = std::string(id), .subject = absl::StrCat(kSubject, " of ", what)};
  const std::string timer = name + ".timer";
  const CronLine* const line = LineFor(facts.cron, job);
  if (!facts.units.ok() && line == nullptr) {
    finding.level = Level::kUnknown;
    finding.text = absl::StrCat("systemd does not answer: ", facts.units.status().message());
    finding.mends = {"systemctl status"};
    return finding;
  }
  const Units units = facts.units.value_or(Units());
  const std::string last = PropertyOf(units, timer, "LastTriggerUSec");
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
      finding.level = facts.is_confined ? Level::kNote : if_missing;
      absl::StrAppend(&finding.text, ", but no cron runs here");
      finding.mends = {facts.has_systemd
                           ? "systemctl enable --now cron || systemctl enable --now crond"
                           : "service cron start || service crond start"};
    }
    return finding;
  }
  if (std::find(facts.enabled_for_boot.begin(), facts.enabled_for_boot.end(), timer) !=
      facts.enabled_for_boot.end()) {
    finding.level = facts.is_confined ? Level::kNote : if_missing;
    finding.text =
        absl::StrCat(timer, " is enabled; it begins when systemd runs, which does not here");
    if (!facts.is_confined) finding.mends = {"apt-get install cron && cpuagg setup"};
    return finding;
  }
  if (IsLoaded(units, timer)) {
    finding.level = if_missing;
    finding.text = absl::StrCat(timer, " is off");
    finding.mends = {absl::StrCat("systemctl enable --now ", timer)};
    return finding;
  }
  if (!facts.cron.unread.empty()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat(
        "no timer and no line of a crontab that may be read here; as root it "
        "could tell (",
        facts.cron.unread[0], ")");
    return finding;
  }
  finding.level = if_missing;
  finding.text = "nothing does it: there is no timer, and no line of a crontab";
  finding.mends = {"cpuagg setup", absl::StrCat("echo '", cron_line, "' >>/etc/cron.d/cpuagg")};
  return finding;
}

void CheckResults(const Units& units, Findings& findings) {
  for (const auto& [unit, properties] : units) {
    if (PropertyOf(units, unit, "LoadState") == "masked") {
      findings.Add({.id = "schedule_result",
                    .level = Level::kCritical,
                    .subject = unit,
                    .text = "is masked: systemd does not run it",
                    .mends = {absl::StrCat("systemctl unmask ", unit)}});
      continue;
    }
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
                            absl::StrCat("systemctl start ", unit, "  # when that is mended")}});
  }
}

}  // namespace

void CheckSchedule(const ScheduleFacts& facts, Findings& findings) {
  findings.Add(CheckTask(facts, "schedule_collect", "collecting", "cpuagg-collect",
                         &CronJobs::collect, "*/15 * * * * root cpuagg collect --quiet",
                         Level::kWarning));
  if (facts.sends) {
    findings.Add(CheckTask(facts, "schedule_report", "reports", "cpuagg-report", &CronJobs::report,
                           "0 7 * * * root cpuagg send --period last-day", Level::kWarning));
    findings.Add(CheckTask(facts, "schedule_deliver", "delivery", "cpuagg-deliver",
                           &CronJobs::deliver, "20 * * * * root cpuagg send --pending --quiet",
                           Level::kNote));
  } else {
    findings.Add({.id = "schedule_report",
                  .level = Level::kNote,
                  .subject = "schedule of reports",
                  .text = "not looked at, since no chat is known here"});
  }
  if (!facts.units.ok()) return;
  CheckResults(*facts.units, findings);
  const CronLine* const sends = LineFor(facts.cron, &CronJobs::report);
  const CronLine* const collects = LineFor(facts.cron, &CronJobs::collect);
  const bool both_send = sends != nullptr && IsOn(*facts.units, "cpuagg-report.timer");
  const bool both_collect = collects != nullptr && IsOn(*facts.units, "cpuagg-collect.timer");
  if (!both_send && !both_collect) return;
  findings.Add(
      {.id = "schedule_twice",
       .level = Level::kWarning,
       .subject = kSubject,
       .text = absl::StrCat("timers and cron (", (both_send ? sends : collects)->path,
                            ") both run cpuagg: ",
                            both_send ? "each report is sent twice"
                                      : "collecting twice is harmless, but one is enough"),
       .advice = {absl::StrCat("edit ", (both_send ? sends : collects)->path,
                               ": take out the line: ", (both_send ? sends : collects)->text)}});
}

bool CollectsByTimer(const ScheduleFacts& facts) {
  return facts.units.ok() && IsOn(*facts.units, "cpuagg-collect.timer");
}

Collector FindCollector(const ScheduleFacts& facts, const std::string& store) {
  const std::string unit = kCollectUnit;
  if (facts.units.ok() && IsLoaded(*facts.units, unit)) {
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
  }
  struct stat info;
  if (stat(store.c_str(), &info) == 0) {
    const absl::StatusOr<Identity> who = AccountNamed(UserText(info.st_uid), {});
    if (who.ok()) return {.who = *who, .source = "the owner of the store"};
    return {.who = {.name = UserText(info.st_uid), .user = info.st_uid, .groups = {info.st_gid}},
            .source = "the owner of the store"};
  }
  return {.who = Myself(), .source = kWhoAsks};
}

}  // namespace cpuagg::tools::check
