// QueueWriter: puts reports and alerts into the outbox.
//
//   absl::StatusOr<QueueWriter> queue = QueueWriter::Open(outbox, absl::Seconds(30));
//   absl::Status added = queue->AddSinceLast(report, last_run);
//
// An addition may change two files: that of the report, and the outbox's state. The report is
// written first, so that a crash between the two loses nothing:
//
// - A report of what is new since the last one: the next report repeats it. In the other order it
//   would be missing from both.
// - An alert: it has its own marks of what it tells, so it is not told again while it waits
//   (ToldMarks()). Deliver() puts the marks into the state before it removes the alert.

#ifndef CPUAGG_NOTIFY_OUTBOX_QUEUE_WRITER_H_
#define CPUAGG_NOTIFY_OUTBOX_QUEUE_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/outgoing/alert.h"
#include "notify/outgoing/queued_report.h"
#include "notify/telegram/chat.h"

namespace cpuagg::notify {

// What alerts have told: those in `state`, and those that wait in `outbox`.
absl::StatusOr<std::vector<AlertMark>> ToldMarks(const Outbox& outbox, const OutboxState& state);

// A check of limits.
struct LimitsCheck {
  std::string limits;  // as in OutboxState
  absl::Time at;
  // The next check looks at periods of kind `unit` from `begin` on.
  std::string unit;
  absl::Time begin;
  std::vector<AlertMark> taken_as_told = {};  // without an alert
};

class QueueWriter {
 public:
  // Holds Outbox::LockQueue(), for which it waits up to `timeout`. A state that is damaged is set
  // aside; problem() says so. Errors are those of LockQueue() and of reading the state. `outbox`
  // must outlive it.
  static absl::StatusOr<QueueWriter> Open(const Outbox& outbox, absl::Duration timeout);

  // What was wrong with the state; empty if nothing was.
  const std::string& problem() const { return problem_; }
  const OutboxState& state() const { return state_; }

  // `configured` with the ids that the chats have now, each chat once.
  std::vector<Chat> CurrentChats(const std::vector<Chat>& configured) const;

  // After an error of these, the report may be in the outbox or not.
  absl::Status Add(const QueuedReport& report) const;
  // `report` has what is new since the last such report, up to the run `last_run`.
  absl::Status AddSinceLast(const QueuedReport& report, uint64_t last_run);
  absl::Status AddAlert(const QueuedReport& alert);

  // Forgets the marks of periods that no later check looks at.
  absl::Status SetLimitsChecked(const LimitsCheck& check);

 private:
  QueueWriter(const Outbox& outbox, acct::FileLock lock, LoadedState loaded)
      : outbox_(&outbox),
        lock_(std::move(lock)),
        state_(std::move(loaded.state)),
        problem_(std::move(loaded.problem)) {}

  const Outbox* outbox_;
  acct::FileLock lock_;
  OutboxState state_;
  std::string problem_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_QUEUE_WRITER_H_
