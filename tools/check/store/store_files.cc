#include "tools/check/store/store_files.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/atomic_file.h"
#include "acct/io/directory_files.h"
#include "notify/words/text.h"
#include "tools/check/findings/age_text.h"

namespace cpuagg::tools::check {
namespace {

using notify::Pluralize;

absl::Duration Stopwatch() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

bool IsOwnName(const std::string& name) {
  return std::find(kOwnNames.begin(), kOwnNames.end(), name) != kOwnNames.end();
}

constexpr char kLostAndFound[] = "lost+found";

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

// " DIRECTORY/lock DIRECTORY/snapshots": those of cpuagg's entries that exist.
std::string OwnPaths(const std::string& directory) {
  std::string words;
  for (const absl::string_view name : kOwnNames) {
    const std::string path = absl::StrCat(directory, "/", name);
    if (Exists(path)) absl::StrAppend(&words, " ", ShellWord(path));
  }
  return words;
}

}  // namespace

bool IsStoreAlone(const std::string& directory) {
  const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(directory);
  return names.ok() && std::all_of(names->begin(), names->end(), [](const std::string& name) {
           return IsOwnName(name) || name == kLostAndFound ||
                  absl::StartsWith(name, acct::kUnfinishedPrefix);
         });
}

std::string ChangeStore(const std::string& directory, absl::string_view program,
                        absl::string_view argument) {
  const std::string folder = ShellWord(directory);
  const std::string files = OwnPaths(directory);
  std::string of_files = files.empty() ? "" : absl::StrCat(program, " -R ", argument, files);
  if (!IsStoreAlone(directory)) return of_files;
  // `chown -R` does not follow links.
  std::error_code ignored;
  const bool is_link = std::filesystem::is_symlink(directory, ignored);
  if (!is_link && !Exists(absl::StrCat(directory, "/", kLostAndFound))) {
    return absl::StrCat(program, " -R ", argument, " ", folder);
  }
  return absl::StrCat(program, " ", argument, " ", folder, of_files.empty() ? "" : " && ",
                      of_files);
}

std::string GiveStoreTo(const std::string& directory, const std::string& spec) {
  if (IsStoreAlone(directory)) return ChangeStore(directory, "chown", spec);
  const std::string files = OwnPaths(directory);
  const std::string own = ShellWord(directory + "/cpuagg");
  return absl::StrCat("mkdir -p -m 0750 ", own,
                      files.empty() ? "" : absl::StrCat(" && mv", files, " ", own), " && chown -R ",
                      spec, " ", own, "  # and set STORE=", own,
                      " in the configuration, since others use ", ShellWord(directory), " as well");
}

Inventory TakeInventory(const std::string& directory, uid_t owner) {
  Inventory inventory;
  std::error_code error;
  using Options = std::filesystem::directory_options;
  std::filesystem::recursive_directory_iterator it(directory, Options::skip_permission_denied,
                                                   error);
  for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    // The folder may be shared with files that are not cpuagg's.
    if (it.depth() == 0 && !IsOwnName(it->path().filename().string())) {
      it.disable_recursion_pending();
      continue;
    }
    struct stat info;
    if (lstat(it->path().c_str(), &info) != 0) continue;
    ++inventory.files;
    if (S_ISREG(info.st_mode)) inventory.bytes += static_cast<uint64_t>(info.st_size);
    if (S_ISREG(info.st_mode) && info.st_nlink > 1) inventory.linked = it->path().string();
    if (info.st_uid == owner) continue;
    if (inventory.of_others++ == 0) inventory.first_other = it->path().string();
  }
  return inventory;
}

void CheckStoreDamage(const aggregate::SnapshotStore& store, const aggregate::StoreListing& listing,
                      const std::string& collect, Findings& findings) {
  constexpr absl::Duration kBudget = absl::Seconds(3);
  const absl::Duration deadline = Stopwatch() + kBudget;
  Finding finding = {.id = "store_damage", .subject = "snapshots"};
  uint64_t looked_at = 0;
  std::vector<std::string> problems;
  for (auto it = listing.snapshots.rbegin();
       it != listing.snapshots.rend() && Stopwatch() < deadline; ++it) {
    ++looked_at;
    const absl::Status status = store.Check(*it);
    if (absl::IsNotFound(status)) continue;  // merged meanwhile
    if (!status.ok()) problems.emplace_back(status.message());
  }
  bool is_only_set_aside = problems.empty();
  for (const aggregate::DamagedSnapshot& damaged : listing.damaged) {
    problems.push_back(damaged.problem);
    is_only_set_aside = is_only_set_aside && damaged.is_set_aside;
  }
  finding.text = absl::StrCat(Pluralize(looked_at, "file"), " read and whole");
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
      finding.mends = {
          absl::StrCat(collect, "  # sets it aside, and reads again what is still there")};
    }
  }
  findings.Add(std::move(finding));
}

Finding CheckRoom(const std::string& directory, const StoreRoom& room) {
  Finding space = {.id = "store_space",
                   .subject = "room for the store",
                   .text = absl::StrCat(notify::SizeInWords(room.free), " free"),
                   .numbers = {{"store_free_bytes", static_cast<int64_t>(room.free), "B"}}};
  constexpr uint64_t kMuch = uint64_t{100} << 20;
  constexpr uint64_t kLeast = uint64_t{4} << 20;
  const bool is_less_than_a_year = room.free + room.store_bytes < room.in_a_year;
  if (room.free < kLeast || room.has_few_inodes) {
    space.level = Level::kCritical;
    if (room.has_few_inodes) {
      absl::StrAppend(&space.text, ", but no more inodes: files cannot be made");
    }
  } else if (room.free < kMuch || is_less_than_a_year) {
    space.level = Level::kWarning;
    if (room.free >= kMuch) absl::StrAppend(&space.text, ", less than it may need in a year");
  }
  if (space.level == Level::kOk) return space;
  space.advice = {absl::StrCat("make room on the file system of ", directory)};
  // Deleting old data frees little if the store is small or has no old data.
  if (room.age >= absl::Hours(48) && (room.store_bytes >= kLeast || is_less_than_a_year)) {
    space.advice.push_back(absl::StrCat("or set KEEP in the configuration to less than the ",
                                        AgeText(room.age),
                                        " that the store goes back, in which it has grown to ",
                                        notify::SizeInWords(room.store_bytes)));
  }
  return space;
}

void CheckStoreSize(const std::string& directory, absl::Time now, std::optional<int> days_kept,
                    const aggregate::StoreListing& listing, const Inventory& inventory,
                    Findings& findings) {
  Finding size = {.id = "store_size", .subject = "size of the store"};
  size.text = notify::SizeInWords(inventory.bytes);
  size.numbers = {{"store_bytes", static_cast<int64_t>(inventory.bytes), "B"}};
  uint64_t in_a_year = 0;
  absl::Time begin = now;
  for (const auto& stored : listing.snapshots) {
    if (stored.header.captured_at != absl::InfinitePast())
      begin = std::min(begin, stored.header.captured_at);
    if (stored.header.user_buckets.empty()) continue;
    begin = std::min(begin, absl::FromUnixSeconds(stored.header.user_buckets.front().begin));
  }
  const absl::Duration age = now - begin;
  if (age < absl::Hours(48)) {
    absl::StrAppend(&size.text, "; too young to say what it will be in a year");
  } else {
    // An upper limit, because hours become days, and commands are kept by the month.
    const double days = absl::FDivDuration(age, absl::Hours(24));
    const double kept =
        std::min(days + 365, days_kept.has_value() ? static_cast<double>(*days_kept) : days + 365);
    in_a_year =
        static_cast<uint64_t>(static_cast<double>(inventory.bytes) / days * std::max(kept, 1.0));
    absl::StrAppend(&size.text, "; in a year at most about ", notify::SizeInWords(in_a_year),
                    ", as it grew in the last ", AgeText(age));
    if (days_kept.has_value()) {
      absl::StrAppend(&size.text, " and with what --keep forgets (", *days_kept, " days)");
    }
    size.numbers.push_back({"store_bytes_in_a_year", static_cast<int64_t>(in_a_year), "B"});
  }
  findings.Add(std::move(size));

  Finding space = {.id = "store_space", .subject = "room for the store"};
  struct statvfs volume;
  if (statvfs(directory.c_str(), &volume) != 0) {
    space.level = Level::kNote;
    space.text = "not known";
    findings.Add(std::move(space));
    return;
  }
  findings.Add(CheckRoom(directory, {.free = uint64_t{volume.f_bavail} * volume.f_frsize,
                                     .has_few_inodes = volume.f_files > 0 && volume.f_favail < 100,
                                     .store_bytes = inventory.bytes,
                                     .in_a_year = in_a_year,
                                     .age = age}));
}

}  // namespace cpuagg::tools::check
