#include "notify/words/fitted_text.h"

#include <string>

#include "gtest/gtest.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

TEST(FittedTextTest, NamesAreCutInTheMiddleBetweenCharacters) {
  struct Case {
    const char* text;
    size_t width;
    const char* cut;
  };
  const Case cases[] = {
      {"alice", 5, "alice"},
      {"alicia", 5, "al…ia"},
      {"carolinelongname", 10, "carol…name"},
      // Wide characters are two columns, so one may remain.
      {"王小明王小明", 7, "王…小明"},
      {"王小明王小明", 6, "王…明"},
      {"محمد-عبدالله", 7, "محم…لله"},
      // A letter keeps its marks, and a picture of several characters is whole or missing.
      {"e\u0301e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…e\u0301"},
      {"👩\u200d👩\u200d👧abcdefgh", 10, "…abcdefgh"},
      {"👩\u200d👩\u200d👧abcdefgh", 13, "👩\u200d👩\u200d👧…cdefgh"},
      {"👩\u200d👩\u200d👧abcdefgh", 8, "…bcdefgh"},
      {"🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"},
      // So is an escaped character.
      {"ab\\xe3cdefghijk", 9, "ab…fghijk"},
      {"\\u738b\\u5c0f\\u660e", 13, "\\u738b…\\u660e"},
      {"\\u738b\\u5c0f\\u660e", 12, "\\u738b…"},
      {"abc", 0, ""},
      {"abc", 1, "…"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(CutInMiddle(c.text, c.width, "…"), c.cut) << c.text << " to " << c.width;
  }
  EXPECT_EQ(CutInMiddle("carolinelongname", 10, "..."), "caro...ame");
  EXPECT_EQ(CutInMiddle("carolinelongname", 2, "..."), "..");
}

TEST(FittedTextTest, WhatIsCutIsNeverWiderAndStaysUtf8) {
  for (const std::string name :
       {"carolinelongname-department", "王小明王小明王小明", "محمد-عبدالله-القاسم",
        "nguye\u0302\u0303n-va\u0306n-anh", "👩\u200d👩\u200d👧-family", "\\xff\\xfe\\u202ename"}) {
    for (size_t width = 0; width < 40; ++width) {
      const std::string cut = CutInMiddle(name, width, "…");
      EXPECT_LE(DisplayWidth(cut), width) << cut;
      EXPECT_TRUE(IsUtf8(cut)) << cut;
    }
  }
}

TEST(FittedTextTest, AsciiEscapesNamesAndSpellsWords) {
  EXPECT_EQ(AsciiName("zoë 王"), "zo\\u00eb \\u738b");
  EXPECT_EQ(AsciiName("a–b"), "a\\u2013b");
  EXPECT_EQ(AsciiName("\\xff"), "\\xff");
  EXPECT_EQ(AsciiWords("08:00 – 09:00 on zoë…"), "08:00 - 09:00 on zo\\u00eb...");
}

TEST(FittedTextTest, LinesBreakAtBlanks) {
  EXPECT_EQ(Wrapped("", 10), "");
  EXPECT_EQ(Wrapped("one two three", 13), "one two three");
  EXPECT_EQ(Wrapped("one two three", 12), "one two\nthree");
  EXPECT_EQ(Wrapped("one two three", 3), "one\ntwo\nthree");
  EXPECT_EQ(Wrapped("王小 王小", 8), "王小\n王小");
  EXPECT_EQ(Wrapped("in /var/log/account/pacct now", 8), "in\n/var/log/account/pacct\nnow");
}

}  // namespace
}  // namespace cpuagg::notify
