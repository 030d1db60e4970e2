// OutboxState: what sending remembers from one run to the next.

#ifndef CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_
#define CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "notify/outgoing/alert.h"

namespace cpuagg::notify {

struct OutboxState {
  // The number of the newest run in the last report of --period since-last; zero if there was none.
  uint64_t last_reported_run = 0;
  std::map<std::string, std::string> migrated_chats;  // former id -> id
  std::vector<AlertMark> alerts;                      // already reported

  // The current id of chat `id`, which may have migrated.
  const std::string& ChatNow(const std::string& id) const;

  friend bool operator==(const OutboxState&, const OutboxState&) = default;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_OUTBOX_OUTBOX_STATE_H_
