#include "notify/telegram/chat.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace cpuagg::notify {
namespace {

// A non-zero 64-bit number, without blanks and without a plus sign.
bool IsChatNumber(absl::string_view text) {
  int64_t number;
  return !text.empty() && (text[0] == '-' || absl::ascii_isdigit(text[0])) &&
         absl::ascii_isdigit(text.back()) && absl::SimpleAtoi(text, &number) && number != 0;
}

// Telegram's rule for public names: 4 to 32 of [A-Za-z0-9_], beginning with a letter.
bool IsChannelName(absl::string_view text) {
  if (text.size() < 5 || text.size() > 33 || text[0] != '@' || !absl::ascii_isalpha(text[1])) {
    return false;
  }
  return std::all_of(text.begin() + 1, text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// "General", which every forum has; its address is that of the chat itself.
constexpr absl::string_view kGeneralTopic = "1";

// "0042" is the same number as "42".
std::string WithoutZeros(const std::string& text) {
  int64_t number;
  return absl::SimpleAtoi(text, &number) ? absl::StrCat(number) : text;
}

// How errors show an invalid entry. It may be the secret part of a token.
std::string NameOf(absl::string_view entry) {
  constexpr size_t kMostShown = 32;
  if (entry.size() <= kMostShown) return absl::StrCat("'", entry, "'");
  return absl::StrCat("an entry of ", entry.size(), " characters");
}

}  // namespace

absl::StatusOr<std::vector<Chat>> ParseChats(absl::string_view list) {
  std::vector<Chat> chats;
  for (absl::string_view entry : absl::StrSplit(list, ',')) {
    entry = absl::StripAsciiWhitespace(entry);
    if (entry.empty()) continue;
    const std::vector<std::string> parts = absl::StrSplit(entry, absl::MaxSplits('/', 1));
    const bool thread_is_right =
        parts.size() == 1 || (IsChatNumber(parts[1]) && parts[1][0] != '-');
    if (!(IsChatNumber(parts[0]) || IsChannelName(parts[0])) || !thread_is_right) {
      return absl::InvalidArgumentError(
          absl::StrCat("CHAT_ID: ", NameOf(entry),
                       " is not a chat; write a number such as 123456789 or -1001234567890, or "
                       "@channelname, each optionally with /topic, separated by commas"));
    }
    Chat chat{.id = WithoutZeros(parts[0])};
    if (parts.size() > 1) chat.thread = WithoutZeros(parts[1]);
    if (chat.thread == kGeneralTopic) chat.thread.clear();
    if (std::find(chats.begin(), chats.end(), chat) == chats.end()) chats.push_back(chat);
  }
  if (chats.empty()) {
    return absl::InvalidArgumentError("CHAT_ID: names no chat; set it to the id of at least one");
  }
  return chats;
}

}  // namespace cpuagg::notify
