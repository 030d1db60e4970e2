#include "notify/telegram/seen_chats.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using nlohmann::json;

// A line for each chat.
std::string Seen(const json& updates) {
  std::string text;
  for (const SeenChat& seen : ChatsIn(updates)) {
    absl::StrAppend(&text, seen.chat.text(), " ", seen.kind, " ", seen.name,
                    seen.topic_name.empty() ? "" : " #", seen.topic_name, "\n");
  }
  return text;
}

json Group(int64_t id, const std::string& title) {
  return {{"id", id}, {"type", "supergroup"}, {"title", title}};
}

TEST(SeenChatsTest, EveryKindOfUpdateNamesItsChatOnceAndSorted) {
  const json alice = {
      {"id", 42}, {"type", "private"}, {"first_name", "Alice"}, {"last_name", "A."}};
  EXPECT_EQ(
      Seen({{{"update_id", 1}, {"message", {{"chat", Group(-1001, "ops")}}}},
            {{"update_id", 2}, {"message", {{"chat", alice}}}},
            {{"update_id", 3}, {"edited_message", {{"chat", alice}}}},
            {{"update_id", 4},
             {"channel_post", {{"chat", {{"id", -1009}, {"type", "channel"}, {"title", "News"}}}}}},
            {{"update_id", 5},
             {"my_chat_member",
              {{"chat", {{"id", -7}, {"type", "group"}, {"title", "basement"}}},
               {"new_chat_member", {{"status", "member"}}}}}},
            {{"update_id", 6},
             {"callback_query", {{"message", {{"chat", Group(-1002, "buttons")}}}}}}}),
      "42 private Alice A.\n-7 group basement\n-1002 supergroup buttons\n-1009 channel News\n"
      "-1001 supergroup ops\n");
}

TEST(SeenChatsTest, TopicsStandBelowTheirForumByNumber) {
  const auto in_topic = [](int64_t topic, const json& more) {
    json message = {
        {"chat", Group(-1001, "ops")}, {"is_topic_message", true}, {"message_thread_id", topic}};
    message.update(more);
    return json{{"message", message}};
  };
  EXPECT_EQ(Seen({in_topic(12, {{"forum_topic_created", {{"name", "CPU"}}}}),
                  in_topic(7, {{"reply_to_message", {{"forum_topic_created", {{"name", "GPU"}}}}}}),
                  in_topic(12, json::object()), in_topic(1, json::object())}),
            "-1001 supergroup ops\n-1001/7 supergroup ops #GPU\n-1001/12 supergroup ops #CPU\n");
  EXPECT_EQ(Seen(json::array({in_topic(-7, json::object())})), "-1001 supergroup ops\n");
  // A reply to a message also has a thread, even without topics.
  EXPECT_EQ(Seen({{{"message", {{"chat", Group(-1001, "ops")}, {"message_thread_id", 9}}}}}),
            "-1001 supergroup ops\n");
}

TEST(SeenChatsTest, ChatsThatTheBotIsNotInAnyMoreAreLeftOut) {
  const auto member = [](const char* status) {
    return json{{"my_chat_member",
                 {{"chat", Group(-1001, "ops")}, {"new_chat_member", {{"status", status}}}}}};
  };
  const json said = {{"message", {{"chat", Group(-1001, "ops")}}}};
  EXPECT_EQ(Seen({said, member("kicked")}), "");
  EXPECT_EQ(Seen({said, member("left"), member("administrator")}), "-1001 supergroup ops\n");
  // Another user's status does not matter.
  EXPECT_EQ(Seen({said,
                  {{"chat_member",
                    {{"chat", Group(-1001, "ops")}, {"new_chat_member", {{"status", "left"}}}}}}}),
            "-1001 supergroup ops\n");
  const json group = {{"id", -7}, {"type", "group"}, {"title", "ops"}};
  EXPECT_EQ(Seen({{{"message", {{"chat", group}}}},
                  {{"message", {{"chat", group}, {"migrate_to_chat_id", -1001}}}},
                  {{"message", {{"chat", Group(-1001, "ops")}, {"migrate_from_chat_id", -7}}}}}),
            "-1001 supergroup ops\n");
}

TEST(SeenChatsTest, WhatIsNotAnUpdateIsPassedOver) {
  for (const char* text :
       {"null", "7", "{}", R"(["x", 7, null, [], {}])", R"([{"message": 7}])",
        R"([{"message": {"chat": 7}}])", R"([{"message": {"chat": {"id": "7", "type": "group"}}}])",
        R"([{"message": {"chat": {"id": 1.5, "type": "group"}}}])",
        R"([{"message": {"chat": {"id": 0, "type": "group"}}}])",
        R"([{"message": {"chat": {"id": 18446744073709551615, "type": "group"}}}])",
        R"([{"message": {"chat": {"id": 7, "type": "token"}}}])",
        R"([{"message": {"message": {"message": {"chat": []}}}}])"}) {
    EXPECT_EQ(Seen(json::parse(text)), "") << text;
  }
  EXPECT_EQ(Seen(json::parse(R"([{"message": {"chat": {"id": 7, "type": "group", "title": 8},
                                               "message_thread_id": "x",
                                               "is_topic_message": "yes"}}])")),
            "7 group \n");
}

TEST(SeenChatsTest, ThereAreNoMoreThanTwoHundred) {
  json updates = json::array();
  for (int i = 1; i <= 1000; ++i) updates.push_back({{"message", {{"chat", Group(-i, "x")}}}});
  EXPECT_EQ(ChatsIn(updates).size(), 200u);
}

}  // namespace
}  // namespace cpuagg::notify
