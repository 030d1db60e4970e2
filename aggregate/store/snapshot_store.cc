#include "aggregate/store/snapshot_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "acct/io/atomic_file.h"
#include "acct/io/directory_files.h"
#include "acct/io/file.h"
#include "acct/io/file_lock.h"
#include "acct/io/store_owner.h"

namespace cpuagg::aggregate {
namespace {

constexpr char kSuffix[] = ".pb";
constexpr char kDamagedSuffix[] = ".pb.damaged";

std::string NameOf(const SnapshotHeader& header) {
  const std::string time =
      absl::FormatTime("%E4Y%m%dT%H%M%SZ", header.captured_at, absl::UTCTimeZone());
  const Runs& runs = header.runs;
  if (runs.first == runs.last) return absl::StrFormat("%s-%06d%s", time, runs.last, kSuffix);
  return absl::StrFormat("%s-%06d-%06d%s", time, runs.first, runs.last, kSuffix);
}

// What the name of a snapshot file says.
struct NamedSnapshot {
  std::string path;
  absl::Time captured_at;
  Runs runs;
  bool is_set_aside = false;
};

// nullopt for any other file.
std::optional<NamedSnapshot> ReadName(const std::string& directory, absl::string_view name) {
  NamedSnapshot named{.path = absl::StrCat(directory, "/", name)};
  named.is_set_aside = absl::ConsumeSuffix(&name, kDamagedSuffix);
  if (!named.is_set_aside && !absl::ConsumeSuffix(&name, kSuffix)) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '-');
  const auto is_number = [](absl::string_view text) {
    return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  };
  if (parts.size() < 2 || parts.size() > 3 ||
      !absl::ParseTime("%E4Y%m%dT%H%M%SZ", parts[0], &named.captured_at, nullptr) ||
      !is_number(parts[1]) || !absl::SimpleAtoi(parts[1], &named.runs.first) ||
      !is_number(parts.back()) || !absl::SimpleAtoi(parts.back(), &named.runs.last) ||
      named.runs.first == 0 || named.runs.first > named.runs.last) {
    return std::nullopt;
  }
  return named;
}

std::string RunsText(const Runs& runs) {
  if (runs.first == runs.last) return absl::StrCat("run ", runs.first);
  return absl::StrCat("runs ", runs.first, " to ", runs.last);
}

absl::Status MakeDirectory(const std::string& path) {
  constexpr mode_t kMode = 0750;
  if (mkdir(path.c_str(), kMode) == 0 || errno == EEXIST) return absl::OkStatus();
  const std::string parent = std::filesystem::path(path).parent_path().string();
  if (errno == ENOENT && !parent.empty() && parent != path) {
    if (absl::Status status = MakeDirectory(parent); !status.ok()) return status;
    if (mkdir(path.c_str(), kMode) == 0 || errno == EEXIST) return absl::OkStatus();
  }
  return acct::ErrnoStatus(errno, path, "create the directory");
}

// A folder in `directory` that is a store itself; empty if it has none. Hidden folders do not
// count.
std::string StoreWithin(const std::string& directory) {
  std::error_code failed;
  for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::string name = at->path().filename().string();
    if (name[0] != '.' && SnapshotStore(at->path().string()).Exists().value_or(false)) return name;
  }
  return "";
}

}  // namespace

absl::Status SnapshotStore::MakeDirectories() const {
  if (absl::Status status = MakeDirectory(directory_); !status.ok()) return status;
  if (absl::Status status = CheckIsNotOfSeveral(); !status.ok()) return status;
  const acct::AsStoreOwner owner(directory_);
  if (absl::Status status = MakeDirectory(SnapshotDirectory()); !status.ok()) return status;
  return CheckDirectories();
}

absl::Status SnapshotStore::CheckIsNotOfSeveral() const {
  // If that cannot be seen, what is done next reports it.
  if (Exists().value_or(true)) return absl::OkStatus();
  const std::string within = StoreWithin(directory_);
  if (within.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      directory_, ": is a folder of stores, and does not become one itself; name the ",
      "store of one machine, such as ", (std::filesystem::path(directory_) / within).string()));
}

absl::Status SnapshotStore::CheckDirectories() const {
  if (absl::Status status = acct::CheckWriters(directory_); !status.ok()) return status;
  return acct::CheckWriters(SnapshotDirectory());
}

absl::StatusOr<acct::FileLock> SnapshotStore::Lock(absl::Duration timeout) const {
  if (absl::Status status = MakeDirectories(); !status.ok()) return status;
  const acct::AsStoreOwner owner(directory_);
  absl::StatusOr<acct::FileLock> lock = acct::FileLock::Acquire(directory_ + "/lock", timeout);
  if (!lock.ok()) return lock.status();
  // With the lock held, nobody else is writing.
  for (const std::string& directory : {directory_, SnapshotDirectory()}) {
    if (absl::Status status = acct::RemoveUnfinishedFiles(directory, *changes_); !status.ok()) {
      return status;
    }
  }
  return lock;
}

namespace {

// False for folders, pipes and links, which somebody may keep under such a name. A file that was
// removed since the listing may have been a snapshot; loading it will tell.
absl::StatusOr<bool> MayBeSnapshot(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) == 0) return S_ISREG(info.st_mode);
  if (errno == ENOENT) return true;
  return acct::ErrnoStatus(errno, path, "stat");
}

// The snapshots of `directory` by name, in the order of their runs. Among those with the same first
// run, the one with the most runs comes first.
absl::StatusOr<std::vector<NamedSnapshot>> ReadNames(const std::string& directory) {
  const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(directory);
  if (!names.ok()) return names.status();
  std::vector<NamedSnapshot> found;
  for (const std::string& name : *names) {
    std::optional<NamedSnapshot> named = ReadName(directory, name);
    if (!named.has_value()) continue;
    const absl::StatusOr<bool> may_be_snapshot = MayBeSnapshot(named->path);
    if (!may_be_snapshot.ok()) return may_be_snapshot.status();
    if (*may_be_snapshot) found.push_back(*std::move(named));
  }
  std::sort(found.begin(), found.end(), [](const NamedSnapshot& a, const NamedSnapshot& b) {
    return std::tuple(a.runs.first, b.runs.last, a.path) <
           std::tuple(b.runs.first, a.runs.last, b.path);
  });
  return found;
}

// NotFound if it has been merged and removed since the listing.
absl::StatusOr<StoredSnapshot> LoadHeader(const NamedSnapshot& named) {
  const absl::StatusOr<acct::File> file = acct::OpenOwnFile(named.path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  absl::StatusOr<SnapshotHeader> header = ReadSnapshotHeader(*file);
  if (header.ok() && header->runs != named.runs) {
    return absl::DataLossError(absl::StrCat(named.path, ": damaged snapshot (it holds ",
                                            RunsText(header->runs), ", not what its name says)"));
  }
  if (!header.ok()) return header.status();
  return StoredSnapshot{.path = named.path,
                        .bytes = static_cast<uint64_t>(info->st_size),
                        .header = *std::move(header)};
}

// The gap between two snapshots that are not consecutive, including the damaged ones in it. Null
// for the beginning and the end of the store.
Gap GapBetween(const SnapshotHeader* before, const SnapshotHeader* after, const Runs& missing,
               const std::vector<DamagedSnapshot>& damaged, absl::Time last_known) {
  Gap gap{.period = {.begin = before != nullptr ? before->captured_at : absl::InfinitePast(),
                     .end = after != nullptr ? after->captured_at : last_known}};
  std::vector<std::string> problems;
  for (const DamagedSnapshot& each : damaged) {
    if (each.runs.first <= missing.last && missing.first <= each.runs.last) {
      problems.push_back(each.problem);
    }
  }
  gap.reason = problems.empty() ? absl::StrCat("the store has no snapshot of ", RunsText(missing),
                                               "; what was collected then is not counted")
                                : absl::StrCat(absl::StrJoin(problems, "; "),
                                               "; what was collected then is not counted");
  // The clock may have been set in between.
  if (gap.period.end < gap.period.begin) std::swap(gap.period.begin, gap.period.end);
  return gap;
}

}  // namespace

absl::StatusOr<bool> SnapshotStore::IsEmpty() const {
  if (absl::Status status = CheckDirectories(); !status.ok()) return status;
  const absl::StatusOr<std::vector<NamedSnapshot>> names = ReadNames(SnapshotDirectory());
  if (!names.ok()) return names.status();
  return names->empty();
}

absl::StatusOr<bool> SnapshotStore::Exists() const {
  if (absl::Status status = CheckDirectories(); !status.ok()) return status;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(SnapshotDirectory(), error);
  if (status.type() == std::filesystem::file_type::none) {
    return acct::ErrnoStatus(error.value(), SnapshotDirectory(), "look at");
  }
  return std::filesystem::exists(status);
}

absl::StatusOr<StoreListing> SnapshotStore::List() const {
  if (absl::Status status = CheckDirectories(); !status.ok()) return status;
  const absl::StatusOr<std::vector<NamedSnapshot>> names = ReadNames(SnapshotDirectory());
  if (!names.ok()) return names.status();
  StoreListing listing;
  absl::Time last_known = absl::InfinitePast();
  uint64_t covered = 0;
  for (const NamedSnapshot& named : *names) {
    listing.last_run = std::max(listing.last_run, named.runs.last);
    last_known = std::max(last_known, named.captured_at);
    if (named.is_set_aside) {
      listing.damaged.push_back({.path = named.path,
                                 .runs = named.runs,
                                 .problem = absl::StrCat(named.path, ": damaged, and set aside"),
                                 .is_set_aside = true});
      continue;
    }
    if (named.runs.last <= covered) {
      listing.replaced.push_back(named.path);
      continue;
    }
    absl::StatusOr<StoredSnapshot> stored = LoadHeader(named);
    if (stored.ok() && named.runs.first <= covered) {
      stored = absl::DataLossError(absl::StrCat(named.path, ": damaged snapshot (it holds ",
                                                RunsText(named.runs),
                                                ", some of which another one holds as well)"));
    }
    if (absl::IsDataLoss(stored.status())) {
      listing.damaged.push_back({.path = named.path,
                                 .runs = named.runs,
                                 .problem = std::string(stored.status().message())});
      continue;
    }
    if (!stored.ok()) return stored.status();
    covered = named.runs.last;
    listing.snapshots.push_back(*std::move(stored));
  }

  for (DamagedSnapshot& damaged : listing.damaged) {
    const bool is_made_up_for = std::any_of(
        listing.snapshots.begin(), listing.snapshots.end(),
        [&](const StoredSnapshot& stored) { return stored.header.runs.Contain(damaged.runs); });
    if (!damaged.is_set_aside || !is_made_up_for) continue;
    absl::StrAppend(&damaged.problem,
                    "; what it held has been read again, and the file can be removed");
  }

  const SnapshotHeader* before = nullptr;
  uint64_t next = 1;
  for (const StoredSnapshot& stored : listing.snapshots) {
    if (stored.header.runs.first > next) {
      const Runs missing = {next, stored.header.runs.first - 1};
      listing.missing.push_back(
          {missing, GapBetween(before, &stored.header, missing, listing.damaged, last_known)});
    }
    before = &stored.header;
    next = stored.header.runs.last + 1;
  }
  if (listing.last_run >= next) {
    const Runs missing = {next, listing.last_run};
    listing.missing.push_back(
        {missing, GapBetween(before, nullptr, missing, listing.damaged, last_known)});
  }
  return listing;
}

absl::StatusOr<std::optional<SnapshotHeader>> SnapshotStore::NewestHeader() const {
  if (absl::Status status = CheckDirectories(); !status.ok()) return status;
  absl::StatusOr<std::vector<NamedSnapshot>> names = ReadNames(SnapshotDirectory());
  if (!names.ok()) return names.status();
  std::stable_sort(
      names->begin(), names->end(),
      [](const NamedSnapshot& a, const NamedSnapshot& b) { return a.runs.last > b.runs.last; });
  for (const NamedSnapshot& named : *names) {
    if (named.is_set_aside) continue;
    absl::StatusOr<StoredSnapshot> stored = LoadHeader(named);
    if (stored.ok()) return std::move(stored->header);
    // Merged since, or damaged.
    if (!absl::IsNotFound(stored.status()) && !absl::IsDataLoss(stored.status())) {
      return stored.status();
    }
  }
  return std::nullopt;
}

absl::StatusOr<uint64_t> SnapshotStore::LastRun() const {
  const absl::StatusOr<std::vector<NamedSnapshot>> names = ReadNames(SnapshotDirectory());
  if (!names.ok()) return names.status();
  uint64_t last = 0;
  for (const NamedSnapshot& named : *names) last = std::max(last, named.runs.last);
  return last;
}

absl::StatusOr<Snapshot> SnapshotStore::Load(const StoredSnapshot& stored, WantedRows rows) const {
  const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(stored.path);
  if (!bytes.ok()) return bytes.status();
  return DecodeSnapshot(*bytes, stored.path, rows);
}

absl::Status SnapshotStore::Check(const StoredSnapshot& stored) const {
  const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(stored.path);
  if (!bytes.ok()) return bytes.status();
  return CheckSnapshot(*bytes, stored.path);
}

absl::Status SnapshotStore::Publish(const Snapshot& snapshot) const {
  const acct::AsStoreOwner owner(directory_);
  return acct::WriteFileAtomically(absl::StrCat(SnapshotDirectory(), "/", NameOf(snapshot.header)),
                                   EncodeSnapshot(snapshot), 0640, *changes_);
}

absl::Status SnapshotStore::Replace(absl::Span<const StoredSnapshot> parts,
                                    const Snapshot& merged) const {
  if (absl::Status status = Publish(merged); !status.ok()) return status;
  const std::string path = absl::StrCat(SnapshotDirectory(), "/", NameOf(merged.header));
  std::vector<std::string> replaced;
  for (const StoredSnapshot& part : parts) {
    if (part.path != path) replaced.push_back(part.path);
  }
  return Remove(replaced);
}

absl::Status SnapshotStore::Remove(absl::Span<const std::string> paths) const {
  const acct::AsStoreOwner owner(directory_);
  for (const std::string& path : paths) {
    if (absl::Status status = changes_->Remove(path); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SnapshotStore::SetAside(const std::string& path) const {
  const acct::AsStoreOwner owner(directory_);
  const std::string stem = path.substr(0, path.size() - absl::string_view(kSuffix).size());
  if (absl::Status status = changes_->Rename(path, stem + kDamagedSuffix); !status.ok()) {
    return status;
  }
  return changes_->SyncDirectory(SnapshotDirectory());
}

}  // namespace cpuagg::aggregate
