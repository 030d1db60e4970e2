#include "notify/testing/bot_api/chat.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify::testing {
namespace {

constexpr int64_t kFirstSupergroupId = -1'000'000'000'000;

bool IsUsername(absl::string_view name) {
  // Telegram's own are 5 to 32 characters; a few older ones have 4.
  return name.size() >= 4 && name.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
         });
}

}  // namespace

absl::StatusOr<Chat> FindChat(absl::string_view chat_id,
                              const std::vector<std::string>& known_chats) {
  if (chat_id.empty()) return absl::InvalidArgumentError("chat_id is empty");
  const bool known =
      known_chats.empty() ||
      std::any_of(known_chats.begin(), known_chats.end(), [chat_id](const std::string& known_chat) {
        return absl::EqualsIgnoreCase(known_chat, chat_id);
      });
  absl::string_view name = chat_id;
  if (known && absl::ConsumePrefix(&name, "@") && IsUsername(name)) {
    const size_t hash = std::hash<std::string>()(absl::AsciiStrToLower(name));
    const auto offset = static_cast<int64_t>(hash % 1'000'000'000);
    return Chat{kFirstSupergroupId - 1'000'000'000 - offset, std::string(name)};
  }
  int64_t id = 0;
  if (known && absl::SimpleAtoi(chat_id, &id) && id != 0) return Chat{id, ""};
  return absl::InvalidArgumentError("chat not found");
}

nlohmann::json ToJson(const Chat& chat) {
  if (!chat.username.empty()) {
    return {{"id", chat.id},
            {"type", "channel"},
            {"title", "Channel " + chat.username},
            {"username", chat.username}};
  }
  if (chat.id > 0) return {{"id", chat.id}, {"type", "private"}, {"first_name", "Reader"}};
  const bool supergroup = chat.id <= kFirstSupergroupId;
  return {{"id", chat.id}, {"type", supergroup ? "supergroup" : "group"}, {"title", "Readers"}};
}

}  // namespace cpuagg::notify::testing
