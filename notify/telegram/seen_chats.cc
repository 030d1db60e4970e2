#include "notify/telegram/seen_chats.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/telegram/json_member.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

constexpr size_t kMostChats = 200;

// A number in the form of CHAT_ID; empty if the member is not a number or is too large.
std::string NumberIn(const json& object, const char* key) {
  const json& member = Member(object, key);
  if (!member.is_number_integer()) return "";
  if (member.is_number_unsigned() && member.get<uint64_t>() > INT64_MAX) return "";
  const int64_t number = member.get<int64_t>();
  return number == 0 ? "" : absl::StrCat(number);
}

bool IsKind(absl::string_view kind) {
  constexpr std::array<absl::string_view, 4> kKinds = {"private", "group", "supergroup", "channel"};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

// Persons have names, all other chats a title.
std::string NameOf(const json& chat) {
  std::string name = StringIn(chat, "title");
  if (name.empty()) name = StringIn(chat, "first_name");
  const std::string last = StringIn(chat, "last_name");
  if (!last.empty()) absl::StrAppend(&name, name.empty() ? "" : " ", last);
  return name.empty() ? StringIn(chat, "username") : name;
}

class Sightings {
 public:
  // Adds one event: a message, or a change of a chat or message.
  void Add(const json& event) {
    if (!Member(event, "chat").is_object() && Member(event, "message").is_object()) {
      return Add(Member(event, "message"));  // a button was pressed
    }
    const json& chat = Member(event, "chat");
    const std::string id = NumberIn(chat, "id");
    const std::string kind = StringIn(chat, "type");
    if (id.empty() || !IsKind(kind)) return;
    const std::string status = StringIn(Member(event, "new_chat_member"), "status");
    if (is_about_the_bot_ && (status == "left" || status == "kicked")) return Forget(id);
    if (!NumberIn(event, "migrate_to_chat_id").empty()) return Forget(id);
    SeenChat seen = {.chat = {.id = id}, .name = NameOf(chat), .kind = kind};
    Keep(seen);
    const std::string topic = NumberIn(event, "message_thread_id");
    const json& is_topic = Member(event, "is_topic_message");
    // Topic 1, "General", is the chat itself.
    if (topic.empty() || topic == "1" || topic[0] == '-' || !is_topic.is_boolean() ||
        !is_topic.get<bool>())
      return;
    seen.chat.thread = topic;
    seen.topic_name = StringIn(Member(event, "forum_topic_created"), "name");
    if (seen.topic_name.empty()) {
      const json& first = Member(event, "reply_to_message");
      seen.topic_name = StringIn(Member(first, "forum_topic_created"), "name");
    }
    Keep(std::move(seen));
  }

  void AddUpdate(const json& update) {
    if (!update.is_object()) return;
    for (const auto& [name, event] : update.items()) {
      is_about_the_bot_ = name == "my_chat_member";
      if (event.is_object()) Add(event);
    }
  }

  std::vector<SeenChat> Sorted() && {
    std::vector<SeenChat> chats;
    chats.reserve(seen_.size());
    for (auto& [key, chat] : seen_) chats.push_back(std::move(chat));
    std::stable_sort(chats.begin(), chats.end(), [](const SeenChat& a, const SeenChat& b) {
      // Topics in order of number.
      const auto key = [](const SeenChat& seen) {
        return std::make_tuple(absl::AsciiStrToLower(seen.name), seen.chat.id,
                               seen.chat.thread.size(), seen.chat.thread);
      };
      return key(a) < key(b);
    });
    return chats;
  }

 private:
  void Keep(SeenChat seen) {
    const std::pair key = {seen.chat.id, seen.chat.thread};
    const auto found = seen_.find(key);
    if (found == seen_.end()) {
      if (seen_.size() < kMostChats) seen_.emplace(key, std::move(seen));
      return;
    }
    // The latest name, if the event has one.
    if (seen.topic_name.empty()) seen.topic_name = std::move(found->second.topic_name);
    found->second = std::move(seen);
  }

  void Forget(const std::string& id) {
    std::erase_if(seen_, [&](const auto& entry) { return entry.first.first == id; });
  }

  std::map<std::pair<std::string, std::string>, SeenChat> seen_;  // by chat and topic
  bool is_about_the_bot_ = false;
};

}  // namespace

std::vector<SeenChat> ChatsIn(const json& updates) {
  Sightings sightings;
  if (!updates.is_array()) return {};
  for (const json& update : updates) sightings.AddUpdate(update);
  return std::move(sightings).Sorted();
}

}  // namespace cpuagg::notify
