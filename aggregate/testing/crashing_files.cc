#include "aggregate/testing/crashing_files.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cpuagg::aggregate::testing {

CrashingFiles::CrashingFiles(std::string trash) : trash_(std::move(trash)) {
  std::filesystem::create_directories(trash_);
}

void CrashingFiles::StopAt(uint64_t call, Stop stop) {
  calls_ = 0;
  stop_at_ = call;
  stop_ = stop;
}

absl::Status CrashingFiles::Allow(absl::string_view call) {
  const bool is_stopped =
      stop_ == Stop::kError ? calls_ == stop_at_ : has_stopped_ || calls_ >= stop_at_;
  ++calls_;
  if (!is_stopped) return absl::OkStatus();
  has_stopped_ = true;
  return absl::UnavailableError(absl::StrCat("stopped at ", call));
}

void CrashingFiles::Restart(std::mt19937_64& random) {
  if (has_stopped_ && stop_ == Stop::kPowerCut) {
    // A file system keeps the order of changes in a directory, but may lose the last ones.
    const size_t kept = random() % (unsynced_changes_.size() + 1);
    while (unsynced_changes_.size() > kept) {
      Undo(unsynced_changes_.back());
      unsynced_changes_.pop_back();
    }
    for (const std::string& path : unsynced_files_) {
      std::error_code error;
      const uintmax_t size = std::filesystem::file_size(path, error);
      if (!error) std::filesystem::resize_file(path, random() % (size + 1));
    }
  }
  unsynced_changes_.clear();
  unsynced_files_.clear();
  std::filesystem::remove_all(trash_);
  std::filesystem::create_directories(trash_);
  has_stopped_ = false;
  stop_at_ = UINT64_MAX;
  calls_ = 0;
}

std::string CrashingFiles::Trash(const std::string& path) {
  if (!std::filesystem::exists(path)) return "";
  std::string trashed = absl::StrCat(trash_, "/", ++trashed_);
  std::filesystem::rename(path, trashed);
  return trashed;
}

void CrashingFiles::Undo(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kCreated:
      std::filesystem::remove(change.from);
      break;
    case Change::Kind::kRenamed:
      std::filesystem::rename(change.to, change.from);
      if (unsynced_files_.erase(change.to) > 0) unsynced_files_.insert(change.from);
      if (!change.trashed.empty()) std::filesystem::rename(change.trashed, change.to);
      break;
    case Change::Kind::kRemoved:
      std::filesystem::rename(change.trashed, change.from);
      break;
  }
}

absl::StatusOr<int> CrashingFiles::Create(const std::string& path, std::string& temporary,
                                          mode_t mode) {
  if (absl::Status status = Allow("create"); !status.ok()) return status;
  const absl::StatusOr<int> fd = acct::FileSystem::Create(path, temporary, mode);
  if (!fd.ok()) return fd;
  created_ = temporary;
  unsynced_files_.insert(temporary);
  unsynced_changes_.push_back({Change::Kind::kCreated, temporary, "", ""});
  return fd;
}

absl::Status CrashingFiles::Write(int fd, const std::string& path, absl::string_view content) {
  if (absl::Status status = Allow("write"); !status.ok()) {
    // Part of it was written.
    acct::FileSystem::Write(fd, path, content.substr(0, content.size() / 2)).IgnoreError();
    return status;
  }
  return acct::FileSystem::Write(fd, path, content);
}

absl::Status CrashingFiles::Sync(int, const std::string&) {
  if (absl::Status status = Allow("sync"); !status.ok()) return status;
  unsynced_files_.erase(created_);
  return absl::OkStatus();
}

absl::Status CrashingFiles::Rename(const std::string& from, const std::string& to) {
  if (absl::Status status = Allow("rename"); !status.ok()) return status;
  const std::string trashed = Trash(to);
  if (absl::Status status = acct::FileSystem::Rename(from, to); !status.ok()) return status;
  if (unsynced_files_.erase(from) > 0) unsynced_files_.insert(to);
  unsynced_changes_.push_back({Change::Kind::kRenamed, from, to, trashed});
  return absl::OkStatus();
}

absl::Status CrashingFiles::Remove(const std::string& path) {
  if (absl::Status status = Allow("remove"); !status.ok()) return status;
  const std::string trashed = Trash(path);
  if (trashed.empty()) return acct::FileSystem::Remove(path);
  unsynced_files_.erase(path);
  unsynced_changes_.push_back({Change::Kind::kRemoved, path, "", trashed});
  return absl::OkStatus();
}

absl::Status CrashingFiles::SyncDirectory(const std::string&) {
  if (absl::Status status = Allow("sync of the directory"); !status.ok()) return status;
  unsynced_changes_.clear();
  return absl::OkStatus();
}

}  // namespace cpuagg::aggregate::testing
