#include "notify/testing/markup/utf8.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::notify::testing {
namespace {

TEST(Utf8Test, EveryCodePointRoundTripsAndOnlySurrogatesAreRefused) {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    std::string text;
    AppendUtf8(code_point, text);
    const bool valid = code_point < 0xD800 || code_point > 0xDFFF;
    ASSERT_EQ(IsValidUtf8(text), valid) << static_cast<unsigned>(code_point);
    if (!valid) continue;
    const std::optional<Utf8Character> first = FirstUtf8Character(text + "x");
    ASSERT_TRUE(first.has_value()) << static_cast<unsigned>(code_point);
    ASSERT_EQ(first->code_point, code_point);
    ASSERT_EQ(first->bytes, text.size());
    ASSERT_EQ(Utf16Length(text), code_point > 0xFFFF ? 2u : 1u);
  }
}

TEST(Utf8Test, MalformedBytesAreRefused) {
  const absl::string_view cases[] = {
      "\x80",              // a continuation alone
      "\xC3",              // cut short
      "\xE2\x82",          // cut short
      "\xF0\x9F\x98",      // cut short
      "\xC3(",             // not a continuation
      "\xC0\x80",          // overlong NUL
      "\xC1\xBF",          // overlong DEL
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // past U+10FFFF
      "\xF8\x88\x80\x80\x80",
      "\xFF",
  };
  for (const absl::string_view bytes : cases) {
    EXPECT_FALSE(IsValidUtf8(bytes)) << ::testing::PrintToString(std::string(bytes));
    EXPECT_FALSE(IsValidUtf8("a" + std::string(bytes) + "b"));
  }
}

TEST(Utf8Test, AnEmptyTextIsValidAndHasNoFirstCharacter) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_EQ(FirstUtf8Character(""), std::nullopt);
  EXPECT_EQ(Utf16Length(""), 0u);
}

TEST(Utf8Test, AstralCharactersCountTwice) {
  EXPECT_EQ(Utf16Length("a\u00E9\u20AC"), 3u);
  EXPECT_EQ(Utf16Length("\U0001F600!"), 3u);
}

}  // namespace
}  // namespace cpuagg::notify::testing
