#include "notify/outbox.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"
#include "aggregate/directory_files.h"
#include "notify/outbox_codec.h"

namespace cpuagg::notify {
namespace {

constexpr absl::string_view kSuffix = ".pb";

}  // namespace

absl::Status Outbox::MakeDirectory() const {
  if (mkdir(directory_.c_str(), 0750) != 0 && errno != EEXIST) {
    return acct::ErrnoStatus(errno, directory_, "create the directory");
  }
  return absl::OkStatus();
}

absl::StatusOr<aggregate::StoreLock> Outbox::Lock(absl::Duration patience) const {
  if (absl::Status made = MakeDirectory(); !made.ok()) return made;
  absl::StatusOr<aggregate::StoreLock> lock =
      aggregate::StoreLock::Acquire(directory_ + "/lock", patience);
  if (!lock.ok()) return lock;
  // With both locks nobody writes, so what is unfinished was left by a crash.
  const absl::StatusOr<aggregate::StoreLock> queue_lock = LockQueue(patience);
  if (!queue_lock.ok()) return queue_lock.status();
  if (absl::Status status = aggregate::RemoveUnfinishedFiles(directory_, *changes_); !status.ok()) {
    return status;
  }
  return lock;
}

absl::StatusOr<aggregate::StoreLock> Outbox::LockQueue(absl::Duration patience) const {
  if (absl::Status made = MakeDirectory(); !made.ok()) return made;
  return aggregate::StoreLock::Acquire(directory_ + "/queue.lock", patience);
}

std::string Outbox::PathOf(const OutgoingReport& report) const {
  return absl::StrCat(directory_, "/", report.id, kSuffix);
}

absl::Status Outbox::Save(const OutgoingReport& report) const {
  return aggregate::WriteFileAtomically(PathOf(report), EncodeReport(report), 0640, *changes_);
}

absl::Status Outbox::Remove(const OutgoingReport& report) const {
  return changes_->Remove(PathOf(report));
}

absl::StatusOr<OutboxMemory> Outbox::Remember() const {
  const std::string path = MemoryPath();
  const absl::StatusOr<std::string> bytes = aggregate::ReadWholeFile(path);
  if (absl::IsNotFound(bytes.status())) return OutboxMemory();
  if (!bytes.ok()) return bytes.status();
  return DecodeMemory(*bytes, path);
}

absl::Status Outbox::SaveMemory(const OutboxMemory& memory) const {
  return aggregate::WriteFileAtomically(MemoryPath(), EncodeMemory(memory), 0640, *changes_);
}

absl::StatusOr<OutboxListing> Outbox::List() const { return List(/*sets_aside=*/false); }

absl::StatusOr<OutboxListing> Outbox::ListAndSetAside() const { return List(/*sets_aside=*/true); }

absl::StatusOr<OutboxListing> Outbox::List(bool sets_aside) const {
  OutboxListing listing;
  const absl::StatusOr<std::vector<std::string>> names = aggregate::NamesIn(directory_);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (!absl::EndsWith(name, kSuffix) || absl::StartsWith(name, aggregate::kUnfinishedPrefix)) {
      continue;
    }
    const std::string path = absl::StrCat(directory_, "/", name);
    const absl::StatusOr<std::string> bytes = aggregate::ReadWholeFile(path);
    if (absl::IsNotFound(bytes.status())) continue;  // it has been delivered since
    absl::Status status = bytes.status();
    if (bytes.ok()) {
      absl::StatusOr<OutgoingReport> report = DecodeReport(*bytes, path);
      if (report.ok() && PathOf(*report) == path) {
        listing.reports.push_back(*std::move(report));
        continue;
      }
      status = report.ok()
                   ? absl::DataLossError(absl::StrCat(path, ": holds the report ", report->id))
                   : report.status();
    }
    if (!absl::IsDataLoss(status) && !absl::IsInvalidArgument(status)) return status;
    std::string problem(status.message());
    if (sets_aside) {
      const std::string aside = path + ".damaged";
      const absl::Status renamed = changes_->Rename(path, aside);
      if (!renamed.ok()) return renamed;
      absl::StrAppend(&problem, "; set aside as ", aside);
    }
    listing.damaged.push_back(std::move(problem));
  }
  std::sort(listing.reports.begin(), listing.reports.end(),
            [](const OutgoingReport& a, const OutgoingReport& b) {
              return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
            });
  return listing;
}

}  // namespace cpuagg::notify
