#include "tools/check/schedule_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aggregate/directory_files.h"
#include "tools/check/small_file.h"
#include "tools/run_program.h"

namespace cpuagg::tools::check {
namespace {

constexpr char kSubject[] = "schedule";

constexpr std::array kUnits = {"cpuagg-collect.timer",  "cpuagg-report.timer",
                               "cpuagg-deliver.timer",  "cpuagg-collect.service",
                               "cpuagg-report.service", "cpuagg-deliver.service"};

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

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
  return absl::StartsWith(PropertyOf(units, timer, "UnitFileState"), "enabled");
}

// A line that runs one of `commands`.
const CronLine* LineThatRuns(const std::vector<CronLine>& cron,
                             std::initializer_list<absl::string_view> commands) {
  for (const CronLine& line : cron) {
    for (const absl::string_view command : commands) {
      const size_t at = line.text.find("cpuagg");
      if (at != std::string::npos &&
          absl::StrContains(absl::string_view(line.text).substr(at), command)) {
        return &line;
      }
    }
  }
  return nullptr;
}

// How something is run by itself; `commands` are those of cron lines, `timer` is without its end.
Finding CheckTask(const ScheduleFacts& facts, absl::string_view id, absl::string_view what,
                  const std::string& name, std::initializer_list<absl::string_view> commands,
                  absl::string_view cron_line, Level if_missing) {
  Finding finding = {.id = std::string(id), .subject = absl::StrCat(kSubject, " of ", what)};
  const std::string timer = name + ".timer";
  const CronLine* const line = LineThatRuns(facts.cron, commands);
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
    return finding;
  }
  if (IsLoaded(units, timer)) {
    finding.level = if_missing;
    finding.text = absl::StrCat(timer, " is off");
    finding.mends = {absl::StrCat("systemctl enable --now ", timer)};
    return finding;
  }
  if (!facts.unread.empty()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat(
        "no timer and no line of a crontab that may be read here; as root it "
        "could tell (",
        facts.unread[0], ")");
    return finding;
  }
  finding.level = if_missing;
  finding.text = "nothing does it: there is no timer, and no line of a crontab";
  finding.mends = {"cpuagg setup", absl::StrCat("echo '", cron_line, "' >>/etc/cron.d/cpuagg")};
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
                            absl::StrCat("systemctl start ", unit, "  # when that is mended")}});
  }
}

}  // namespace

Units ParseUnits(absl::string_view shown) {
  Units units;
  std::map<std::string, std::string> properties;
  const auto finish = [&] {
    if (const auto id = properties.find("Id"); id != properties.end()) {
      units[id->second] = properties;
    }
    properties.clear();
  };
  for (const absl::string_view line : absl::StrSplit(shown, '\n')) {
    if (line.empty()) {
      finish();
      continue;
    }
    const std::pair<absl::string_view, absl::string_view> property =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    properties[std::string(property.first)] = std::string(property.second);
  }
  finish();
  return units;
}

std::vector<CronLine> CronLinesIn(absl::string_view text, const std::string& path) {
  std::vector<CronLine> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#' || !absl::StrContains(line, "cpuagg")) continue;
    for (const absl::string_view command : {" collect", " run", " send"}) {
      if (absl::StrContains(line.substr(line.find("cpuagg")), command)) {
        lines.push_back({path, std::string(line)});
        break;
      }
    }
  }
  return lines;
}

ScheduleFacts GatherSchedule(const std::string& root, bool sends) {
  ScheduleFacts facts = {.sends = sends};
  facts.has_systemd = Exists(root + "/run/systemd/system");
  if (facts.has_systemd) {
    ProgramCall call = {.path = "/usr/bin/systemctl",
                        .arguments = {"show", "--no-pager",
                                      "--property=Id,LoadState,ActiveState,UnitFileState,Result,"
                                      "ExecMainStatus,LastTriggerUSec,User,SupplementaryGroups,"
                                      "AmbientCapabilities"},
                        .time_limit = absl::Seconds(5)};
    call.arguments.insert(call.arguments.end(), kUnits.begin(), kUnits.end());
    if (!Exists(call.path)) call.path = "/bin/systemctl";
    const absl::StatusOr<ProgramResult> run = RunProgram(call);
    if (!run.ok()) {
      facts.units = run.status();
    } else if (!run->succeeded()) {
      facts.units = absl::UnavailableError(
          absl::StrCat("systemctl show: ", absl::StripAsciiWhitespace(run->err)));
    } else {
      facts.units = ParseUnits(run->out);
    }
  }
  std::vector<std::string> paths = {root + "/etc/crontab"};
  for (const char* directory :
       {"/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly",
        "/var/spool/cron/crontabs", "/var/spool/cron"}) {
    const absl::StatusOr<std::vector<std::string>> names = aggregate::NamesIn(root + directory);
    if (!names.ok()) facts.unread.push_back(root + directory);
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      // As run-parts and cron do, which leave out what an editor or dpkg has put aside.
      const bool is_of_users = absl::StartsWith(directory, "/var/");
      if (!is_of_users && absl::StrContains(name, ".")) continue;
      paths.push_back(absl::StrCat(root, directory, "/", name));
    }
  }
  for (const std::string& path : paths) {
    const absl::StatusOr<std::string> text = ReadSmallFile(path);
    if (absl::IsFailedPrecondition(text.status())) facts.unread.push_back(path);
    if (!text.ok()) continue;
    const std::vector<CronLine> lines = CronLinesIn(*text, path);
    facts.cron.insert(facts.cron.end(), lines.begin(), lines.end());
  }
  return facts;
}

void CheckSchedule(const ScheduleFacts& facts, Findings& findings) {
  findings.Add(CheckTask(facts, "schedule_collect", "collecting", "cpuagg-collect",
                         {" collect", " run"}, "*/15 * * * * root cpuagg collect --quiet",
                         Level::kWarning));
  if (facts.sends) {
    findings.Add(CheckTask(facts, "schedule_report", "reports", "cpuagg-report",
                           {" run", " send --period", " send"},
                           "0 7 * * * root cpuagg send --period last-day", Level::kWarning));
    findings.Add(CheckTask(facts, "schedule_deliver", "delivery", "cpuagg-deliver",
                           {" send", " run"}, "20 * * * * root cpuagg send --pending --quiet",
                           Level::kNote));
  } else {
    findings.Add({.id = "schedule_report",
                  .level = Level::kNote,
                  .subject = "schedule of reports",
                  .text = "not looked at, since no chat is configured"});
  }
  if (!facts.units.ok()) return;
  CheckResults(*facts.units, findings);
  const CronLine* const sends = LineThatRuns(facts.cron, {" run", " send"});
  const CronLine* const any = LineThatRuns(facts.cron, {" run", " send", " collect"});
  const bool both_send = sends != nullptr && IsOn(*facts.units, "cpuagg-report.timer");
  const bool both_collect = any != nullptr && IsOn(*facts.units, "cpuagg-collect.timer");
  if (!both_send && !both_collect) return;
  findings.Add({.id = "schedule_twice",
                .level = Level::kWarning,
                .subject = kSubject,
                .text = absl::StrCat("timers and cron (", (both_send ? sends : any)->path,
                                     ") both run cpuagg: ",
                                     both_send ? "each report is sent twice"
                                               : "collecting twice is harmless, but one is enough"),
                .mends = {absl::StrCat("sed -i '/cpuagg/s/^/#/' ",
                                       ShellWord((both_send ? sends : any)->path))}});
}

bool CollectsByTimer(const ScheduleFacts& facts) {
  return facts.units.ok() && IsOn(*facts.units, "cpuagg-collect.timer");
}

Collector FindCollector(const ScheduleFacts& facts, const std::string& store) {
  const std::string unit = "cpuagg-collect.service";
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
  return {.who = Myself(), .source = "who asks"};
}

}  // namespace cpuagg::tools::check
