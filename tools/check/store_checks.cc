#include "tools/check/store_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"
#include "notify/period_text.h"
#include "notify/text.h"
#include "tools/check/age_text.h"

namespace cpuagg::tools::check {
namespace {

using aggregate::StoreListing;
using notify::Counted;

absl::Duration Stopwatch() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// What lies in the store, by its owners. A store has few files: the merged ones are removed.
struct Inventory {
  uint64_t bytes = 0;
  uint64_t files = 0;
  uint64_t of_others = 0;   // neither the directory's owner's
  std::string first_other;  // the path of one
};

Inventory TakeInventory(const std::string& directory, uid_t owner) {
  Inventory inventory;
  std::error_code error;
  using Options = std::filesystem::directory_options;
  std::filesystem::recursive_directory_iterator it(directory, Options::skip_permission_denied,
                                                   error);
  for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    struct stat info;
    if (lstat(it->path().c_str(), &info) != 0) continue;
    ++inventory.files;
    if (S_ISREG(info.st_mode)) inventory.bytes += static_cast<uint64_t>(info.st_size);
    if (info.st_uid == owner) continue;
    if (inventory.of_others++ == 0) inventory.first_other = it->path().string();
  }
  return inventory;
}

Finding CheckOwner(const StoreQuestion& question, const Inventory& inventory, uid_t owner) {
  Finding finding = {.id = "store_owner", .subject = "owner of the store"};
  const std::string name = UserText(owner);
  if (inventory.of_others == 0) {
    finding.text = absl::StrCat("all of it is ", name, "'s");
    if (question.collector.who.user != owner && question.collector.who.user != 0) {
      finding.level = Level::kCritical;
      absl::StrAppend(&finding.text, ", but ", question.collector.who.name, " collects (",
                      question.collector.source, ")");
      finding.mends = {absl::StrCat("chown -R ", question.collector.who.name, ": ",
                                    ShellWord(question.directory))};
    }
    return finding;
  }
  // What others have made locks the owner out; root it does not.
  finding.level = owner == 0 ? Level::kWarning : Level::kCritical;
  finding.text = absl::StrCat(
      question.directory, " is ", name, "'s, but ", Counted(inventory.of_others, "file"), " in it ",
      inventory.of_others == 1 ? "is" : "are", " not, as ", inventory.first_other, "; ", name,
      " may not be able to read or replace them");
  const std::string to = owner == 0 ? "root" : name;
  finding.mends = {absl::StrCat("chown -R ", to, ": ", ShellWord(question.directory))};
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
    if (who.user == geteuid() && who.user != 0 && question.collector.source == "who asks") {
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
      finding.mends = {absl::StrCat("chown -R ", who.name, ": ", ShellWord(question.directory),
                                    " && chmod -R u+rwX ", ShellWord(question.directory))};
    }
    return finding;
  }
  finding.text = absl::StrCat(who.name, " may write to it (", question.collector.source, ")");
  return finding;
}

// When a run of `collect` held the store's lock last, whether it found something or not.
absl::Time LastRun(const StoreQuestion& question, const StoreListing& listing) {
  absl::Time last = absl::InfinitePast();
  for (const auto& stored : listing.snapshots) last = std::max(last, stored.header.captured_at);
  struct stat info;
  if (lstat((question.directory + "/lock").c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
    last = std::max(last, absl::TimeFromTimespec(info.st_mtim));
  }
  return last;
}

Finding CheckLastCollect(const StoreQuestion& question, const StoreListing& listing) {
  Finding finding = {.id = "store_collect", .subject = "last collect"};
  const absl::Time last = LastRun(question, listing);
  const std::string now_mend =
      question.collects_by_timer
          ? "systemctl start cpuagg-collect.service"
          : absl::StrCat("cpuagg collect --store ", ShellWord(question.directory));
  if (listing.snapshots.empty()) {
    finding.level = Level::kWarning;
    finding.text = "nothing has been collected yet";
    finding.mends = {now_mend};
    return finding;
  }
  const absl::Duration age = question.now - last;
  finding.text = absl::StrCat(AgeText(age), " ago, by ",
                              listing.snapshots.back().header.host.empty()
                                  ? "this host"
                                  : listing.snapshots.back().header.host);
  finding.numbers = {{"last_collect_age", absl::ToInt64Seconds(age), "s"}};
  if (age < -absl::Minutes(2)) {
    finding.level = Level::kCritical;
    finding.text = absl::StrCat("the last one is ", AgeText(-age),
                                " in the future: the clock is behind, or was ahead then");
    finding.mends = {"timedatectl set-ntp true", "date -s 'TIME'  # where there is no NTP"};
    return finding;
  }
  // Cron may do it four times a day; what no run has read within a day, rotation may take away.
  const absl::Duration late = question.collects_by_timer ? absl::Hours(1) : absl::Hours(13);
  constexpr absl::Duration kLost = absl::Hours(26);
  if (age > late) {
    finding.level = age > kLost ? Level::kCritical : Level::kWarning;
    finding.mends = {now_mend};
  }
  return finding;
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
  finding.mends = {
      "what is lost stays lost, and this line goes after a day; collect more often than the "
      "accounting file is rotated, and keep more generations"};
  return finding;
}

void CheckDamage(const aggregate::SnapshotStore& store, const StoreListing& listing,
                 Findings& findings) {
  constexpr absl::Duration kBudget = absl::Seconds(3);
  const absl::Duration deadline = Stopwatch() + kBudget;
  Finding finding = {.id = "store_damage", .subject = "snapshots"};
  uint64_t looked_at = 0;
  std::vector<std::string> problems;
  for (auto it = listing.snapshots.rbegin();
       it != listing.snapshots.rend() && Stopwatch() < deadline; ++it) {
    ++looked_at;
    const absl::Status status = store.Check(*it);
    if (absl::IsNotFound(status)) continue;  // merged since
    if (!status.ok()) problems.emplace_back(status.message());
  }
  bool is_only_set_aside = problems.empty();
  for (const aggregate::DamagedSnapshot& damaged : listing.damaged) {
    problems.push_back(damaged.problem);
    is_only_set_aside = is_only_set_aside && damaged.is_set_aside;
  }
  finding.text = absl::StrCat(Counted(looked_at, "file"), " read and whole");
  if (looked_at < listing.snapshots.size()) {
    absl::StrAppend(&finding.text, ", the newest of ", listing.snapshots.size());
  }
  if (!problems.empty()) {
    finding.level = Level::kWarning;
    finding.text = problems[0];
    if (problems.size() > 1)
      absl::StrAppend(&finding.text, " (and ", problems.size() - 1, " more)");
    if (is_only_set_aside) {
      for (const aggregate::DamagedSnapshot& damaged : listing.damaged) {
        finding.mends.push_back(absl::StrCat("rm ", ShellWord(damaged.path)));
      }
    } else {
      finding.mends = {absl::StrCat("cpuagg collect --store ", ShellWord(store.directory()),
                                    "  # sets it aside, and reads again what is still there")};
    }
  }
  findings.Add(std::move(finding));
}

void CheckSize(const StoreQuestion& question, const StoreListing& listing,
               const Inventory& inventory, Findings& findings) {
  Finding size = {.id = "store_size", .subject = "size of the store"};
  size.text = notify::SizeInWords(inventory.bytes);
  size.numbers = {{"store_bytes", static_cast<int64_t>(inventory.bytes), "B"}};
  uint64_t in_a_year = 0;
  absl::Time begin = question.now;
  for (const auto& stored : listing.snapshots) {
    if (stored.header.captured_at != absl::InfinitePast())
      begin = std::min(begin, stored.header.captured_at);
    if (stored.header.user_buckets.empty()) continue;
    begin = std::min(begin, absl::FromUnixSeconds(stored.header.user_buckets.front().begin));
  }
  const absl::Duration age = question.now - begin;
  if (age < absl::Hours(48)) {
    absl::StrAppend(&size.text, "; too young to say what it will be in a year");
  } else {
    // Hours become days and commands months, so that this is the most.
    const double days = absl::FDivDuration(age, absl::Hours(24));
    const double kept = std::min(days + 365, question.days_kept.has_value()
                                                 ? static_cast<double>(*question.days_kept)
                                                 : days + 365);
    in_a_year =
        static_cast<uint64_t>(static_cast<double>(inventory.bytes) / days * std::max(kept, 1.0));
    absl::StrAppend(&size.text, "; in a year at most about ", notify::SizeInWords(in_a_year),
                    ", as it grew in the last ", AgeText(age));
    if (question.days_kept.has_value()) {
      absl::StrAppend(&size.text, " and with what --keep forgets (", *question.days_kept, " days)");
    }
    size.numbers.push_back({"store_bytes_in_a_year", static_cast<int64_t>(in_a_year), "B"});
  }
  findings.Add(std::move(size));

  Finding space = {.id = "store_space", .subject = "room for the store"};
  struct statvfs volume;
  if (statvfs(question.directory.c_str(), &volume) != 0) {
    space.level = Level::kNote;
    space.text = "not known";
    findings.Add(std::move(space));
    return;
  }
  const uint64_t free = uint64_t{volume.f_bavail} * volume.f_frsize;
  space.text = absl::StrCat(notify::SizeInWords(free), " free");
  space.numbers = {{"store_free_bytes", static_cast<int64_t>(free), "B"}};
  constexpr uint64_t kMuch = uint64_t{100} << 20;
  constexpr uint64_t kLeast = uint64_t{4} << 20;
  const bool is_few_files = volume.f_files > 0 && volume.f_favail < 100;
  if (free < kLeast || is_few_files) {
    space.level = Level::kCritical;
    if (is_few_files) absl::StrAppend(&space.text, ", but no more inodes: files cannot be made");
  } else if (free < kMuch || free + inventory.bytes < in_a_year) {
    space.level = Level::kWarning;
    if (free >= kMuch) absl::StrAppend(&space.text, ", less than it may need in a year");
  }
  if (space.level != Level::kOk) {
    space.mends = {absl::StrCat("make room on the file system of ", ShellWord(question.directory)),
                   "set KEEP=400d, or less, in the configuration"};
  }
  findings.Add(std::move(space));
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
      finding.mends = {absl::StrCat("cpuagg collect --store ", ShellWord(question.directory))};
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
  findings.Add(CheckOwner(question, inventory, info.st_uid));
  findings.Add(CheckWritable(question));
  const absl::StatusOr<StoreListing> listing = store.List();
  if (!listing.ok()) {
    finding = FindingOfError("store", Level::kCritical, "store", listing.status());
    const bool may_read = access(question.directory.c_str(), R_OK | X_OK) == 0 &&
                          access((question.directory + "/snapshots").c_str(), R_OK | X_OK) == 0;
    if (!may_read && geteuid() != 0) {
      finding.level = Level::kUnknown;
      finding.mends = {"sudo cpuagg check"};
    } else if (finding.mends.empty()) {
      finding.mends = {absl::StrContains(listing.status().message(), "version")
                           ? "install the newest cpuagg: this store is a later one's"
                           : absl::StrCat("ls -la ", ShellWord(question.directory), " ",
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
  CheckDamage(store, *listing, findings);
  CheckSize(question, *listing, inventory, findings);
}

}  // namespace cpuagg::tools::check
