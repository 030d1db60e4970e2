#include "tools/installation/schedule_step.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/file.h"
#include "tools/check/cron_schedule.h"
#include "tools/check/crontabs.h"
#include "tools/collect_command.h"
#include "tools/installation/cron_lines.h"
#include "tools/installation/distribution_package.h"
#include "tools/installation/root_file.h"
#include "tools/installation/system_facts.h"

namespace cpuagg::tools {
namespace {

using check::kCronFile;

constexpr std::array<const char*, 3> kTimers = {"cpuagg-collect.timer", "cpuagg-report.timer",
                                                "cpuagg-deliver.timer"};

// Empty for what cannot be read, or is no file.
std::string TextOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  const absl::StatusOr<acct::File> file = acct::File::OpenForReading(path);
  constexpr uint64_t kMost = uint64_t{1} << 20;
  return file.ok() ? file->ReadToEnd(kMost).value_or("") : "";
}

// What crontabs do that setup did not write, and where they are.
struct ForeignJobs {
  check::CronJobs jobs;
  std::string collect_path;
  std::string report_path;
};

ForeignJobs FindForeignJobs() {
  const bool is_own_file = IsOfSetup(TextOf(kCronFile));
  ForeignJobs found;
  for (const check::CronLine& line : check::ReadCrontabs("").lines) {
    if (is_own_file && line.path == kCronFile) continue;
    if (line.jobs.collect) found.collect_path = line.path;
    if (line.jobs.report) found.report_path = line.path;
    found.jobs.collect |= line.jobs.collect;
    found.jobs.report |= line.jobs.report;
  }
  return found;
}

// What is left to do, and a word about what is not.
check::CronJobs JobsToDo(SetupContext& context, bool sends) {
  const ForeignJobs foreign = FindForeignJobs();
  const auto say = [&](const char* job, const std::string& path) {
    context.dialogue.Note(absl::StrCat(path, " has a line that ", job,
                                       ", which goes on: nothing else is set up for that. Take it "
                                       "out and run cpuagg setup again to change over"));
  };
  if (foreign.jobs.collect) say("collects", foreign.collect_path);
  if (sends && foreign.jobs.report) say("reports", foreign.report_path);
  return {.collect = !foreign.jobs.collect, .report = sends && !foreign.jobs.report};
}

// Where systemd does not run, a timer can only be enabled for the next boot.
bool IsOn(const std::string& timer) {
  return Succeeds("systemctl", {"is-enabled", "--quiet", timer}) &&
         (!IsRunBySystemd() || Succeeds("systemctl", {"is-active", "--quiet", timer}));
}

bool HasCron() { return !FindSystemProgram("cron").empty() || !FindSystemProgram("crond").empty(); }

absl::Status RemoveCronFile(SetupContext& context) {
  if (!IsOfSetup(TextOf(kCronFile))) return absl::OkStatus();
  if (unlink(kCronFile) != 0) return acct::ErrnoStatus(errno, kCronFile, "remove");
  context.dialogue.Done(absl::StrCat("removed ", kCronFile, ", which setup had written"));
  return absl::OkStatus();
}

absl::Status EnableTimers(SetupContext& context, const check::CronJobs& jobs) {
  std::vector<std::string> timers;
  std::vector<std::string> off;
  for (const char* timer : kTimers) {
    const bool is_wanted = timer == kTimers[0] ? jobs.collect : jobs.report;
    if (!is_wanted || FindUnit(timer).empty()) continue;
    timers.emplace_back(timer);
    if (!IsOn(timer)) off.emplace_back(timer);
  }
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
    context.dialogue.Note("systemd does not run in here now; they begin when it does");
  }
  // Not before the timers are there in its place.
  return RemoveCronFile(context);
}

absl::Status WriteCronFile(SetupContext& context, const check::CronJobs& jobs) {
  if (!jobs.collect && !jobs.report) return absl::OkStatus();
  const std::string missing =
      IsRunBySystemd() ? "cpuagg's units are not installed (the package and the tarball have them: "
                         "docs/install.md)"
                       : "systemd does not run this machine";
  if (!HasCron()) {
    if (absl::Status status = InstallCronPackage(context); !status.ok()) return status;
  }
  if (!HasCron()) {
    context.Leave(
        absl::StrCat("nothing runs cpuagg by itself: ", missing,
                     ", and there is no cron. Let something run `cpuagg collect` every "
                     "quarter of an hour",
                     jobs.report ? ", and `cpuagg send --period last-day` once a day" : ""));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> program = check::PathOfThisProgram();
  if (!program.ok()) return program.status();
  if (const std::string why = check::WhyUnfitForRoot(*program); !why.empty()) {
    context.Leave(absl::StrCat("cron is to run ", *program, " as root, but ", why,
                               "; run install -m 0755 ", *program,
                               " /usr/local/bin/ and then /usr/local/bin/cpuagg setup"));
    return absl::OkStatus();
  }
  const std::string text = CronFileFor(*program, jobs);
  const std::string before = TextOf(kCronFile);
  if (text == before) {
    context.dialogue.Done(absl::StrCat(kCronFile, " is there"));
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> agreed = context.dialogue.Confirm(
      absl::StrCat("Timers are not to be had: ", missing, ". Write ", kCronFile, "?"));
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.dialogue.Note("nothing runs cpuagg by itself");
    return absl::OkStatus();
  }
  // Of somebody else's, without a job in it.
  if (!before.empty() && !IsOfSetup(before)) {
    context.Leave(
        absl::StrCat(kCronFile,
                     " is there, and not of setup: put the lines of "
                     "docs/setup.md into it, or move it away and run cpuagg setup again"));
    return absl::OkStatus();
  }
  if (absl::Status status = MakeRootDirectory("/etc/cron.d", {.mode = 0755}); !status.ok()) {
    return status;
  }
  if (absl::Status status = WriteRootFile(kCronFile, text, {.mode = 0644}); !status.ok()) {
    return status;
  }
  context.dialogue.Done(absl::StrCat("wrote ", kCronFile));
  return absl::OkStatus();
}

}  // namespace

bool HasUnits() {
  return IsRunBySystemd() && !FindUnit(kTimers[0]).empty() &&
         !FindSystemProgram("systemctl").empty();
}

absl::Status Schedule(SetupContext& context, bool sends) {
  if (!context.Begin("Timers",
                     "Collecting every quarter of an hour misses nothing over a rotation; reports "
                     "come in the morning, and what could not be delivered is tried again hourly.",
                     absl::StrCat("systemctl enable --now ", absl::StrJoin(kTimers, " "),
                                  "; without systemd, cron lines as in docs/setup.md"))) {
    return absl::OkStatus();
  }
  const check::CronJobs jobs = JobsToDo(context, sends);
  // In a root file system that systemd is to boot, such as a chroot or an image, timers can be
  // enabled all the same.
  const bool is_for_systemd =
      !HasCron() && !FindUnit(kTimers[0]).empty() && !FindSystemProgram("systemctl").empty();
  return HasUnits() || is_for_systemd ? EnableTimers(context, jobs) : WriteCronFile(context, jobs);
}

std::string HowReportsComeByThemselves() {
  if (IsOn("cpuagg-report.timer")) return "systemctl edit cpuagg-report.timer changes when";
  if (check::JobsIn(TextOf(kCronFile)).report)
    return absl::StrCat("the line in ", kCronFile, " says when");
  const ForeignJobs foreign = FindForeignJobs();
  if (foreign.jobs.report) return absl::StrCat("the line in ", foreign.report_path, " says when");
  return "";
}

absl::Status Unschedule(SetupContext& context) {
  std::vector<std::string> arguments = {"disable", "--now"};
  for (const char* timer : kTimers) {
    if (FindUnit(timer).empty()) continue;
    if (Succeeds("systemctl", {"is-enabled", "--quiet", timer}) ||
        Succeeds("systemctl", {"is-active", "--quiet", timer})) {
      arguments.emplace_back(timer);
    }
  }
  if (arguments.size() == 2) {
    context.dialogue.Done("no timer of cpuagg is enabled");
  } else {
    const absl::Status disabled = context.Run("systemctl", arguments);
    if (disabled.ok()) {
      context.dialogue.Done("the timers are off");
    } else {
      context.Leave(disabled.message());
    }
  }
  return RemoveCronFile(context);
}

absl::Status CollectOnce(SetupContext& context) {
  const bool has_unit = HasUnits() && !FindUnit("cpuagg-collect.service").empty();
  if (!context.Begin("First collect",
                     "What the accounting files hold already is counted, and shows whether all of "
                     "it can be read.",
                     has_unit ? "systemctl start cpuagg-collect.service" : "cpuagg collect")) {
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
  // Meanwhile somebody may have thought about an answer.
  context.session.now = absl::Now();
  const ExitCode code = RunCollect(context.session);
  if (code == kDone || code == kDamagedInput) {
    context.dialogue.Done(absl::StrCat("collected into ", context.session.StoreDirectory()));
  } else {
    context.Leave("collecting failed, as said above; mend that, and run cpuagg collect");
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
