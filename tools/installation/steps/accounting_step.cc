#include "tools/installation/steps/accounting_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/scan/other_file.h"
#include "tools/installation/context/distribution_package.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/accounting_state.h"
#include "tools/system/root_file.h"

namespace cpuagg::tools {
namespace {

// Whether this process may turn accounting on. Finds out with a call that changes nothing: the
// kernel checks the permission first (linux/kernel/acct.c), and then finds that "" is not a file.
absl::Status MayTurnAccountingOn() {
  if (::acct("") == 0 || errno == ENOENT) return absl::OkStatus();
  if (errno == ENOSYS) {
    return absl::FailedPreconditionError(
        "this kernel was built without process accounting (CONFIG_BSD_PROCESS_ACCT); no program "
        "can turn it on, and there is nothing to collect. Nothing was changed");
  }
  return absl::FailedPreconditionError(
      absl::StrCat("accounting cannot be turned on from here: acct(2): ", strerror(errno),
                   ". That takes root with CAP_SYS_PACCT on the machine itself. In a container, "
                   "run setup on the host, or give the container that capability (docker run "
                   "--cap-add SYS_PACCT). Nothing was changed"));
}

std::string FindAccountingUnit() {
  for (const char* unit : {"acct.service", "psacct.service"}) {
    if (!FindUnit(unit).empty()) return unit;
  }
  return "";
}

// Whether `unit` turns accounting on for `file`.
bool IsFor(const std::string& unit, const std::string& file) {
  const absl::StatusOr<acct::File> opened = acct::File::OpenForReading(FindUnit(unit));
  constexpr uint64_t kMost = uint64_t{1} << 16;
  return opened.ok() && absl::StrContains(opened->ReadToEnd(kMost).value_or(""), file);
}

// Makes sure that accounting is turned on at the next boot. Does not report what is already set up.
absl::Status KeepOnAfterBoots(SetupContext& context, const std::string& file) {
  const std::string unit = IsRunBySystemd() ? FindAccountingUnit() : "";
  if (unit.empty()) {
    std::error_code ignored;
    for (const char* script : {"/etc/init.d/acct", "/etc/init.d/psacct"}) {
      if (!std::filesystem::exists(script, ignored)) continue;
      context.dialogue.Done(absl::StrCat(script, " turns it on at the next boots"));
      return absl::OkStatus();
    }
    context.Leave(
        absl::StrCat("nothing turns accounting on at the next boot: install the package acct "
                     "(Debian, Ubuntu, SUSE) or psacct (RHEL, Fedora), or run accton ",
                     file, " at each boot"));
    return absl::OkStatus();
  }
  if (IsMasked(unit)) {
    context.LeaveMasked(unit);
    return absl::OkStatus();
  }
  if (!IsFor(unit, file)) {
    context.Leave(
        absl::StrCat(unit, " does not turn accounting on for ", file,
                     " at the next boot: change its ExecStart with systemctl edit --full ", unit,
                     ", or ACCOUNTING_FILE in ", kHostConfiguration));
    return absl::OkStatus();
  }
  if (Succeeds("systemctl", {"is-enabled", "--quiet", unit})) {
    context.dialogue.Done(absl::StrCat(unit, " turns it on at the next boots"));
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> agreed = context.dialogue.Confirm(
      absl::StrCat("Turn it on at the next boots as well, by ", unit, "?"));
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.dialogue.Note("accounting ends with the next boot");
    return absl::OkStatus();
  }
  context.record.accounting_unit = unit;
  if (absl::Status status = context.SaveRecord(); !status.ok()) return status;
  const absl::Status enabled = context.Run("systemctl", {"enable", unit});
  if (enabled.ok()) {
    context.dialogue.Done(absl::StrCat(unit, " turns it on at the next boots"));
  } else {
    context.Leave(
        absl::StrCat(enabled.message(), "; without it accounting ends with the next boot"));
  }
  return absl::OkStatus();
}

// Creates an empty file like Debian's package, for root and for users who may read logs.
absl::Status MakeFile(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path();
  if (absl::Status status = MakeRootDirectory(directory, {.mode = 0755}); !status.ok()) {
    return status;
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno == EEXIST ? absl::OkStatus() : acct::ErrnoStatus(errno, path, "make");
  const std::optional<gid_t> readers = FindGroup("adm");
  const bool is_done =
      fchown(fd, 0, readers.value_or(0)) == 0 && fchmod(fd, readers.has_value() ? 0640 : 0600) == 0;
  const int error = errno;
  close(fd);
  return is_done ? absl::OkStatus() : acct::ErrnoStatus(error, path, "set the owner of");
}

// Why no records come although accounting was turned on.
std::string WhyNoRecords(const std::string& file) {
  const absl::StatusOr<acct::FreeSpace> space = acct::FreeSpaceOf(file);
  if (space.ok() && space->may_be_paused()) {
    return absl::StrCat("the kernel does not write while its disk has less than ",
                        space->goes_on_at / 100, "% free: make room where ", file, " is");
  }
  return "no process that ends leaves a record there; in a container, only the machine itself may "
         "be accounted for: run setup there";
}

absl::Status TurnOnNow(SetupContext& context, const std::string& file) {
  context.record.accounting_file = file;
  if (absl::Status status = context.SaveRecord(); !status.ok()) return status;
  if (absl::Status status = MakeFile(file); !status.ok()) return status;
  const std::string unit = FindAccountingUnit();
  if (IsRunBySystemd() && !unit.empty() && IsFor(unit, file)) {
    // Restarts it, since systemd may believe that it has been running since the boot.
    const absl::Status started = context.Run("systemctl", {"restart", unit});
    if (!started.ok()) context.dialogue.Note(started.message());
  }
  if (IsWrittenTo(file)) return absl::OkStatus();
  context.dialogue.Say(absl::StrCat("  $ accton ", file));
  if (::acct(file.c_str()) != 0) return acct::ErrnoStatus(errno, file, "turn accounting on for");
  if (WillBeWrittenTo(file, true)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(file, ": accounting was turned on, but ", WhyNoRecords(file)));
}

// For a dry run, which may be anybody's.
std::string StateOfAccounting(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return absl::StrCat(file, " is a folder");
  if (IsWrittenTo(file)) return absl::StrCat("done; the kernel writes to ", file);
  return absl::StrCat("to do; no process that ends leaves a record in ", file);
}

}  // namespace

absl::Status TurnAccountingOn(SetupContext& context) {
  std::string file = AccountingPath(context.command);
  const bool is_other_file = acct::HoldsNoRecord(file);
  if (!context.Begin("Process accounting",
                     "The kernel writes a record of each process that ends, and cpuagg counts "
                     "these records. Accounting is off until it is turned on.",
                     absl::StrCat("apt-get install acct (RHEL: dnf install psacct), systemctl "
                                  "enable --now acct.service",
                                  is_other_file ? "" : absl::StrCat(", or accton ", file)),
                     [&] { return StateOfAccounting(file); })) {
    return absl::OkStatus();
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    context.dialogue.Done(
        absl::StrCat(file, " is a folder: the program that fills it keeps accounting on"));
    return absl::OkStatus();
  }
  if (IsWrittenTo(file)) {
    context.dialogue.Done(absl::StrCat("on already: the kernel writes to ", file));
    return KeepOnAfterBoots(context, file);
  }
  if (IsWrittenTo("/run/pacct_source")) {
    return absl::FailedPreconditionError(
        "accounting is on, for atopacctd, which passes its records on in /run/pacct_shadow.d: run "
        "CPUAGG_ACCOUNTING_FILE=/run/pacct_shadow.d cpuagg setup to use those, or stop atopacct. "
        "Nothing was changed");
  }
  if (const std::string other = FindOtherFile(context.command, file); !other.empty()) {
    if (context.command.config.Get("ACCOUNTING_FILE").has_value()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "ACCOUNTING_FILE: the kernel does not write to ", file, " but to ", other, "; set that",
          is_other_file ? "" : absl::StrCat(", or run accton ", file), ". Nothing was changed"));
    }
    context.changes["ACCOUNTING_FILE"] = other;
    context.command.flags.accounting_file = other;
    context.dialogue.Done(absl::StrCat("on already: the kernel writes to ", other));
    return KeepOnAfterBoots(context, other);
  }
  // The kernel would append records to it.
  if (is_other_file) {
    return absl::FailedPreconditionError(
        absl::StrCat(file,
                     ": holds no accounting records, so accounting is not turned on for it: "
                     "set ACCOUNTING_FILE to another path, or move this file away. Nothing "
                     "was changed"));
  }
  if (absl::Status status = MayTurnAccountingOn(); !status.ok()) return status;
  const absl::StatusOr<bool> agreed =
      context.dialogue.Confirm("It is off. Turn it on, now and for the next boots?");
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.dialogue.Note("accounting stays off: no records are written until it is on");
    return absl::OkStatus();
  }
  if (FindSystemProgram("accton").empty() || !IsAccountingRotated()) {
    if (absl::Status status = InstallAccountingPackage(context); !status.ok()) return status;
    // A usual accounting file may exist now.
    file = AccountingPath(context.command);
  }
  if (!IsWrittenTo(file)) {
    if (absl::Status status = TurnOnNow(context, file); !status.ok()) return status;
  } else if (context.record.accounting_file.empty()) {
    // The package did it.
    context.record.accounting_file = file;
    if (absl::Status status = context.SaveRecord(); !status.ok()) return status;
  }
  context.dialogue.Done(absl::StrCat("on: the kernel writes to ", file));
  if (!IsAccountingRotated()) {
    context.dialogue.Note(absl::StrCat("nothing rotates ", file,
                                       ", which grows without limit: install the package acct (or "
                                       "psacct), or write a logrotate.d file"));
  }
  return KeepOnAfterBoots(context, file);
}

}  // namespace cpuagg::tools
