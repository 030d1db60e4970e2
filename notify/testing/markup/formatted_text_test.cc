#include "notify/testing/markup/formatted_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cpuagg::notify::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FormattedTextTest, PlainTextIsCleanedAsTheServerDoes) {
  const struct {
    std::string input;
    std::string cleaned;
  } cases[] = {
      {"", ""},
      {"web01", "web01"},
      {"a\tb", "a b"},
      {"a\r\nb", "a\nb"},
      {std::string("a\0b\x01"
                   "c",
                   5),
       "a b c"},
      {"a\u2028b\u202Ec\u202Ad", "abcd"},
      {"a\u2027b\u202Fc", "a\u2027b\u202Fc"},
      {"  \n a  b \n ", "a  b"},
      {" \t\r\n", ""},
      {"a\x7F", "a\x7F"},
      {"\U0001F600\t\U0001F600", "\U0001F600 \U0001F600"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(CleanText({c.input, {}}).text, c.cleaned) << ::testing::PrintToString(c.input);
  }
}

TEST(FormattedTextTest, EntitiesMoveWithTheTextTheyStyle) {
  // Two removed characters come before "b", one of them inside the entity.
  const FormattedText cleaned = CleanText({"\U0001F600\r\U0001F600\u202Eb", {{"bold", 2, 5, ""}}});
  EXPECT_EQ(cleaned.text, "\U0001F600\U0001F600b");
  EXPECT_THAT(cleaned.entities, ElementsAre(TextEntity{"bold", 2, 3, ""}));
}

TEST(FormattedTextTest, EntitiesLoseWhatIsTrimmedFromTheEnd) {
  const FormattedText cleaned = CleanText({"a b \n", {{"bold", 0, 5, ""}, {"italic", 3, 2, ""}}});
  EXPECT_EQ(cleaned.text, "a b");
  EXPECT_THAT(cleaned.entities, ElementsAre(TextEntity{"bold", 0, 3, ""}));
}

TEST(FormattedTextTest, LeadingSpacesInsideTheFirstEntityStay) {
  const FormattedText cleaned = CleanText({"\n   USER", {{"pre", 1, 7, ""}}});
  EXPECT_EQ(cleaned.text, "   USER");
  EXPECT_THAT(cleaned.entities, ElementsAre(TextEntity{"pre", 0, 7, ""}));
}

TEST(FormattedTextTest, AnEntityOfRemovedCharactersIsDropped) {
  EXPECT_THAT(CleanText({"a\r\r", {{"bold", 1, 2, ""}}}).entities, IsEmpty());
}

TEST(FormattedTextTest, TextOfSpacesOfAnyKindIsBlank) {
  for (const char* text :
       {"", " ", "\n\t", "\u00A0", "\u200B\u200D", "\u2800", "\u3000", "\uFEFF"}) {
    EXPECT_TRUE(IsBlank(text)) << ::testing::PrintToString(std::string(text));
  }
  for (const char* text : {"a", " . ", "\u200Ba", "\U0001F600"})
    EXPECT_FALSE(IsBlank(text)) << text;
}

}  // namespace
}  // namespace cpuagg::notify::testing
