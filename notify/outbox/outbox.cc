#include "notify/outbox/outbox.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/directory_files.h"
#include "acct/io/file.h"
#include "acct/io/store_owner.h"
#include "notify/outbox/outbox_codec.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kSuffix = ".pb";

}  // namespace

std::string Outbox::StoreDirectory() const {
  return std::filesystem::path(directory_).parent_path().string();
}

absl::Status Outbox::MakeDirectory() const {
  const acct::AsStoreOwner owner(StoreDirectory());
  if (mkdir(directory_.c_str(), 0750) != 0 && errno != EEXIST) {
    return acct::ErrnoStatus(errno, directory_, "create the directory");
  }
  return acct::CheckWriters(directory_);
}

absl::StatusOr<acct::FileLock> Outbox::Lock(absl::Duration timeout) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  if (absl::Status made = MakeDirectory(); !made.ok()) return made;
  absl::StatusOr<acct::FileLock> lock = acct::FileLock::Acquire(directory_ + "/lock", timeout);
  if (!lock.ok()) return lock;
  // With both locks held nobody writes, so unfinished files are from a crash.
  const absl::StatusOr<acct::FileLock> queue_lock = LockQueue(timeout);
  if (!queue_lock.ok()) return queue_lock.status();
  if (absl::Status status = acct::RemoveUnfinishedFiles(directory_, *changes_); !status.ok()) {
    return status;
  }
  return lock;
}

absl::StatusOr<acct::FileLock> Outbox::LockQueue(absl::Duration timeout) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  if (absl::Status made = MakeDirectory(); !made.ok()) return made;
  return acct::FileLock::Acquire(directory_ + "/queue.lock", timeout);
}

std::string Outbox::PathOf(absl::string_view id) const {
  return absl::StrCat(directory_, "/", id, kSuffix);
}

bool Outbox::Has(absl::string_view id) const {
  struct stat info;
  return lstat(PathOf(id).c_str(), &info) == 0;
}

absl::Status Outbox::Add(const QueuedReport& report) const {
  // Nobody can add one in between, because the lock is held.
  if (Has(report.id)) {
    return absl::AlreadyExistsError(absl::StrCat(PathOf(report.id), ": is there already"));
  }
  return Save(report);
}

absl::Status Outbox::Save(const QueuedReport& report) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  return acct::WriteFileAtomically(PathOf(report.id), EncodeReport(report), 0640, *changes_);
}

absl::Status Outbox::Remove(const QueuedReport& report) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  return changes_->Remove(PathOf(report.id));
}

absl::StatusOr<OutboxState> Outbox::LoadState() const {
  const std::string path = StatePath();
  const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(path);
  if (absl::IsNotFound(bytes.status())) return OutboxState();
  if (!bytes.ok()) return bytes.status();
  return DecodeState(*bytes, path);
}

absl::StatusOr<LoadedState> Outbox::LoadStateOrSetAside() const {
  absl::StatusOr<OutboxState> state = LoadState();
  if (state.ok()) return LoadedState{.state = *std::move(state)};
  if (!absl::IsDataLoss(state.status())) return state.status();
  const absl::StatusOr<std::string> aside = SetAside(StatePath());
  if (!aside.ok()) return aside.status();
  return LoadedState{
      .problem = absl::StrCat(
          state.status().message(), "; set aside as ", *aside,
          ". It held the new ids of groups, which alerts have been sent, and where the last report "
          "of --period since-last ended. These are lost, and the next such report starts anew")};
}

absl::Status Outbox::SaveState(const OutboxState& state) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  return acct::WriteFileAtomically(StatePath(), EncodeState(state), 0640, *changes_);
}

absl::StatusOr<std::string> Outbox::SetAside(const std::string& path) const {
  const acct::AsStoreOwner owner(StoreDirectory());
  // Does not overwrite files that were set aside before.
  std::string aside = path + ".damaged";
  struct stat info;
  for (int i = 2; lstat(aside.c_str(), &info) == 0; ++i) {
    aside = absl::StrCat(path, ".", i, ".damaged");
  }
  if (absl::Status renamed = changes_->Rename(path, aside); !renamed.ok()) return renamed;
  return aside;
}

absl::StatusOr<OutboxListing> Outbox::List() const { return List(/*sets_aside=*/false); }

absl::StatusOr<OutboxListing> Outbox::ListAndSetAside() const { return List(/*sets_aside=*/true); }

absl::StatusOr<OutboxListing> Outbox::List(bool sets_aside) const {
  OutboxListing listing;
  if (absl::Status status = acct::CheckWriters(directory_); !status.ok()) return status;
  const absl::StatusOr<std::vector<std::string>> names = acct::NamesIn(directory_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!absl::EndsWith(name, kSuffix) || absl::StartsWith(name, acct::kUnfinishedPrefix)) {
      continue;
    }
    const std::string path = absl::StrCat(directory_, "/", name);
    const absl::StatusOr<std::string> bytes = acct::ReadWholeFile(path);
    if (absl::IsNotFound(bytes.status())) continue;  // delivered meanwhile
    absl::Status status = bytes.status();
    if (bytes.ok()) {
      absl::StatusOr<QueuedReport> report = DecodeReport(*bytes, path);
      if (report.ok() && PathOf(report->id) == path) {
        listing.reports.push_back(*std::move(report));
        continue;
      }
      status = report.ok()
                   ? absl::DataLossError(absl::StrCat(path, ": holds the report ", report->id))
                   : report.status();
    }
    std::string problem(status.message());
    if (!absl::IsDataLoss(status) && !absl::IsInvalidArgument(status)) {
      listing.unreadable.push_back(std::move(problem));
      continue;
    }
    if (sets_aside) {
      const absl::StatusOr<std::string> aside = SetAside(path);
      if (!aside.ok()) return aside.status();
      absl::StrAppend(&problem, "; set aside as ", *aside);
    }
    listing.damaged.push_back(std::move(problem));
  }
  std::sort(listing.reports.begin(), listing.reports.end(),
            [](const QueuedReport& a, const QueuedReport& b) {
              return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
            });
  return listing;
}

}  // namespace cpuagg::notify
