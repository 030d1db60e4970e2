// OutboxState: what sending remembers from one run to the next.

#ifndef CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_
#define CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/outgoing/alert.h"

namespace cpuagg::notify {

// A chat that has refused its last report, or a message of it, for good.
struct Refusal {
  std::string chat_id;
  absl::Time at;
  std::string reason;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

struct OutboxState {
  // The number of the newest run in the last report of --period since-last; zero if there was none.
  uint64_t last_reported_run = 0;
  std::map<std::string, std::string> migrated_chats = {};  // former id -> id
  std::vector<AlertMark> alerts = {};                      // already reported
  // When ALERT_CPU_HOURS was checked last, and its value then with the period.
  std::optional<absl::Time> limits_checked_at = {};
  std::string limits_checked = {};
  std::vector<Refusal> refusals = {};  // one for a chat

  // The current id of chat `id`, which may have migrated.
  const std::string& ChatNow(const std::string& id) const;

  bool HasRefused(absl::string_view chat_id) const;
  // With an empty reason, the chat has taken a report.
  void SetRefusal(const std::string& chat_id, absl::Time at, const std::string& reason);

  friend bool operator==(const OutboxState&, const OutboxState&) = default;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_
