#include "notify/testing/markup/message_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "notify/testing/markup/formatted_text.h"
#include "notify/testing/net/http_message.h"

namespace cpuagg::notify::testing {
namespace {

Field Text(const std::string& value) { return {value, {}, ""}; }

TEST(MessageTextTest, TheStyleFollowsParseMode) {
  for (const std::string mode : {"HTML", "html", "Html"}) {
    const absl::StatusOr<FormattedText> text =
        ReadText({{"text", Text(" <b>a</b>\r ")}, {"parse_mode", Text(mode)}}, "text");
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(text->text, "a");
    EXPECT_THAT(text->entities, ::testing::ElementsAre(TextEntity{"bold", 0, 1, ""}));
  }
  for (const Fields& fields :
       {Fields{{"text", Text("<b>a")}}, Fields{{"text", Text("<b>a")}, {"parse_mode", Text("")}}}) {
    const absl::StatusOr<FormattedText> text = ReadText(fields, "text");
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(text->text, "<b>a");
  }
}

TEST(MessageTextTest, AnAbsentFieldIsAnEmptyText) {
  const absl::StatusOr<FormattedText> text = ReadText({{"parse_mode", Text("HTML")}}, "caption");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->text, "");
}

TEST(MessageTextTest, MistakesAreNamedInTheServersWords) {
  const struct {
    std::string text;
    std::string mode;
    std::string error;
  } cases[] = {
      {"<p>", "HTML", "can't parse entities: Unsupported start tag \"p\" at byte offset 0"},
      {"a", "null", "unsupported parse_mode"},
      {"a", "MarkdownV2", "unsupported parse_mode"},
      {std::string(kMaxRawTextBytes + 1, 'a'), "", "text is too long"},
      {std::string(kMaxRawTextBytes + 1, '<'), "HTML", "text is too long"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReadText({{"text", Text(c.text)}, {"parse_mode", Text(c.mode)}}, "text").status(),
              absl::InvalidArgumentError(c.error));
  }
  EXPECT_TRUE(ReadText({{"text", Text(std::string(kMaxRawTextBytes, 'a'))}}, "text").ok());
}

TEST(MessageTextTest, EntitiesPastTheHundredthAreDropped) {
  std::string html;
  for (int i = 0; i < 101; ++i) absl::StrAppend(&html, "<b>x</b> ");
  const absl::StatusOr<FormattedText> text =
      ReadText({{"text", Text(html)}, {"parse_mode", Text("HTML")}}, "text");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->entities.size(), kMaxEntities);
  EXPECT_EQ(text->text.size(), 201u);
}

TEST(MessageTextTest, EntitiesAreShownAsTheBotApiShowsThem) {
  EXPECT_EQ(ToJson({{"bold", 0, 2, ""},
                    {"text_link", 1, 3, "http://e.org/"},
                    {"pre", 2, 1, "sh"},
                    {"pre", 3, 1, ""},
                    {"custom_emoji", 4, 2, "77"},
                    {"text_mention", 6, 1, "42"},
                    {"text_mention", 7, 1, "nobody"}}),
            nlohmann::json::parse(R"([
              {"type":"bold","offset":0,"length":2},
              {"type":"text_link","offset":1,"length":3,"url":"http://e.org/"},
              {"type":"pre","offset":2,"length":1,"language":"sh"},
              {"type":"pre","offset":3,"length":1},
              {"type":"custom_emoji","offset":4,"length":2,"custom_emoji_id":"77"},
              {"type":"text_mention","offset":6,"length":1,
               "user":{"id":42,"is_bot":false,"first_name":"Reader"}}])"));
}

}  // namespace
}  // namespace cpuagg::notify::testing
