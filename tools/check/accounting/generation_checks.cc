#include "tools/check/accounting/generation_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tools/check/accounting/record_tail.h"

namespace cpuagg::tools::check {
namespace {

// Whether the only problem is that an ordinary user lacks permission.
bool MayNotLook(const absl::Status& status) {
  return geteuid() != 0 && absl::IsFailedPrecondition(status);
}

// savelog begins with .0, logrotate with .1 or a date.
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

// The listing also names a folder of ROTATED_DIR that is missing. A broken link exists.
bool IsThere(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

bool IsName(const std::string& text) {
  return text.find_first_not_of("0123456789") != std::string::npos;
}

// The group through which `collector` should get access to the file: adm, as in the packages of
// acct, if that helps. Then rotation can go on creating files for it.
std::string GroupThatReads(const Identity& collector) {
  constexpr char kReadersOfLogs[] = "adm";
  if (collector.groups.empty()) return kReadersOfLogs;
  for (const gid_t group : collector.groups) {
    if (GroupText(group) == kReadersOfLogs) return kReadersOfLogs;
  }
  return GroupText(collector.groups[0]);
}

// The first folder on the path of `file` that `who` may not enter; empty if there is none.
std::string ClosedFolder(const Identity& who, const std::string& file) {
  std::error_code error;
  std::filesystem::path way;
  for (const std::filesystem::path& name : std::filesystem::absolute(file, error).parent_path()) {
    way /= name;
    if (absl::IsFailedPrecondition(MayAccess(who, way.string(), X_OK))) return way.string();
  }
  return "";
}

Finding CheckReadableByCollector(const std::string& file, const Identity& collector,
                                 bool may_read_everything, bool collects_nothing) {
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
  if (collects_nothing) {
    finding.level = Level::kNote;
    absl::StrAppend(&finding.text, "; nobody is known to collect");
    return finding;
  }
  finding.level = Level::kCritical;
  // Does not suggest giving a person access to the machine's logs, like packaging/provision.sh.
  constexpr uid_t kFirstPerson = 1000;
  if (collector.name == "cpuagg" && collector.user >= kFirstPerson) {
    absl::StrAppend(&finding.text, "; the user cpuagg (number ", collector.user,
                    ") is not a system user, and is not added to a group that reads logs");
    finding.advice = {
        "if it is a person, rename user and group (usermod --login, groupmod "
        "--new-name), and install cpuagg again"};
    return finding;
  }
  struct stat info;
  const std::string group =
      stat(file.c_str(), &info) == 0 && info.st_gid != 0 ? GroupText(info.st_gid) : "";
  if (const std::string folder = ClosedFolder(collector, file); !folder.empty()) {
    finding.mends = {absl::StrCat("chgrp ", GroupThatReads(collector), " ", ShellWord(folder),
                                  " && chmod g+x ", ShellWord(folder))};
    return finding;
  }
  // A group or user without a name cannot be used in the command.
  if (IsName(group) && IsName(collector.name) && (info.st_mode & S_IRGRP) != 0) {
    finding.mends = {absl::StrCat("usermod -aG ", group, " ", collector.name)};
  } else {
    finding.mends = {absl::StrCat("chgrp ", GroupThatReads(collector), " ", ShellWord(file),
                                  " && chmod g+r ", ShellWord(file))};
    finding.advice = {"see docs/install.md for rotated files that only root may read"};
  }
  return finding;
}

}  // namespace

void CheckGenerations(const acct::AccountingFiles& files, absl::TimeZone zone, Findings& findings) {
  Finding finding = {.id = "accounting_files", .subject = "accounting files"};
  const absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(files, {});
  if (!listing.ok()) {
    // The finding accounting_on reports a missing file.
    finding.level = absl::IsNotFound(listing.status()) ? Level::kNote : Level::kWarning;
    finding.text = std::string(listing.status().message());
    if (MayNotLook(listing.status())) {
      finding.level = Level::kNote;
      absl::StrAppend(&finding.text, "; run it as root to find out");
    }
    if (finding.level == Level::kWarning) {
      finding.mends = {absl::StrCat("ls -l ", ShellWord(files.path), "*")};
    }
    findings.Add(std::move(finding));
    return;
  }
  std::optional<absl::Time> reaches;
  absl::Status problem;
  for (auto it = listing->generations.rbegin(); it != listing->generations.rend(); ++it) {
    const absl::StatusOr<std::optional<absl::Time>> first = FirstEndIn(it->path);
    if (!first.ok() && !absl::IsNotFound(first.status())) {
      problem = first.status();
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
  if (!problem.ok() && MayNotLook(problem)) {
    finding.level = Level::kNote;
    absl::StrAppend(&finding.text, "; ", problem.message(), "; run it as root to find out");
  } else if (!problem.ok()) {
    finding.level = Level::kWarning;
    absl::StrAppend(&finding.text, "; ", problem.message());
    finding.mends = {absl::StrCat("ls -l ", ShellWord(files.path), "*")};
  }
  findings.Add(std::move(finding));
  for (const acct::PassedOver& other : listing->passed_over) {
    if (!other.has_usual_name) continue;
    Finding passed_over = {.id = "accounting_passed_over",
                           .level = Level::kWarning,
                           .subject = "accounting files",
                           .text = absl::StrCat(other.path, ": ", other.why, "; it is not read")};
    if (IsThere(other.path)) {
      passed_over.mends = {absl::StrCat("mkdir -p /var/tmp/not-accounting && mv ",
                                        ShellWord(other.path), " /var/tmp/not-accounting/")};
    } else {
      passed_over.advice = {absl::StrCat("make the folder ", other.path,
                                         ", or correct ROTATED_DIR or --rotated-dir")};
    }
    findings.Add(std::move(passed_over));
  }
}

Finding CheckReadable(const std::string& file, const Identity& collector, bool may_read_everything,
                      bool collects_nothing) {
  Finding finding =
      CheckReadableByCollector(file, collector, may_read_everything, collects_nothing);
  const std::string join = JoiningGroupOf(file, R_OK);
  if (join.empty() || access(file.c_str(), R_OK) == 0) return finding;
  // The fix concerns the current user, not what only root can find out.
  const std::string refusal = absl::StrCat(UserText(geteuid()), " may not read ");
  if (finding.level == Level::kOk) {
    absl::StrAppend(&finding.text, "; ", refusal, file);
  } else if (collector.user != geteuid()) {
    finding.text = absl::StrCat(file, ": ", refusal, "it, and only root can find out whether ",
                                collector.name, ", which collects, may");
  }
  finding.level = std::max(finding.level, Level::kNote);
  finding.mends.push_back(join);
  return finding;
}

}  // namespace cpuagg::tools::check
