#include "tools/check/accounting/accounting_checks.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "notify/words/text.h"
#include "tools/check/findings/age_text.h"
#include "tools/system/identity.h"
#include "tools/system/paths.h"

namespace cpuagg::tools::check {
namespace {

constexpr char kSubject[] = "accounting";

std::string PercentText(uint64_t hundredths) {
  return absl::StrFormat("%d.%02d %%", hundredths / 100, hundredths % 100);
}

std::string LastRecordText(const AccountingFacts& facts) {
  if (!facts.before.ok() || !facts.before->last_end.has_value())
    return "there was no record before";
  const absl::Duration age = facts.now - *facts.before->last_end;
  if (age <= -absl::Seconds(1)) {
    return absl::StrCat("the record before is dated ", AgeText(-age), " in the future");
  }
  return absl::StrCat("the record before is ", AgeText(std::max(age, absl::ZeroDuration())),
                      " old");
}

// Why the kernel does not write to any file, in an environment without accounting of its own.
std::string ConfinementText(const KernelFacts& kernel) {
  return absl::StrCat("this is ", kernel.confinement.empty() ? "a container" : kernel.confinement,
                      ", in which nobody may turn accounting on");
}

constexpr std::array kUsualFiles = {"/var/log/account/pacct", "/var/account/pacct",
                                    "/var/log/pacct"};

std::string UsualFileBeside(const std::string& file) {
  std::error_code ignored;
  for (const char* usual : kUsualFiles) {
    if (std::filesystem::is_regular_file(usual, ignored)) return usual == file ? "" : usual;
  }
  return "";
}

void AddMendsThatTurnOn(const AccountingFacts& facts, bool is_there, Finding& finding) {
  if (facts.kernel.may_be_turned_on) {
    check::AddMendsThatTurnOn(facts.file, facts.turning_on, is_there, finding);
    return;
  }
  finding.advice.emplace_back(
      "run cpuagg on the host, or give it the host's accounting file (ACCOUNTING_FILE) and its "
      "/proc (PROC) here");
}

// Something else is where the file should be, and may belong to another program, unless its name is
// that of an accounting file.
void AddMendsOfOther(const AccountingFacts& facts, Finding& finding) {
  const std::string name = std::filesystem::path(facts.file).filename().string();
  constexpr absl::string_view kOr =
      "name the file that the kernel writes to with --accounting-file or ACCOUNTING_FILE";
  if (name != "pacct" && name != "acct") {
    finding.advice = {absl::StrCat(
        kOr, facts.usual_file.empty() ? "" : absl::StrCat("; ", facts.usual_file, " exists"))};
    return;
  }
  finding.mends = {
      absl::StrCat("mv ", ShellWord(facts.file), " ", ShellWord(facts.file + ".other"))};
  AddMendsThatTurnOn(facts, /*is_there=*/false, finding);
  finding.advice.push_back(absl::StrCat("or ", kOr));
}

Finding NotReadable(const AccountingFacts& facts, Finding finding) {
  const absl::Status& status = facts.after.status();
  finding.text = std::string(status.message());
  if (absl::IsNotFound(status)) {
    finding.level = Level::kCritical;
    absl::StrAppend(&finding.text, "; the kernel cannot be writing to it");
    // Turning it on here would stop the records of the other file.
    if (!facts.usual_file.empty()) {
      finding.advice = {absl::StrCat(
          facts.usual_file, " exists: should ACCOUNTING_FILE, or --accounting-file, name it?")};
      return finding;
    }
    AddMendsThatTurnOn(facts, /*is_there=*/false, finding);
    return finding;
  }
  if (absl::IsFailedPrecondition(status) && facts.has_grown.has_value()) {
    finding.text = absl::StrCat(
        *facts.has_grown ? "on: " : "off: ", facts.file,
        *facts.has_grown ? " grows when a process ends" : " does not grow when a process ends",
        "; ", UserText(geteuid()), " may not read its records");
    if (!*facts.has_grown) {
      finding.level = Level::kCritical;
      AddMendsThatTurnOn(facts, /*is_there=*/true, finding);
    }
    return finding;
  }
  if (absl::IsFailedPrecondition(status)) {
    finding.level = Level::kUnknown;
    finding.mends = {"sudo cpuagg check"};
    absl::StrAppend(&finding.text, "; run it as root to find out more");
    return finding;
  }
  finding.level = Level::kCritical;
  AddMendsOfOther(facts, finding);
  return finding;
}

}  // namespace

Finding CheckKernel(const KernelFacts& kernel) {
  Finding finding = {.id = "accounting_kernel", .subject = "kernel"};
  if (!kernel.has_accounting.has_value()) {
    finding.level = Level::kNote;
    finding.text =
        absl::StrCat(kernel.release, ": cannot find out whether it has process accounting");
    return finding;
  }
  if (!*kernel.has_accounting) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(kernel.release, " cannot do process accounting (", kernel.source,
                                ": no CONFIG_BSD_PROCESS_ACCT)",
                                kernel.confinement.empty() ? "" : "; this is ", kernel.confinement);
    finding.advice = {
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
    finding.advice = {"boot a kernel that has CONFIG_BSD_PROCESS_ACCT_V3=y"};
  }
  return finding;
}

AccountingFacts GatherAccounting(const std::string& file, bool is_proc_named, absl::Time now,
                                 const KernelFacts& kernel) {
  AccountingFacts facts = {.file = file,
                           .kernel = kernel,
                           .turning_on = FindTurningOn(file, /*root=*/""),
                           .now = now,
                           .is_proc_named = is_proc_named};
  facts.usual_file = UsualFileBeside(file);
  facts.space = acct::FreeSpaceOf(file);
  // After a rotation in between, the record is in another file.
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    facts.before = ReadRecordTail(file, std::nullopt);
    const absl::StatusOr<acct::AccountingProbe> probe = acct::ProbeAccounting();
    facts.after = ReadRecordTail(file, probe.ok() ? std::optional(*probe) : std::nullopt);
    if (!probe.ok() && facts.after.ok()) facts.after = probe.status();
    if (!facts.after.ok() || facts.after->has_probe) break;
  }
  facts.turning_on.may_be_copy =
      facts.before.ok() && facts.before->records > 0 &&
      std::find(kUsualFiles.begin(), kUsualFiles.end(), file) == kUsualFiles.end();
  // A user who may not read a file may still see its length.
  if (absl::IsFailedPrecondition(facts.after.status())) {
    const absl::StatusOr<bool> has_grown = acct::GrowsWhenAProcessEnds(file);
    if (has_grown.ok()) facts.has_grown = *has_grown;
  }
  return facts;
}

Finding CheckAccountingOn(const AccountingFacts& facts) {
  Finding finding = {.id = "accounting_on", .subject = kSubject};
  if (IsDirectory(facts.file)) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat(facts.file,
                                " is a folder of files, which the kernel does not write itself: "
                                "whether they grow is not checked");
    return finding;
  }
  if (!facts.after.ok()) return NotReadable(facts, std::move(finding));
  const RecordTail& after = *facts.after;
  if (facts.before.ok() && facts.before->last_end.has_value()) {
    finding.numbers = {
        {"last_record_age",
         std::max<int64_t>(0, absl::ToInt64Seconds(facts.now - *facts.before->last_end)), "s"}};
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
      finding.advice = {
          "name this machine's own file with --accounting-file or ACCOUNTING_FILE, or with PROC "
          "the /proc of the processes that this file records"};
    }
    return finding;
  }
  if (after.file_bytes > 0 && after.records == 0) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(
        facts.file, " holds no accounting records, and the kernel does not write to it");
    AddMendsOfOther(facts, finding);
    return finding;
  }
  finding.level = Level::kCritical;
  finding.text =
      absl::StrCat("off: ", facts.file, " has no record of a process that has just ended; ",
                   LastRecordText(facts));
  if (facts.space.ok() && facts.space->may_be_paused()) {
    absl::StrAppend(&finding.text, "; its file system is full, where the kernel pauses");
    finding.advice = {absl::StrCat("make room on the file system of ", facts.file, ": ",
                                   facts.space->goes_on_at / 100,
                                   " % must be free for accounting to resume")};
    return finding;
  }
  if (!facts.kernel.may_be_turned_on) {
    absl::StrAppend(&finding.text, "; ", ConfinementText(facts.kernel));
  }
  AddMendsThatTurnOn(facts, /*is_there=*/true, finding);
  return finding;
}

Finding CheckAccountingSpace(const AccountingFacts& facts) {
  Finding finding = {.id = "accounting_space", .subject = "room for accounting"};
  if (!facts.space.ok()) {
    finding.level = Level::kNote;
    finding.text = absl::StrCat("not checked: ", facts.space.status().message());
    return finding;
  }
  const acct::FreeSpace& space = *facts.space;
  finding.text =
      absl::StrCat(PercentText(space.free), " of the file system of ", facts.file,
                   " free; the kernel pauses accounting below ", space.pauses_below / 100,
                   " % and resumes at ", space.goes_on_at / 100, " %");
  finding.numbers = {{"accounting_free_space", static_cast<int64_t>(space.free / 100), "%"}};
  if (!space.may_be_paused()) return finding;
  finding.level = space.free < space.pauses_below ? Level::kCritical : Level::kWarning;
  finding.mends = {absl::StrCat("du -xh --max-depth=2 ",
                                ShellWord(std::filesystem::path(facts.file).parent_path().string()),
                                " | sort -h  # and remove, or move, what is large")};
  return finding;
}

}  // namespace cpuagg::tools::check
