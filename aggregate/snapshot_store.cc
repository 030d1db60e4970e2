#include "aggregate/snapshot_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "acct/file.h"
#include "aggregate/atomic_file.h"

namespace cpuagg::aggregate {
namespace {

constexpr absl::string_view kSuffix = ".pb";

// The sequence number in a snapshot's file name; nullopt for any other file.
std::optional<uint64_t> SequenceOf(absl::string_view file_name) {
  uint64_t sequence;
  const size_t dash = file_name.rfind('-');
  if (!absl::EndsWith(file_name, kSuffix) || dash == absl::string_view::npos) return std::nullopt;
  file_name.remove_suffix(kSuffix.size());
  if (!absl::SimpleAtoi(file_name.substr(dash + 1), &sequence)) return std::nullopt;
  return sequence;
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

// What a crash left behind. Only called with the lock held, so nobody is writing them.
void RemoveUnfinished(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (absl::StartsWith(entry.path().filename().string(), kUnfinishedPrefix)) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

absl::StatusOr<Snapshot> Load(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadWholeFile(path);
  if (!bytes.ok()) return bytes.status();
  return DecodeSnapshot(*bytes, path);
}

std::string HolderOf(int fd) {
  char pid[32];
  const ssize_t got = pread(fd, pid, sizeof pid, 0);
  if (got <= 0) return "another process";
  return absl::StrCat("process ",
                      absl::StripAsciiWhitespace(absl::string_view(pid, static_cast<size_t>(got))));
}

}  // namespace

absl::StatusOr<StoreLock> StoreLock::Acquire(const std::string& path, absl::Duration patience) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return acct::ErrnoStatus(errno, path, "open");
  StoreLock lock(fd);
  const absl::Time deadline = absl::Now() + patience;
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return acct::ErrnoStatus(errno, path, "lock");
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat(path, ": is held by ", HolderOf(fd), ", which is still at work"));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  // For whoever waits; the lock works without it.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return acct::ErrnoStatus(errno, path, "write");
  }
  return lock;
}

StoreLock::~StoreLock() {
  if (fd_ >= 0) close(fd_);
}

absl::Status SnapshotStore::MakeDirectories() const {
  if (absl::Status status = MakeDirectory(directory_); !status.ok()) return status;
  return MakeDirectory(SnapshotDirectory());
}

absl::StatusOr<StoreLock> SnapshotStore::Lock(absl::Duration patience) const {
  if (absl::Status status = MakeDirectories(); !status.ok()) return status;
  absl::StatusOr<StoreLock> lock = StoreLock::Acquire(directory_ + "/lock", patience);
  if (!lock.ok()) return lock.status();
  RemoveUnfinished(SnapshotDirectory());
  return lock;
}

absl::StatusOr<std::vector<std::string>> SnapshotStore::List() const {
  std::error_code error;
  std::vector<std::pair<uint64_t, std::string>> found;
  std::filesystem::directory_iterator directory(SnapshotDirectory(), error);
  if (error == std::errc::no_such_file_or_directory) return std::vector<std::string>();
  if (error) return acct::ErrnoStatus(error.value(), SnapshotDirectory(), "list");
  for (const auto& entry : directory) {
    const std::optional<uint64_t> sequence = SequenceOf(entry.path().filename().string());
    if (sequence.has_value()) found.emplace_back(*sequence, entry.path().string());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [sequence, path] : found) paths.push_back(std::move(path));
  return paths;
}

absl::StatusOr<bool> SnapshotStore::IsEmpty() const {
  const absl::StatusOr<std::vector<std::string>> paths = List();
  if (!paths.ok()) return paths.status();
  return paths->empty();
}

absl::StatusOr<std::vector<Snapshot>> SnapshotStore::LoadAll() const {
  absl::StatusOr<std::vector<std::string>> paths = List();
  if (!paths.ok()) return paths.status();
  std::vector<Snapshot> snapshots;
  for (const std::string& path : *paths) {
    absl::StatusOr<Snapshot> snapshot = Load(path);
    if (!snapshot.ok()) return snapshot.status();
    snapshots.push_back(*std::move(snapshot));
  }
  return snapshots;
}

absl::StatusOr<std::optional<Snapshot>> SnapshotStore::LoadNewest() const {
  absl::StatusOr<std::vector<std::string>> paths = List();
  if (!paths.ok()) return paths.status();
  if (paths->empty()) return std::nullopt;
  absl::StatusOr<Snapshot> snapshot = Load(paths->back());
  if (!snapshot.ok()) return snapshot.status();
  return std::optional<Snapshot>(*std::move(snapshot));
}

absl::Status SnapshotStore::Publish(const Snapshot& snapshot) const {
  const std::string name = absl::StrFormat(
      "%s-%06d%s", absl::FormatTime("%Y%m%dT%H%M%SZ", snapshot.captured_at, absl::UTCTimeZone()),
      snapshot.sequence, kSuffix);
  return WriteFileAtomically(absl::StrCat(SnapshotDirectory(), "/", name), EncodeSnapshot(snapshot),
                             0640);
}

}  // namespace cpuagg::aggregate
