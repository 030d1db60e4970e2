#include "tools/check/accounting_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "notify/text.h"
#include "tools/check/age_text.h"

namespace cpuagg::tools::check {
namespace {

constexpr char kSubject[] = "accounting";

std::string PercentText(uint64_t hundredths) {
  return absl::StrFormat("%d.%02d %%", hundredths / 100, hundredths % 100);
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool IsDirectory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

std::string LastRecordText(const AccountingFacts& facts) {
  if (!facts.before.ok() || !facts.before->last_end.has_value())
    return "there was no record before";
  return absl::StrCat("the record before is ", AgeText(facts.now - *facts.before->last_end),
                      " old");
}

// Why no file is written to where this is no machine of its own.
std::string ConfinementText(const KernelFacts& kernel) {
  return absl::StrCat("this is ", kernel.confinement,
                      ", where accounting is usually the host's affair");
}

std::vector<std::string> MendsThatTurnOn(const AccountingFacts& facts) {
  if (facts.kernel.confinement.empty()) return check::MendsThatTurnOn(facts.file, facts.turning_on);
  return {
      "run cpuagg on the host, or give it the host's accounting file (ACCOUNTING_FILE) and its "
      "/proc (PROC) here"};
}

Finding NotReadable(const AccountingFacts& facts, Finding finding) {
  const absl::Status& status = facts.after.status();
  finding.text = std::string(status.message());
  if (absl::IsNotFound(status)) {
    finding.level = Level::kCritical;
    absl::StrAppend(&finding.text, "; the kernel cannot be writing to it");
    finding.mends = MendsThatTurnOn(facts);
    return finding;
  }
  if (absl::IsFailedPrecondition(status)) {
    finding.level = Level::kUnknown;
    finding.mends = {"sudo cpuagg check"};
    absl::StrAppend(&finding.text, "; root could tell more");
    return finding;
  }
  finding.level = Level::kCritical;
  finding.mends = {absl::StrCat("move it away: mv ", ShellWord(facts.file), " ",
                                ShellWord(facts.file + ".other"))};
  const std::vector<std::string> turn_on = MendsThatTurnOn(facts);
  finding.mends.insert(finding.mends.end(), turn_on.begin(), turn_on.end());
  return finding;
}

// savelog begins with .0, logrotate with .1 or dates.
std::string SchemeOf(const std::vector<acct::Generation>& generations) {
  size_t rotated = 0;
  bool has_zero = false;
  bool has_date = false;
  bool has_other = false;
  for (const acct::Generation& generation : generations) {
    if (generation.is_current) continue;
    ++rotated;
    const std::string name = std::filesystem::path(generation.path).filename().string();
    const size_t digits = name.find_first_of("0123456789");
    const std::string number =
        digits == std::string::npos
            ? ""
            : name.substr(digits, name.find_first_not_of("0123456789", digits) - digits);
    has_zero = has_zero || number == "0";
    has_date = has_date || number.size() >= 8;
    has_other = has_other || !generation.has_usual_name;
  }
  if (rotated == 0) return "not rotated yet";
  const std::string count = absl::StrCat(rotated, " rotated");
  if (has_date) return absl::StrCat(count, ", by date (logrotate's dateext)");
  if (has_zero) return absl::StrCat(count, ", by number from 0 (savelog)");
  if (has_other) return absl::StrCat(count, ", some under unusual names");
  return absl::StrCat(count, ", by number (logrotate)");
}

}  // namespace

Finding CheckKernel(const KernelFacts& kernel) {
  Finding finding = {.id = "accounting_kernel", .subject = "kernel"};
  if (!kernel.has_accounting.has_value()) {
    finding.level = Level::kNote;
    finding.text =
        absl::StrCat(kernel.release, ": nothing here tells whether it can do process accounting");
    return finding;
  }
  if (!*kernel.has_accounting) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(kernel.release, " cannot do process accounting (", kernel.source,
                                ": no CONFIG_BSD_PROCESS_ACCT)",
                                kernel.confinement.empty() ? "" : "; this is ", kernel.confinement);
    finding.mends = {
        "boot a kernel that has CONFIG_BSD_PROCESS_ACCT=y and CONFIG_BSD_PROCESS_ACCT_V3=y, as "
        "those of the distributions have"};
    return finding;
  }
  finding.text = absl::StrCat(kernel.release, " can do process accounting (", kernel.source, ")");
  if (kernel.writes_version3.has_value() && !*kernel.writes_version3) {
    finding.level = Level::kWarning;
    absl::StrAppend(&finding.text,
                    ", and writes records of version 2, which have no process ids and coarser "
                    "user ids: running processes cannot be told from ended ones");
    finding.mends = {"boot a kernel that has CONFIG_BSD_PROCESS_ACCT_V3=y"};
  }
  return finding;
}

TurningOn FindTurningOn() {
  TurningOn how;
  for (const char* path : {"/usr/sbin/accton", "/sbin/accton", "/usr/bin/accton"}) {
    if (how.accton.empty() && Exists(path)) how.accton = path;
  }
  if (Exists("/run/systemd/system")) {
    for (const char* unit : {"acct", "psacct"}) {
      for (const char* directory : {"/lib/systemd/system/", "/usr/lib/systemd/system/",
                                    "/etc/systemd/system/", "/run/systemd/generator.late/"}) {
        if (how.unit.empty() && Exists(absl::StrCat(directory, unit, ".service"))) how.unit = unit;
      }
    }
  }
  if (Exists("/usr/bin/apt-get")) {
    how.installs = "apt-get install acct";
  } else if (Exists("/usr/bin/dnf")) {
    how.installs = "dnf install psacct";
  } else if (Exists("/usr/bin/pacman")) {
    how.installs = "pacman -S acct";
  } else if (Exists("/usr/bin/zypper")) {
    how.installs = "zypper install acct";
  }
  return how;
}

std::vector<std::string> MendsThatTurnOn(const std::string& file, const TurningOn& how) {
  std::vector<std::string> mends;
  if (how.accton.empty()) {
    mends.push_back(how.installs.empty() ? "install GNU acct (accton)" : how.installs);
  }
  const std::string accton = how.accton.empty() ? "accton" : how.accton;
  mends.push_back(absl::StrCat("touch ", ShellWord(file), " && chmod 0640 ", ShellWord(file),
                               " && ", accton, " ", ShellWord(file)));
  if (!how.unit.empty()) {
    mends.push_back(absl::StrCat("systemctl enable --now ", how.unit, "  # at each boot as well"));
  }
  return mends;
}

AccountingFacts GatherAccounting(const std::string& file, bool is_proc_named, absl::Time now,
                                 const KernelFacts& kernel) {
  AccountingFacts facts = {.file = file,
                           .kernel = kernel,
                           .turning_on = FindTurningOn(),
                           .now = now,
                           .is_proc_named = is_proc_named};
  facts.space = acct::FreeSpaceOf(file);
  // A rotation in between takes the record elsewhere.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    facts.before = ReadRecordTail(file, std::nullopt);
    const absl::StatusOr<acct::AccountingProbe> probe = acct::ProbeAccounting();
    facts.after = ReadRecordTail(file, probe.ok() ? std::optional(*probe) : std::nullopt);
    if (!probe.ok() && facts.after.ok()) facts.after = probe.status();
    if (!facts.after.ok() || facts.after->has_probe) break;
  }
  return facts;
}

Finding CheckAccountingOn(const AccountingFacts& facts) {
  Finding finding = {.id = "accounting_on", .subject = kSubject};
  if (IsDirectory(facts.file)) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat(facts.file,
                                " is a folder of files, to which the kernel does not write itself: "
                                "whether they grow is not looked at");
    return finding;
  }
  if (!facts.after.ok()) return NotReadable(facts, std::move(finding));
  const RecordTail& after = *facts.after;
  if (facts.before.ok() && facts.before->last_end.has_value()) {
    finding.numbers = {
        {"last_record_age", absl::ToInt64Seconds(facts.now - *facts.before->last_end), "s"}};
  }
  if (after.has_probe) {
    finding.text = absl::StrCat("on, to ", facts.file,
                                ": it has the record of a process that has just ended; ",
                                LastRecordText(facts));
    return finding;
  }
  if (facts.before.ok() && facts.before->file_bytes != after.file_bytes) {
    finding.text = absl::StrCat(facts.file, " grows, but has no record of a process of this ",
                                "namespace that has just ended");
    finding.level = facts.is_proc_named ? Level::kOk : Level::kWarning;
    if (!facts.is_proc_named) {
      finding.mends = {
          "name this machine's own file with --accounting-file or ACCOUNTING_FILE, or with PROC "
          "the "
          "/proc of the processes that this one is about"};
    }
    return finding;
  }
  if (after.file_bytes > 0 && after.records == 0) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(
        facts.file, " holds no accounting records, and the kernel does not write to it");
    finding.mends = {"name the kernel's file with --accounting-file or ACCOUNTING_FILE"};
    return finding;
  }
  finding.level = Level::kCritical;
  finding.text =
      absl::StrCat("off: ", facts.file, " has no record of a process that has just ended; ",
                   LastRecordText(facts));
  if (facts.space.ok() && facts.space->may_be_paused()) {
    absl::StrAppend(&finding.text, "; its file system is full, where the kernel pauses");
    finding.mends = {absl::StrCat("make room on the file system of ", ShellWord(facts.file), ": ",
                                  facts.space->goes_on_at / 100,
                                  " % must be free for accounting to go on")};
    return finding;
  }
  if (!facts.kernel.confinement.empty()) {
    absl::StrAppend(&finding.text, "; ", ConfinementText(facts.kernel));
  }
  finding.mends = MendsThatTurnOn(facts);
  return finding;
}

Finding CheckAccountingSpace(const AccountingFacts& facts) {
  Finding finding = {.id = "accounting_space", .subject = "room for accounting"};
  if (!facts.space.ok()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat("not looked at: ", facts.space.status().message());
    return finding;
  }
  const acct::FreeSpace& space = *facts.space;
  finding.text =
      absl::StrCat(PercentText(space.free), " of the file system of ", facts.file,
                   " free; the kernel pauses accounting below ", space.pauses_below / 100,
                   " % and goes on at ", space.goes_on_at / 100, " %");
  finding.numbers = {{"accounting_free_space", static_cast<int64_t>(space.free / 100), "%"}};
  if (!space.may_be_paused()) return finding;
  finding.level = space.free < space.pauses_below ? Level::kCritical : Level::kWarning;
  finding.mends = {absl::StrCat("du -xh --max-depth=2 ",
                                ShellWord(std::filesystem::path(facts.file).parent_path().string()),
                                " | sort -h  # and remove, or move, what is large")};
  return finding;
}

void CheckGenerations(const acct::AccountingFiles& files, absl::TimeZone zone, Findings& findings) {
  Finding finding = {.id = "accounting_files", .subject = "accounting files"};
  const absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(files, {});
  if (!listing.ok()) {
    // A missing file is accounting_on's to say.
    finding.level = absl::IsNotFound(listing.status()) ? Level::kNote : Level::kWarning;
    finding.text = std::string(listing.status().message());
    if (finding.level == Level::kWarning) {
      finding.mends = {geteuid() == 0 ? absl::StrCat("ls -l ", ShellWord(files.path), "*")
                                      : std::string("sudo cpuagg check")};
    }
    findings.Add(std::move(finding));
    return;
  }
  std::optional<absl::Time> reaches;
  std::string problem;
  for (auto it = listing->generations.rbegin(); it != listing->generations.rend(); ++it) {
    const absl::StatusOr<std::optional<absl::Time>> first = FirstEndIn(it->path);
    if (!first.ok() && !absl::IsNotFound(first.status())) {
      problem = std::string(first.status().message());
    }
    if (first.ok() && first->has_value() && (!reaches.has_value() || **first < *reaches)) {
      reaches = **first;
    }
  }
  finding.text = SchemeOf(listing->generations);
  if (reaches.has_value()) {
    absl::StrAppend(&finding.text, "; they reach back to ",
                    absl::FormatTime("%Y-%m-%d %H:%M", *reaches, zone));
  }
  if (!problem.empty()) {
    finding.level = Level::kWarning;
    absl::StrAppend(&finding.text, "; ", problem);
    finding.mends = {absl::StrCat("ls -l ", ShellWord(files.path), "*")};
  }
  findings.Add(std::move(finding));
  for (const acct::PassedOver& other : listing->passed_over) {
    if (!other.has_usual_name) continue;
    findings.Add({.id = "accounting_passed_over",
                  .level = Level::kWarning,
                  .subject = "accounting files",
                  .text = absl::StrCat(other.path, ": ", other.why, "; it is not read"),
                  .mends = {absl::StrCat("mkdir -p /var/tmp/not-accounting && mv ",
                                         ShellWord(other.path), " /var/tmp/not-accounting/")}});
  }
}

Finding CheckReadable(const std::string& file, const Identity& collector,
                      bool may_read_everything) {
  Finding finding = {.id = "accounting_readable", .subject = "right to read"};
  if (may_read_everything) {
    finding.text = absl::StrCat(collector.name, " may read every file (CAP_DAC_READ_SEARCH)");
    return finding;
  }
  const absl::Status status = MayAccess(collector, file, R_OK);
  if (status.ok()) {
    finding.text = absl::StrCat(collector.name, " may read ", file);
    return finding;
  }
  finding.text = std::string(status.message());
  if (absl::IsPermissionDenied(status) || absl::IsNotFound(status)) {
    finding.level = Level::kNote;
    return finding;
  }
  finding.level = Level::kCritical;
  struct stat info;
  const bool has_group = stat(file.c_str(), &info) == 0 && info.st_gid != 0;
  if (has_group && (info.st_mode & S_IRGRP) != 0) {
    finding.mends = {absl::StrCat("usermod -aG ", GroupText(info.st_gid), " ", collector.name)};
  } else {
    const std::string group = collector.groups.empty() ? "adm" : GroupText(collector.groups[0]);
    finding.mends = {
        absl::StrCat("chgrp ", group, " ", ShellWord(file), " && chmod g+r ", ShellWord(file)),
        "see docs/install.md for rotated files that root alone may read"};
  }
  return finding;
}

}  // namespace cpuagg::tools::check
