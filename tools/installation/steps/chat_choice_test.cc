#include "tools/installation/steps/chat_choice.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

const std::vector<notify::SeenChat>& Seen() {
  static const std::vector<notify::SeenChat> seen = {
      {.chat = {.id = "1234567"}, .name = "Älice", .kind = "private"},
      {.chat = {.id = "-1001"}, .name = "ops", .kind = "supergroup"},
      {.chat = {.id = "-1001", .thread = "7"},
       .name = "ops",
       .kind = "supergroup",
       .topic_name = "CPU"}};
  return seen;
}

// The chosen chats, with the remark, if there is one.
std::string Chosen(const std::string& answer, const std::vector<notify::SeenChat>& seen = Seen()) {
  const absl::StatusOr<ChatChoice> chosen = ChosenChats(answer, seen);
  if (!chosen.ok()) return absl::StrCat("error: ", chosen.status().message());
  return absl::StrCat(chosen->chats, chosen->remark.empty() ? "" : " | ", chosen->remark);
}

TEST(ChatChoiceTest, TheListHasALineForEachAndLinesUp) {
  EXPECT_EQ(ListOfChats(Seen()),
            "      1  Älice      private     1234567\n"
            "      2  ops        supergroup  -1001\n"
            "      3  ops › CPU  supergroup  -1001/7\n");
  EXPECT_EQ(ListOfChats({}), "");
}

TEST(ChatChoiceTest, NumbersIdsAndNamesMayBeMixed) {
  EXPECT_EQ(Chosen("1"), "1234567");
  EXPECT_EQ(Chosen("1,3"), "1234567,-1001/7");
  EXPECT_EQ(Chosen(" 3  1 "), "-1001/7,1234567");
  EXPECT_EQ(Chosen("2, 2,-1001"), "-1001");
  EXPECT_EQ(Chosen("@lab_news,-1009/12,99999999"), "@lab_news,-1009/12,99999999");
}

TEST(ChatChoiceTest, ANumberOfNoLineIsAnIdAndIsSaidToBe) {
  EXPECT_EQ(Chosen("42", {}),
            "42 | 42: there is no list to choose from; taken as the id of a chat");
  EXPECT_EQ(Chosen("42"),
            "42 | 42 is not in the list, which has 1 to 3; taken as the id of a chat");
  EXPECT_EQ(Chosen("1, 4,42/7 5"),
            "1234567,4,42/7,5 | 4, 5 are not in the list, which has 1 to 3; taken as ids of chats");
  EXPECT_EQ(Chosen("1,3", {}),
            "1,3 | 1, 3: there is no list to choose from; taken as ids of chats");
  EXPECT_EQ(Chosen("1234567890", {}), "1234567890");
}

TEST(ChatChoiceTest, WhatIsNoChatIsSaidToBe) {
  EXPECT_EQ(Chosen("0").substr(0, 7), "error: ");
  EXPECT_EQ(Chosen("1,x").substr(0, 7), "error: ");
  EXPECT_EQ(Chosen("").substr(0, 7), "error: ");
}

}  // namespace
}  // namespace cpuagg::tools
