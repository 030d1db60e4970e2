#include "notify/telegram/chat.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

TEST(ChatTest, ReadsEveryKindOnce) {
  const absl::StatusOr<std::vector<Chat>> chats =
      ParseChats(" 42, -1001234567890,@my_channel,-1001234567890/7,,42 ");
  ASSERT_TRUE(chats.ok()) << chats.status();
  EXPECT_EQ(*chats, (std::vector<Chat>{{.id = "42"},
                                       {.id = "-1001234567890"},
                                       {.id = "@my_channel"},
                                       {.id = "-1001234567890", .thread = "7"}}));
  EXPECT_EQ((*chats)[3].text(), "-1001234567890/7");
}

TEST(ChatTest, WhatIsNoChatIsRefusedByName) {
  for (const char* entry : {"x", "0", "+42", "4 2", "42x", "@ab", "@1abc", "@a-bcd", "42/", "42/x",
                            "42/-1", "42/7/8", "9223372036854775808", "--5", "-", "@"}) {
    const absl::Status status = ParseChats(std::string("17,") + entry).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << entry;
    EXPECT_NE(status.message().find(entry), std::string::npos) << status;
    EXPECT_NE(status.message().find("CHAT_ID"), std::string::npos) << status;
  }
}

TEST(ChatTest, ANameOfAChannelHasFourToThirtyTwoCharacters) {
  for (const size_t length : {4u, 32u}) {
    const std::string name = "@" + std::string(length, 'a');
    EXPECT_EQ(*ParseChats(name), std::vector<Chat>{{.id = name}});
  }
  for (const size_t length : {3u, 33u, 300u}) {
    EXPECT_FALSE(ParseChats("@" + std::string(length, 'a')).ok()) << length;
  }
}

TEST(ChatTest, TheGeneralTopicIsTheChatItself) {
  EXPECT_EQ(*ParseChats("-1001234567890/1, -1001234567890, -1001234567890/01"),
            std::vector<Chat>{{.id = "-1001234567890"}});
  EXPECT_EQ(*ParseChats("42/07, 042/7"), (std::vector<Chat>{{.id = "42", .thread = "7"}}));
}

TEST(ChatTest, WhatIsTooLongForAChatIsNotShown) {
  const std::string secret = "AAE-this-is-the-secret-half-of-a-bot";
  const absl::Status status = ParseChats("42, " + secret).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message().find("secret"), std::string::npos) << status;
  EXPECT_NE(status.message().find("CHAT_ID: an entry of 36 characters is not a chat"),
            std::string::npos)
      << status;
}

TEST(ChatTest, AnEmptyListIsRefused) {
  EXPECT_FALSE(ParseChats("").ok());
  EXPECT_FALSE(ParseChats(" , ").ok());
}

}  // namespace
}  // namespace cpuagg::notify
