#include "tools/installation/steps/chat_choice.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "notify/telegram/chat.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

std::string NameOf(const notify::SeenChat& seen) {
  std::string name = seen.name.empty() ? "(no name)" : seen.name;
  if (seen.chat.thread.empty()) return name;
  return absl::StrCat(name, " › ", seen.topic_name.empty() ? "topic" : seen.topic_name);
}

}  // namespace

std::string ListOfChats(const std::vector<notify::SeenChat>& seen) {
  size_t widest = 0;
  for (const notify::SeenChat& chat : seen) {
    widest = std::max(widest, notify::DisplayWidth(NameOf(chat)));
  }
  std::string text;
  for (size_t i = 0; i < seen.size(); ++i) {
    const std::string name = NameOf(seen[i]);
    const std::string blanks(widest - notify::DisplayWidth(name), ' ');
    absl::StrAppend(&text, absl::StrFormat("    %3d  %s%s  %-10s  %s\n", i + 1, name, blanks,
                                           seen[i].kind, seen[i].chat.text()));
  }
  return text;
}

absl::StatusOr<ChatChoice> ChosenChats(absl::string_view answer,
                                       const std::vector<notify::SeenChat>& seen) {
  // No list is this long, and no person's id this small, except perhaps on a private server.
  constexpr uint64_t kLeastId = 10'000;
  std::vector<std::string> words;
  std::vector<std::string> ids;
  for (const absl::string_view word :
       absl::StrSplit(answer, absl::ByAnyChar(", \t"), absl::SkipEmpty())) {
    uint64_t number;
    const bool is_number = absl::SimpleAtoi(word, &number);
    if (is_number && number >= 1 && number <= seen.size()) {
      words.push_back(seen[number - 1].chat.text());
      continue;
    }
    words.emplace_back(word);
    if (is_number && number < kLeastId) ids.emplace_back(word);
  }
  const absl::StatusOr<std::vector<notify::Chat>> chats =
      notify::ParseChats(absl::StrJoin(words, ","));
  if (!chats.ok()) return chats.status();
  ChatChoice choice;
  choice.chats = absl::StrJoin(
      *chats, ",", [](std::string* text, const notify::Chat& chat) { text->append(chat.text()); });
  if (ids.empty()) return choice;
  choice.remark =
      absl::StrCat(absl::StrJoin(ids, ", "),
                   seen.empty() ? ": there is no list to choose from"
                                : absl::StrCat(ids.size() == 1 ? " is" : " are",
                                               " not in the list, which has 1 to ", seen.size()),
                   "; taken as ", ids.size() == 1 ? "the id of a chat" : "ids of chats");
  return choice;
}

}  // namespace cpuagg::tools
