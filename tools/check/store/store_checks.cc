#include "tools/check/store/store_checks.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "aggregate/store/accounting_gap.h"
#include "aggregate/store/forgetting.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"
#include "tools/check/store/last_collect.h"
#include "tools/check/store/store_files.h"
#include "tools/check/store/store_rights.h"
#include "tools/system/identity.h"

namespace cpuagg::tools::check {
namespace {

using aggregate::StoreListing;
using notify::Pluralize;

// How to prevent more gaps of this kind, if the reason tells.
absl::string_view HowToHaveNoMore(absl::string_view reason) {
  if (absl::StartsWith(reason, aggregate::kAccountingWasOff)) {
    return "; keep accounting on, at each boot as well, and room for its file";
  }
  if (absl::StrContains(reason, aggregate::kFileIsGone)) {
    return "; collect more often than the accounting file is rotated, and keep more generations";
  }
  return "";
}

Finding CheckGaps(const StoreQuestion& question, const StoreListing& listing) {
  Finding finding = {.id = "store_gaps", .subject = "gaps"};
  constexpr absl::Duration kRecent = absl::Hours(24);
  uint64_t all = 0;
  std::optional<aggregate::Gap> recent;
  std::optional<aggregate::Gap> deletion;
  const auto look_at = [&](const aggregate::Gap& gap) {
    // Somebody wanted it.
    if (aggregate::IsDeletion(gap)) {
      deletion = gap;
      return;
    }
    ++all;
    if (gap.period.end + kRecent >= question.now) recent = gap;
  };
  for (const auto& stored : listing.snapshots) {
    for (const aggregate::Gap& gap : stored.header.gaps) look_at(gap);
  }
  for (const aggregate::MissingRuns& missing : listing.missing) look_at(missing.gap);
  finding.numbers = {{"store_gaps", static_cast<int64_t>(all), ""}};
  if (!recent.has_value()) {
    finding.text = all == 0 ? "none" : absl::StrCat("none within a day; ", all, " before");
    if (deletion.has_value()) absl::StrAppend(&finding.text, "; ", deletion->reason);
    return finding;
  }
  finding.level = Level::kWarning;
  finding.text =
      absl::StrCat(notify::PeriodText(recent->period, question.zone), ": ", recent->reason);
  finding.advice = {absl::StrCat("what is lost stays lost, and this line disappears after a day",
                                 HowToHaveNoMore(recent->reason))};
  return finding;
}

std::string MovingAway(const std::string& path) {
  return absl::StrCat("mv ", ShellWord(path), " ", ShellWord(path + ".other"));
}

}  // namespace

void CheckStore(const StoreQuestion& question, Findings& findings) {
  const aggregate::SnapshotStore store(question.directory);
  Finding finding = {.id = "store", .subject = "store"};
  struct stat info;
  if (stat(question.directory.c_str(), &info) != 0) {
    const int error = errno;
    const absl::Status status = acct::ErrnoStatus(error, question.directory, "look at");
    finding.text = std::string(status.message());
    std::error_code no_link;
    const std::filesystem::path target = std::filesystem::read_symlink(question.directory, no_link);
    if (error == ELOOP) {
      finding.level = Level::kCritical;
      finding.text = absl::StrCat(question.directory, ": is a link that leads in a circle");
      finding.mends = {MovingAway(question.directory)};
    } else if (error == ENOENT && !no_link) {
      finding.level = Level::kCritical;
      finding.text = absl::StrCat(question.directory, ": leads to ", target.string(),
                                  ", which does not exist");
      finding.advice = {absl::StrCat("mount ", target.string(), ", or make the folder")};
    } else if (absl::IsNotFound(status)) {
      finding.level = Level::kWarning;
      finding.text =
          absl::StrCat(question.directory, ": does not exist; nothing has been collected yet");
      finding.mends = {question.collect};
    } else {
      finding.level = Level::kUnknown;
      finding.mends = {"sudo cpuagg check"};
    }
    findings.Add(std::move(finding));
    return;
  }
  if (!S_ISDIR(info.st_mode)) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat(question.directory, ": is not a directory");
    finding.mends = {MovingAway(question.directory)};
    findings.Add(std::move(finding));
    return;
  }
  if (const absl::Status one = store.CheckIsNotOfSeveral(); !one.ok()) {
    findings.Add(FindingOfError("store", Level::kCritical, "store", one));
    return;
  }
  const Inventory inventory = TakeInventory(question.directory, info.st_uid);
  findings.Add(CheckStoreOwner(question.directory, question.collector, inventory, info));
  findings.Add(CheckStoreWritable(question.directory, question.collector));
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) {
    finding = FindingOfError("store", Level::kCritical, "store", listing.status());
    const bool may_read = access(question.directory.c_str(), R_OK | X_OK) == 0 &&
                          access((question.directory + "/snapshots").c_str(), R_OK | X_OK) == 0;
    if (!may_read && geteuid() != 0) {
      finding.level = Level::kUnknown;
      finding.mends = {"sudo cpuagg check"};
      if (const std::string join = JoiningGroupOf(question.directory, R_OK | X_OK); !join.empty()) {
        finding.mends.push_back(join);
      }
    } else if (absl::StrContains(listing.status().message(), "version")) {
      finding.advice = {"install the newest cpuagg: this store is a later one's"};
    } else if (finding.mends.empty()) {
      finding.mends = {absl::StrCat("ls -la ", ShellWord(question.directory), " ",
                                    ShellWord(question.directory + "/snapshots"))};
    }
    findings.Add(std::move(finding));
    return;
  }
  finding.text =
      absl::StrCat(question.directory, ": ", Pluralize(listing->snapshots.size(), "snapshot"), ", ",
                   Pluralize(listing->last_run, "run"));
  findings.Add(std::move(finding));
  findings.Add(CheckLastCollect(
      {.now = question.now,
       .begun = WrittenAt(question.directory + "/lock"),
       .accounting_written = question.accounting_written,
       .period = question.period,
       .is_clock_synchronized = question.is_clock_synchronized,
       .has_systemd = question.has_systemd,
       .collect = question.collects_by_timer ? "systemctl start cpuagg-collect.service"
                                             : question.collect},
      *listing));
  findings.Add(CheckGaps(question, *listing));
  CheckStoreDamage(store, *listing, question.collect, findings);
  CheckStoreSize(question.directory, question.now, question.days_kept, *listing, inventory,
                 findings);
}

}  // namespace cpuagg::tools::check
