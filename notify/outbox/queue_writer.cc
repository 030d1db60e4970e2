#include "notify/outbox/queue_writer.h"

#include <algorithm>

namespace cpuagg::notify {

absl::StatusOr<std::vector<AlertMark>> ToldMarks(const Outbox& outbox, const OutboxState& state) {
  const absl::StatusOr<OutboxListing> queued = outbox.List();
  if (!queued.ok()) return queued.status();
  std::vector<AlertMark> told = state.alerts;
  for (const QueuedReport& report : queued->reports) {
    told.insert(told.end(), report.alerts.begin(), report.alerts.end());
  }
  return told;
}

absl::StatusOr<QueueWriter> QueueWriter::Open(const Outbox& outbox, absl::Duration timeout) {
  absl::StatusOr<acct::FileLock> lock = outbox.LockQueue(timeout);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<LoadedState> loaded = outbox.LoadStateOrSetAside();
  if (!loaded.ok()) return loaded.status();
  return QueueWriter(outbox, *std::move(lock), *std::move(loaded));
}

std::vector<Chat> QueueWriter::CurrentChats(const std::vector<Chat>& configured) const {
  std::vector<Chat> chats;
  for (Chat chat : configured) {
    chat.id = state_.ChatNow(chat.id);
    if (std::find(chats.begin(), chats.end(), chat) == chats.end()) chats.push_back(chat);
  }
  return chats;
}

absl::Status QueueWriter::Add(const QueuedReport& report) const { return outbox_->Add(report); }

absl::Status QueueWriter::AddSinceLast(const QueuedReport& report, uint64_t last_run) {
  if (absl::Status added = outbox_->Add(report); !added.ok()) return added;
  state_.last_reported_run = last_run;
  return outbox_->SaveState(state_);
}

absl::Status QueueWriter::AddAlert(const QueuedReport& alert) {
  if (absl::Status added = outbox_->Add(alert); !added.ok()) return added;
  state_.alerts.insert(state_.alerts.end(), alert.alerts.begin(), alert.alerts.end());
  return outbox_->SaveState(state_);
}

absl::Status QueueWriter::SetLimitsChecked(const LimitsCheck& check) {
  ForgetPast(check.unit, absl::ToUnixSeconds(check.begin), state_.alerts);
  state_.alerts.insert(state_.alerts.end(), check.taken_as_told.begin(), check.taken_as_told.end());
  state_.limits_checked_at = check.at;
  state_.limits_checked = check.limits;
  return outbox_->SaveState(state_);
}

}  // namespace cpuagg::notify
