#include "tools/installation/steps/schedule_step.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/collect/collect_command.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/cron_file.h"
#include "tools/installation/steps/cron_lines.h"
#include "tools/system/cron_schedule.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools {
namespace {

constexpr std::array<const char*, 3> kTimers = {"cpuagg-collect.timer", "cpuagg-report.timer",
                                                "cpuagg-deliver.timer"};

// The jobs of crontabs that setup did not write, and where they are.
struct ForeignJobs {
  check::CronJobs jobs;
  std::string collect_path;
  std::string report_path;
};

// Other jobs in setup's own file count only if setup's own lines go there too.
ForeignJobs FindForeignJobs(bool for_timers) {
  const std::string own = CronFileText();
  std::vector<std::string> kept;
  if (for_timers && IsOfSetup(own)) kept = WithoutSetup(own).kept;
  ForeignJobs found;
  for (const check::CronLine& line : check::ReadCrontabs("").lines) {
    if (IsOfSetup(own) && line.path == check::kCronFile &&
        std::find(kept.begin(), kept.end(), line.text) == kept.end()) {
      continue;
    }
    if (line.jobs.collect) found.collect_path = line.path;
    if (line.jobs.report) found.report_path = line.path;
    found.jobs.collect |= line.jobs.collect;
    found.jobs.report |= line.jobs.report;
  }
  return found;
}

// The jobs left to do. Prints a remark for those that are not.
check::CronJobs JobsToDo(SetupContext& context, bool sends, bool for_timers) {
  const ForeignJobs foreign = FindForeignJobs(for_timers);
  const auto say = [&](const char* job, const std::string& path) {
    context.dialogue.Note(absl::StrCat(path, " has a line that ", job,
                                       ", which stays: setup adds nothing for that. To change "
                                       "over, remove the line and run cpuagg setup again"));
  };
  if (foreign.jobs.collect) say("collects", foreign.collect_path);
  if (sends && foreign.jobs.report) say("reports", foreign.report_path);
  return {.collect = !foreign.jobs.collect, .report = sends && !foreign.jobs.report};
}

// Whether neither the timer nor its service is masked. Reports masked ones.
bool IsUnmasked(SetupContext& context, const std::string& timer) {
  bool is_unmasked = true;
  for (const std::string& unit :
       {timer, absl::StrCat(absl::StripSuffix(timer, ".timer"), ".service")}) {
    if (!IsMasked(unit)) continue;
    context.LeaveMasked(unit);
    is_unmasked = false;
  }
  return is_unmasked;
}

absl::Status EnableTimers(SetupContext& context, const check::CronJobs& jobs) {
  std::vector<std::string> timers;
  std::vector<std::string> off;
  bool has_masked = false;
  for (const char* timer : kTimers) {
    const bool is_wanted = timer == kTimers[0] ? jobs.collect : jobs.report;
    if (!is_wanted || FindUnit(timer).empty()) continue;
    if (!IsUnmasked(context, timer)) {
      has_masked = true;
      continue;
    }
    timers.emplace_back(timer);
    if (!IsOn(timer)) off.emplace_back(timer);
  }
  // Keeps the jobs of cron meanwhile.
  if (has_masked && IsOfSetup(CronFileText())) return absl::OkStatus();
  if (off.empty()) {
    if (!timers.empty()) {
      context.dialogue.Done(absl::StrCat("enabled already: ", absl::StrJoin(timers, ", ")));
    }
    return RemoveCronFile(context);
  }
  const absl::StatusOr<bool> agreed =
      context.dialogue.Confirm(absl::StrCat("Enable ", absl::StrJoin(off, ", "), "?"));
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.dialogue.Note("nothing runs cpuagg by itself");
    return absl::OkStatus();
  }
  std::vector<std::string> arguments = {"enable"};
  if (IsRunBySystemd()) arguments.emplace_back("--now");
  arguments.insert(arguments.end(), off.begin(), off.end());
  const absl::Status enabled = context.Run("systemctl", arguments);
  if (!enabled.ok()) {
    context.Leave(enabled.message());
    return absl::OkStatus();
  }
  context.dialogue.Done(absl::StrCat("enabled: ", absl::StrJoin(off, ", ")));
  if (!IsRunBySystemd()) {
    context.dialogue.Note(
        HasCron()
            ? "systemd, which is the init of this system, does not run now, and cron does not "
              "run either: the timers start when it boots. If cron should run cpuagg, start "
              "it and run cpuagg setup again"
            : "systemd does not run here now; they start when it does");
  }
  // Only after the timers have replaced it.
  return RemoveCronFile(context);
}

// The timers that are enabled or running.
std::vector<std::string> EnabledTimers() {
  std::vector<std::string> timers;
  for (const char* timer : kTimers) {
    if (FindUnit(timer).empty()) continue;
    // In a chroot, systemctl succeeds in everything that only a running systemd knows.
    if (Succeeds("systemctl", {"is-enabled", "--quiet", timer}) ||
        (IsRunBySystemd() && Succeeds("systemctl", {"is-active", "--quiet", timer}))) {
      timers.emplace_back(timer);
    }
  }
  return timers;
}

absl::Status DisableTimers(SetupContext& context) {
  std::vector<std::string> arguments = {"disable"};
  // Otherwise nothing is running, and systemctl would fail.
  if (IsRunBySystemd()) arguments.emplace_back("--now");
  const std::vector<std::string> before = EnabledTimers();
  arguments.insert(arguments.end(), before.begin(), before.end());
  const absl::Status disabled = context.Run("systemctl", arguments);
  const std::vector<std::string> on = EnabledTimers();
  if (on.empty()) {
    context.dialogue.Done("the timers are off");
  } else {
    context.Leave(absl::StrCat(disabled.message(), disabled.ok() ? "" : "; ",
                               "still on: ", absl::StrJoin(on, ", ")));
  }
  return absl::OkStatus();
}

// Whether systemd will run this machine and find the units, although it does not run now: in a
// chroot, or an image that is being built. If a cron runs, it is used instead.
bool BootsWithUnits() {
  return !IsRunBySystemd() && !FindUnit(kTimers[0]).empty() &&
         !FindSystemProgram("systemctl").empty() && IsSystemdTheInit() && !IsCronRunning();
}

std::string StateOfSchedule() {
  std::vector<std::string> found = EnabledTimers();
  for (const check::CronLine& line : check::ReadCrontabs("").lines) {
    if (!line.jobs.collect && !line.jobs.report) continue;
    found.push_back(absl::StrCat("a line of ", line.path));
  }
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (found.empty()) return "to do; nothing runs cpuagg by itself";
  return absl::StrCat("cpuagg is run by ", absl::StrJoin(found, ", "));
}

}  // namespace

bool IsOn(const std::string& timer) {
  return Succeeds("systemctl", {"is-enabled", "--quiet", timer}) &&
         (!IsRunBySystemd() || Succeeds("systemctl", {"is-active", "--quiet", timer}));
}

bool HasUnits() {
  return IsRunBySystemd() && !FindUnit(kTimers[0]).empty() &&
         !FindSystemProgram("systemctl").empty();
}

absl::Status Schedule(SetupContext& context, bool sends) {
  const bool has_timers = HasUnits() || BootsWithUnits();
  if (!context.Begin(
          "Timers",
          "Collecting every quarter of an hour loses nothing in a rotation. Reports come in the "
          "morning, and those that could not be delivered are tried again every hour.",
          has_timers || HasCron()
              ? absl::StrCat("systemctl enable --now ", absl::StrJoin(kTimers, " "),
                             "; without systemd, the cron lines of cpuagg(1), EXAMPLES")
              : "install the missing package cron (Debian: apt-get install "
                "--no-install-recommends cron), and write the cron lines of cpuagg(1), EXAMPLES",
          StateOfSchedule)) {
    return absl::OkStatus();
  }
  const check::CronJobs jobs = JobsToDo(context, sends, has_timers);
  if (has_timers) return EnableTimers(context, jobs);
  if (absl::Status status = WriteCronFile(context, jobs); !status.ok()) return status;
  // After a boot with systemd, both would run.
  if (IsOfSetup(CronFileText()) && !EnabledTimers().empty()) return DisableTimers(context);
  return absl::OkStatus();
}

bool IsUnscheduled() { return EnabledTimers().empty() && !IsOfSetup(CronFileText()); }

absl::Status Unschedule(SetupContext& context) {
  if (EnabledTimers().empty()) {
    context.dialogue.Done("no timer of cpuagg is enabled");
  } else if (absl::Status status = DisableTimers(context); !status.ok()) {
    return status;
  }
  if (absl::Status status = RemoveCronFile(context); !status.ok()) return status;
  for (const check::CronLine& line : check::ReadCrontabs("").lines) {
    context.dialogue.Note(absl::StrCat(
        line.path,
        " runs cpuagg by a line that setup did not write, and which stays: ", line.text));
  }
  return absl::OkStatus();
}

absl::Status CollectOnce(SetupContext& context) {
  const bool has_unit = HasUnits() && !FindUnit("cpuagg-collect.service").empty();
  if (!context.Begin("First collect",
                     "This counts the records that the accounting files already hold, and shows "
                     "whether all can be read.",
                     has_unit ? "systemctl start cpuagg-collect.service" : "cpuagg collect")) {
    return absl::OkStatus();
  }
  if (has_unit && IsMasked("cpuagg-collect.service")) {
    context.LeaveMasked("cpuagg-collect.service");
    return absl::OkStatus();
  }
  if (has_unit) {
    const absl::Status run =
        context.Run("systemctl", {"start", "cpuagg-collect.service"}, absl::Minutes(31));
    if (run.ok()) {
      context.dialogue.Done("collected");
    } else {
      context.Leave(absl::StrCat("collecting failed: ", run.message(),
                                 "; journalctl -u cpuagg-collect.service says why"));
    }
    return absl::OkStatus();
  }
  // The admin may have taken some time to answer.
  context.command.now = absl::Now();
  const ExitCode code = RunCollect(context.command);
  if (code == kDone || code == kDamagedInput) {
    context.dialogue.Done(absl::StrCat("collected into ", context.command.StoreDirectory()));
  } else {
    context.Leave("collecting failed, see above; fix that, and run cpuagg collect");
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
