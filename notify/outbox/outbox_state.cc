#include "notify/outbox/outbox_state.h"

#include <cstddef>

namespace cpuagg::notify {

const std::string& OutboxState::ChatNow(const std::string& id) const {
  const std::string* now = &id;
  // A chat migrates once. The limit guards against a forged cycle.
  for (size_t i = 0; i <= migrated_chats.size(); ++i) {
    const auto found = migrated_chats.find(*now);
    if (found == migrated_chats.end()) break;
    now = &found->second;
  }
  return *now;
}

}  // namespace cpuagg::notify
