// Outbox: the reports that are on their way, on disk, so that a failure or a kill costs a delay and
// not a report.
//
//   STORE/outbox/lock            held by whoever delivers
//   STORE/outbox/queue.lock      held for a moment by whoever adds a report
//   STORE/outbox/memory          what is remembered from one run to the next
//   STORE/outbox/lab01-....pb    one file per report, removed when every message has its answer
//   STORE/outbox/....damaged     what could not be read, set aside

#ifndef CPUAGG_NOTIFY_OUTBOX_OUTBOX_H_
#define CPUAGG_NOTIFY_OUTBOX_OUTBOX_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/queued_report.h"

namespace cpuagg::notify {

struct OutboxListing {
  std::vector<QueuedReport> reports;  // oldest first
  std::vector<std::string> damaged;   // what is wrong with the files that cannot be read
  // What is wrong with those that may be read another time or by another program: of a newer
  // version, or with an error of the disk. They stay where they are.
  std::vector<std::string> unreadable;
};

// What is remembered, and what is wrong if nothing is.
struct Recollection {
  OutboxState memory;
  std::string problem;
};

class Outbox {
 public:
  explicit Outbox(std::string directory, acct::FileSystem& changes = acct::FileSystem::Default())
      : directory_(std::move(directory)), changes_(&changes) {}

  // Both make the directory where it is missing (0750; its parent must exist).
  // To deliver; removes what a crash left unfinished.
  absl::StatusOr<acct::FileLock> Lock(absl::Duration timeout) const;
  // To add a report and change the memory. Never held while waiting for a server.
  absl::StatusOr<acct::FileLock> LockQueue(absl::Duration timeout) const;

  // Whether a report of this id waits here. LockQueue must be held.
  bool Has(absl::string_view id) const;
  // Writes a new report durably; AlreadyExists if there is one of its id. LockQueue must be held.
  absl::Status Add(const QueuedReport& report) const;
  // Writes a report that is here and has changed. Lock must be held.
  absl::Status Save(const QueuedReport& report) const;
  // Lock must be held.
  absl::Status Remove(const QueuedReport& report) const;

  // Empty if nothing is remembered yet. DataLoss if it is damaged, FailedPrecondition if it is of a
  // newer version, which this program does not know, or may not be read.
  absl::StatusOr<OutboxState> LoadState() const;
  // The same, but a file that is damaged gets another name, and nothing is remembered.
  // LockQueue must be held.
  absl::StatusOr<Recollection> RememberOrSetAside() const;
  // LockQueue must be held since the memory was read.
  absl::Status SaveState(const OutboxState& memory) const;

  // Fails only if the directory cannot be listed.
  absl::StatusOr<OutboxListing> List() const;
  // The same; damaged files get a name by which they are no reports any more. Lock must be held.
  absl::StatusOr<OutboxListing> ListAndSetAside() const;

 private:
  // The store that it is in, whose owner its files are of.
  std::string StoreDirectory() const;
  absl::Status MakeDirectory() const;
  absl::StatusOr<OutboxListing> List(bool sets_aside) const;
  // Gives what is damaged another name, and returns that.
  absl::StatusOr<std::string> SetAside(const std::string& path) const;
  std::string PathOf(absl::string_view id) const;
  std::string StatePath() const { return directory_ + "/memory"; }

  std::string directory_;
  acct::FileSystem* changes_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_H_
