#include "notify/outbox/outbox_state.h"

#include <algorithm>

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

bool OutboxState::HasRefused(absl::string_view chat_id) const {
  return std::any_of(refusals.begin(), refusals.end(),
                     [&](const Refusal& refusal) { return refusal.chat_id == chat_id; });
}

void OutboxState::SetRefusal(const std::string& chat_id, absl::Time at, const std::string& reason) {
  std::erase_if(refusals, [&](const Refusal& refusal) { return refusal.chat_id == chat_id; });
  if (!reason.empty()) refusals.push_back({.chat_id = chat_id, .at = at, .reason = reason});
}

}  // namespace cpuagg::notify
