#include "tools/check/schedule/schedule_facts.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "tools/system/cron_daemon.h"
#include "tools/system/cron_schedule.h"
#include "tools/system/kernel.h"
#include "tools/system/paths.h"
#include "tools/system/run_program.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

constexpr std::array kUnits = {"cpuagg-collect.timer",  "cpuagg-report.timer",
                               "cpuagg-deliver.timer",  "cpuagg-collect.service",
                               "cpuagg-report.service", "cpuagg-deliver.service"};

// Whether `systemctl mask` has left a link to /dev/null, or an empty file (systemd.unit(5)). A mask
// in /run exists only while systemd runs, which then reports it itself.
bool IsMaskedForBoot(const std::string& root, const char* unit) {
  const std::filesystem::path path = absl::StrCat(root, "/etc/systemd/system/", unit);
  std::error_code error;
  if (std::filesystem::read_symlink(path, error) == "/dev/null") return true;
  return std::filesystem::is_regular_file(path, error) && std::filesystem::is_empty(path, error);
}

// Whether this process has another root directory than the first process. Not every user may see
// that; but inside a chroot, the mount of the root directory is not among the visible mounts.
bool IsInChroot(const std::string& root) {
  struct stat here, of_first;
  if (stat((root + "/").c_str(), &here) == 0 &&
      stat((root + "/proc/1/root/").c_str(), &of_first) == 0) {
    return here.st_dev != of_first.st_dev || here.st_ino != of_first.st_ino;
  }
  const absl::StatusOr<std::string> mounts = ReadSmallFile(root + "/proc/self/mountinfo");
  if (!mounts.ok() || mounts->empty()) return false;
  for (const absl::string_view line : absl::StrSplit(*mounts, '\n')) {
    // The fifth field is the mount point: proc_pid_mountinfo(5).
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    if (fields.size() > 4 && fields[4] == "/") return false;
  }
  return true;
}

// Whether this is a separate pid namespace, so that the machine was not booted here.
bool IsInPidNamespace(const std::string& root) {
  // PROC_PID_INIT_INO of linux/proc_ns.h.
  constexpr absl::string_view kFirst = "pid:[4026531836]";
  std::error_code error;
  const std::filesystem::path own =
      std::filesystem::read_symlink(root + "/proc/self/ns/pid", error);
  return !error && own.native() != kFirst;
}

bool HasAny(const std::string& root, std::initializer_list<const char*> programs) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    for (const char* program : programs) {
      if (Exists(absl::StrCat(root, folder, program))) return true;
    }
  }
  return false;
}

std::string InstallingCron(const std::string& root) {
  struct Manager {
    const char* program;
    const char* command;
  };
  // cron recommends a mail server, which is not needed.
  constexpr std::array kManagers = {
      Manager{"apt-get", "apt-get install --no-install-recommends cron"},
      Manager{"dnf", "dnf install cronie"},
      Manager{"yum", "yum install cronie"},
      Manager{"zypper", "zypper install cron"},
      Manager{"pacman", "pacman -S cronie"},
  };
  for (const Manager& manager : kManagers) {
    if (HasAny(root, {manager.program})) return manager.command;
  }
  return "";
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
  } else {
    for (const char* unit : kUnits) {
      std::error_code ignored;
      // A link. Seen from outside of the root for which it was made, it leads nowhere.
      if (std::filesystem::is_symlink(
              absl::StrCat(root, "/etc/systemd/system/timers.target.wants/", unit), ignored)) {
        facts.enabled_for_boot.emplace_back(unit);
      }
      if (IsMaskedForBoot(root, unit)) facts.masked_for_boot.emplace_back(unit);
    }
  }
  facts.cron_runs = IsCronRunning(root);
  facts.has_cron = HasAny(root, {"cron", "crond", "fcron", "bcron-start"});
  facts.installs_cron = InstallingCron(root);
  facts.is_confined =
      IsInChroot(root) || IsInPidNamespace(root) || !ReadKernelFacts(root).confinement.empty();
  facts.cron = ReadCrontabs(root);
  if (const absl::StatusOr<std::string> program = PathOfThisProgram();
      program.ok() && WhyUnfitForRoot(*program).empty()) {
    facts.program = *program;
  }
  return facts;
}

}  // namespace cpuagg::tools::check
