#include "tools/installation/chat_choice.h"

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

std::string Chosen(const std::string& answer) {
  const absl::StatusOr<std::string> chosen = ChosenChats(answer, Seen());
  return chosen.ok() ? *chosen : absl::StrCat("error: ", chosen.status().message());
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

TEST(ChatChoiceTest, WhatIsNoChatIsSaidToBe) {
  EXPECT_EQ(Chosen("4"), "error: 4 is not in the list, which has 1 to 3");
  EXPECT_EQ(Chosen("0"), "error: 0 is not in the list, which has 1 to 3");
  EXPECT_EQ(Chosen("1,x").substr(0, 7), "error: ");
  EXPECT_EQ(Chosen("").substr(0, 7), "error: ");
  EXPECT_EQ(ChosenChats("1", {}).status().message(),
            "1 is no chat, and there is no list to choose from");
}

}  // namespace
}  // namespace cpuagg::tools
