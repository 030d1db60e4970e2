// Outbox: the reports that are on their way, on disk, so that a failure or a kill costs a delay and
// not a report.
//
//   STORE/outbox/lock            held by whoever delivers
//   STORE/outbox/last_report     how far reports since the last one have come
//   STORE/outbox/lab01-....pb    one file per report, removed when every chat has its answer

#ifndef CPUAGG_NOTIFY_OUTBOX_H_
#define CPUAGG_NOTIFY_OUTBOX_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/snapshot_store.h"
#include "notify/chat.h"

namespace cpuagg::notify {

enum class DeliveryState { kPending, kSending, kSent, kFailed };

struct Delivery {
  Chat chat;
  DeliveryState state = DeliveryState::kPending;
  uint32_t attempts = 0;
  int64_t message_id = 0;  // once sent
  std::string detail;      // of the last failure

  bool open() const { return state == DeliveryState::kPending || state == DeliveryState::kSending; }
};

struct OutgoingReport {
  std::string id;  // letters, digits, '.', '_' and '-'; also the name of its file
  absl::Time created_at;
  std::string caption_html;
  std::string text_html;
  std::string chart_png;     // empty: the text is sent
  bool as_document = false;  // the chart as a file, which Telegram does not recompress
  std::vector<Delivery> deliveries;
};

class Outbox {
 public:
  explicit Outbox(std::string directory) : directory_(std::move(directory)) {}

  // Makes the directory where it is missing (0750; its parent must exist) and locks it.
  absl::StatusOr<aggregate::StoreLock> Lock(absl::Duration patience) const;

  // Writes `report`, new or changed, durably. The lock must be held.
  absl::Status Save(const OutgoingReport& report) const;
  absl::Status Remove(const OutgoingReport& report) const;

  // The sequence number of the newest snapshot in the last report of what is new since the one
  // before it; zero if there was none.
  absl::StatusOr<uint64_t> LoadLastReported() const;
  // To be called once such a report is saved. The lock must be held.
  absl::Status SaveLastReported(uint64_t run) const;

  // All reports, oldest first. DataLoss names a file that cannot be read.
  absl::StatusOr<std::vector<OutgoingReport>> LoadAll() const;

 private:
  std::string PathOf(const OutgoingReport& report) const;
  std::string LastReportedPath() const { return directory_ + "/last_report"; }

  std::string directory_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_H_
