#include "tools/check/store_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"
#include "aggregate/accounting_gap.h"
#include "notify/period_text.h"
#include "notify/text.h"
#include "tools/check/age_text.h"
#include "tools/check/store_files.h"

namespace cpuagg::tools::check {
namespace {

using aggregate::StoreListing;
using notify::Counted;

Finding CheckOwner(const StoreQuestion& question, const Inventory& inventory,
                   const struct stat& directory) {
  const uid_t owner = directory.st_uid;
  Finding finding = {.id = "store_owner", .subject = "owner of the store"};
  const std::string name = UserText(owner);
  if (inventory.of_others == 0) {
    finding.text = absl::StrCat("all of it is ", name, "'s");
    if (question.collector.who.user != owner && question.collector.who.user != 0) {
      finding.level = Level::kCritical;
      absl::StrAppend(&finding.text, ", but ", question.collector.who.name, " collects (",
                      question.collector.source, ")");
      finding.mends = {absl::StrCat(
          "chown -R ", OwnerSpec(question.collector.who.user, question.collector.who.groups[0]),
          " ", ShellWord(question.directory))};
    }
    return finding;
  }
  // What others have made locks the owner out; root it does not.
  finding.level = owner == 0 ? Level::kWarning : Level::kCritical;
  finding.text = absl::StrCat(
      question.directory, " is ", name, "'s, but ", Counted(inventory.of_others, "file"), " in it ",
      inventory.of_others == 1 ? "is" : "are", " not, as ", inventory.first_other, "; ", name,
      " may not be able to read or replace them");
  std::string mend = absl::StrCat("chown -R ", OwnerSpec(owner, directory.st_gid));
  for (const absl::string_view own : kOwnNames) {
    const std::string path = absl::StrCat(question.directory, "/", own);
    if (access(path.c_str(), F_OK) == 0) absl::StrAppend(&mend, " ", ShellWord(path));
  }
  finding.mends = {mend};
  return finding;
}

Finding CheckWritable(const StoreQuestion& question) {
  Finding finding = {.id = "store_writable", .subject = "right to write"};
  const Identity& who = question.collector.who;
  const std::string snapshots = question.directory + "/snapshots";
  for (const std::string& path : {question.directory, snapshots, question.directory + "/lock"}) {
    const bool is_lock = absl::EndsWith(path, "/lock");
    const absl::Status status = MayAccess(who, path, is_lock ? R_OK | W_OK : R_OK | W_OK | X_OK);
    if (status.ok() || absl::IsNotFound(status)) continue;
    finding.text = std::string(status.message());
    if (absl::IsPermissionDenied(status)) {
      finding.level = Level::kNote;
      return finding;
    }
    // An ordinary user looks at somebody else's store.
    if (who.user == geteuid() && who.user != 0 && question.collector.source == kWhoAsks) {
      finding.level = Level::kNote;
      return finding;
    }
    finding.level = Level::kCritical;
    struct statvfs volume;
    if (statvfs(path.c_str(), &volume) == 0 && (volume.f_flag & ST_RDONLY) != 0) {
      absl::StrAppend(&finding.text, " (its file system is mounted read-only)");
      finding.mends = {absl::StrCat("mount -o remount,rw $(findmnt -no TARGET -T ",
                                    ShellWord(question.directory), ")")};
    } else {
      finding.mends = {absl::StrCat("chown -R ", OwnerSpec(who.user, who.groups[0]), " ",
                                    ShellWord(question.directory), " && chmod -R u+rwX ",
                                    ShellWord(question.directory))};
    }
    return finding;
  }
  finding.text = absl::StrCat(who.name, " may write to it (", question.collector.source, ")");
  return finding;
}

// When a file was written last.
absl::Time WrittenAt(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return absl::InfinitePast();
  return absl::TimeFromTimespec(info.st_mtim);
}

Finding CheckLastCollect(const StoreQuestion& question, const StoreListing& listing) {
  Finding finding = {.id = "store_collect", .subject = "last collect"};
  absl::Time newest = absl::InfinitePast();
  for (const auto& stored : listing.snapshots) {
    newest = std::max(newest, stored.header.captured_at);
  }
  // A run holds it, whether it finds something or not, and if it fails.
  const absl::Time begun = WrittenAt(question.directory + "/lock");
  const absl::Time last = std::max(newest, begun);
  const std::string now_mend =
      question.collects_by_timer ? "systemctl start cpuagg-collect.service" : question.collect;
  if (listing.snapshots.empty()) {
    finding.level = Level::kWarning;
    finding.text = "nothing has been collected yet";
    finding.mends = {now_mend};
    return finding;
  }
  const absl::Duration age = question.now - last;
  finding.text = absl::StrCat(AgeText(question.now - newest), " ago, by ",
                              listing.snapshots.back().header.host.empty()
                                  ? "this host"
                                  : listing.snapshots.back().header.host);
  finding.numbers = {
      {"last_collect_age", std::max<int64_t>(0, absl::ToInt64Seconds(question.now - newest)), "s"}};
  if (age < -absl::Minutes(2)) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat("the last one is ", AgeText(-age),
                                " in the future: the clock is behind, or was ahead then");
    finding.mends = {"timedatectl set-ntp true"};
    finding.advice = {"where there is no NTP, set it with date -s"};
    return finding;
  }
  // Cron may do it four times a day; what no run has read within a day, rotation may take away.
  const absl::Duration late = question.collects_by_timer ? absl::Hours(1) : absl::Hours(13);
  constexpr absl::Duration kLost = absl::Hours(26);
  if (age > late) {
    finding.level = age > kLost ? Level::kCritical : Level::kWarning;
    finding.mends = {now_mend};
  }
  // Where nothing has ended, a run has nothing to keep.
  if (begun - newest > late && WrittenAt(question.accounting_file) - newest > absl::Minutes(2)) {
    finding.level = std::max(finding.level, Level::kWarning);
    absl::StrAppend(&finding.text,
                    "; runs have begun since, but nothing has been collected, though there are new "
                    "records");
    finding.mends = {now_mend + "  # says why"};
  }
  return finding;
}

// What keeps such a gap from coming again, as far as its reason tells.
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
  const auto look_at = [&](const aggregate::Gap& gap) {
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
    return finding;
  }
  finding.level = Level::kWarning;
  finding.text =
      absl::StrCat(notify::PeriodText(recent->period, question.zone), ": ", recent->reason);
  finding.advice = {absl::StrCat("what is lost stays lost, and this line goes after a day",
                                 HowToHaveNoMore(recent->reason))};
  return finding;
}

}  // namespace

void CheckStore(const StoreQuestion& question, Findings& findings) {
  const aggregate::SnapshotStore store(question.directory);
  Finding finding = {.id = "store", .subject = "store"};
  struct stat info;
  if (stat(question.directory.c_str(), &info) != 0) {
    const absl::Status status = acct::ErrnoStatus(errno, question.directory, "look at");
    finding.text = std::string(status.message());
    if (absl::IsNotFound(status)) {
      finding.level = Level::kWarning;
      finding.text =
          absl::StrCat(question.directory, ": is not there; nothing has been collected yet");
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
    finding.mends = {absl::StrCat("mv ", ShellWord(question.directory), " ",
                                  ShellWord(question.directory + ".other"))};
    findings.Add(std::move(finding));
    return;
  }
  const Inventory inventory = TakeInventory(question.directory, info.st_uid);
  findings.Add(CheckOwner(question, inventory, info));
  findings.Add(CheckWritable(question));
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) {
    finding = FindingOfError("store", Level::kCritical, "store", listing.status());
    const bool may_read = access(question.directory.c_str(), R_OK | X_OK) == 0 &&
                          access((question.directory + "/snapshots").c_str(), R_OK | X_OK) == 0;
    if (!may_read && geteuid() != 0) {
      finding.level = Level::kUnknown;
      finding.mends = {"sudo cpuagg check"};
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
      absl::StrCat(question.directory, ": ", Counted(listing->snapshots.size(), "snapshot"), ", ",
                   Counted(listing->last_run, "run"));
  findings.Add(std::move(finding));
  findings.Add(CheckLastCollect(question, *listing));
  findings.Add(CheckGaps(question, *listing));
  CheckStoreDamage(store, *listing, question.collect, findings);
  CheckStoreSize(question.directory, question.now, question.days_kept, *listing, inventory,
                 findings);
}

}  // namespace cpuagg::tools::check
