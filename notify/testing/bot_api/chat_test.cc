#include "notify/testing/bot_api/chat.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cpuagg::notify::testing {
namespace {

TEST(ChatTest, NumbersAndUsernamesNameChats) {
  const struct {
    std::string chat_id;
    std::string type;
  } cases[] = {
      {"1", "private"},
      {"9223372036854775807", "private"},
      {"-1", "group"},
      {"-999999999999", "group"},
      {"-1001234567890", "supergroup"},
      {"-9223372036854775808", "supergroup"},
      {"@cpuagg_reports", "channel"},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<Chat> chat = FindChat(c.chat_id, {});
    ASSERT_TRUE(chat.ok()) << c.chat_id << ": " << chat.status();
    const nlohmann::json json = ToJson(*chat);
    EXPECT_EQ(json["type"], c.type) << c.chat_id;
    EXPECT_EQ(json["id"], chat->id) << c.chat_id;
    if (c.type == "channel") continue;
    EXPECT_EQ(std::to_string(chat->id), c.chat_id);
  }
}

TEST(ChatTest, WhatNamesNoChatIsNotFound) {
  const std::string cases[] = {"0",    "abc",    "1.5",    "12x", "9223372036854775808",
                               "@abc", "@1abcd", "@a-b-c", "@",   "@" + std::string(33, 'a')};
  for (const std::string& chat_id : cases) {
    EXPECT_EQ(FindChat(chat_id, {}).status(), absl::InvalidArgumentError("chat not found"))
        << chat_id;
  }
  EXPECT_EQ(FindChat("", {}).status(), absl::InvalidArgumentError("chat_id is empty"));
}

TEST(ChatTest, OnlyKnownChatsAreFoundWhenSomeAreGiven) {
  EXPECT_TRUE(FindChat("-1001", {"7", "-1001"}).ok());
  EXPECT_TRUE(FindChat("@Reports", {"@reports"}).ok());
  EXPECT_EQ(FindChat("8", {"7"}).status(), absl::InvalidArgumentError("chat not found"));
  EXPECT_EQ(FindChat("", {"7"}).status(), absl::InvalidArgumentError("chat_id is empty"));
}

TEST(ChatTest, AUsernameHasOneIdInAnyCase) {
  const absl::StatusOr<Chat> lower = FindChat("@reports", {});
  const absl::StatusOr<Chat> upper = FindChat("@REPORTS", {});
  const absl::StatusOr<Chat> other = FindChat("@reports2", {});
  ASSERT_TRUE(lower.ok() && upper.ok() && other.ok());
  EXPECT_EQ(lower->id, upper->id);
  EXPECT_NE(lower->id, other->id);
  EXPECT_LT(lower->id, -1'000'000'000'000);
}

}  // namespace
}  // namespace cpuagg::notify::testing
