// Outbox: stores unsent reports on disk, so that a failure or a kill delays a report but does not
// lose it.
//
//   STORE/outbox/lock            held during delivery
//   STORE/outbox/queue.lock      held briefly while a report is added
//   STORE/outbox/memory          the state kept from one run to the next
//   STORE/outbox/lab01-....pb    one file per report, removed when every message has its answer
//   STORE/outbox/....damaged     files that could not be read, set aside

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
  std::vector<std::string> damaged;   // the problems of the files that cannot be read
  // The problems of files that may be readable later or by another program: files of a newer
  // version, or with a disk error. They stay where they are.
  std::vector<std::string> unreadable;
};

// The state, and the problem if it is empty because it could not be read.
struct LoadedState {
  OutboxState state;
  std::string problem;
};

class Outbox {
 public:
  explicit Outbox(std::string directory, acct::FileSystem& changes = acct::FileSystem::Default())
      : directory_(std::move(directory)), changes_(&changes) {}

  // The two locks. Taking either one creates the directory if it is missing (0750; its parent must
  // exist).
  //
  // For delivery. Also removes files that a crash left unfinished.
  absl::StatusOr<acct::FileLock> Lock(absl::Duration timeout) const;
  // For adding a report and changing the state. Never held while waiting for a server.
  absl::StatusOr<acct::FileLock> LockQueue(absl::Duration timeout) const;

  // Whether the outbox has a report with this id. LockQueue must be held.
  bool Has(absl::string_view id) const;
  // Writes a new report durably. AlreadyExists if there is one with the same id. LockQueue must be
  // held.
  absl::Status Add(const QueuedReport& report) const;
  // Writes a changed report. Lock must be held.
  absl::Status Save(const QueuedReport& report) const;
  // Lock must be held.
  absl::Status Remove(const QueuedReport& report) const;

  // An empty state if there is no file yet. DataLoss if the file is damaged; FailedPrecondition if
  // it has a newer version, which this program does not know, or may not be read.
  absl::StatusOr<OutboxState> LoadState() const;
  // The same, but renames a damaged file and returns an empty state. LockQueue must be held.
  absl::StatusOr<LoadedState> LoadStateOrSetAside() const;
  // LockQueue must have been held since the state was read.
  absl::Status SaveState(const OutboxState& state) const;

  // Fails only if the directory cannot be listed.
  absl::StatusOr<OutboxListing> List() const;
  // The same, but renames damaged files so that they no longer count as reports. Lock must be held.
  absl::StatusOr<OutboxListing> ListAndSetAside() const;

 private:
  // The store that contains the outbox. Its owner also owns the outbox's files.
  std::string StoreDirectory() const;
  absl::Status MakeDirectory() const;
  absl::StatusOr<OutboxListing> List(bool sets_aside) const;
  // Renames a damaged file and returns its new name.
  absl::StatusOr<std::string> SetAside(const std::string& path) const;
  std::string PathOf(absl::string_view id) const;
  std::string StatePath() const { return directory_ + "/memory"; }

  std::string directory_;
  acct::FileSystem* changes_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_H_
