#include "notify/words/text.h"

#include <limits>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;

TEST(PrintableTest, KeepsWhatIsSeenAndEscapesWhatActs) {
  struct Case {
    std::string bytes;
    std::string text;
  };
  const Case cases[] = {
      {"alice", "alice"},
      {"zoë 王 🙂", "zoë 王 🙂"},
      {"a\tb\nc\rd", "a\\tb\\nc\\rd"},
      {std::string("\x1b[2J\0", 5), "\\x1b[2J\\x00"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"caf\xc3", "caf\\xc3"},
      {"\u202eevil", "\\u202eevil"},
      {"a\u2028b", "a\\u2028b"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate is not UTF-8
      {"\u0085", "\\u0085"},
      {"👩\u200d💻", "👩\u200d💻"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Printable(c.bytes), c.text);
    EXPECT_TRUE(IsUtf8(Printable(c.bytes)));
  }
}

TEST(IsUtf8Test, TellsGoodFromBad) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("zoë\n"));
  EXPECT_FALSE(IsUtf8("\xff"));
  EXPECT_FALSE(IsUtf8("caf\xc3"));
}

TEST(WidthTest, WideCharactersTakeTwoColumnsAndAccentsNone) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("王小"), 4u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("王"), 1u);
  EXPECT_EQ(Utf16Length("🙂"), 2u);
}

TEST(ShortenedTest, NeverExceedsTheWidthAndNeverSplitsACharacter) {
  EXPECT_EQ(Shortened("alice", 5), "alice");
  EXPECT_EQ(Shortened("carolinelongname", 8), "caro…ame");
  EXPECT_EQ(Shortened("ci-runner-of-the-lab-07", 12), "ci-run…ab-07");
  EXPECT_EQ(Shortened("王小明", 6), "王小明");
  EXPECT_EQ(Shortened("王小明", 5), "王…明");
  EXPECT_EQ(Shortened("王小明", 4), "王…");
  EXPECT_EQ(Shortened("abc", 2), "a…");
  EXPECT_EQ(Shortened("ab", 1), "…");
  EXPECT_EQ(Shortened("ab", 0), "");
  // A combining mark stays with its letter.
  EXPECT_EQ(Shortened("abcdefgh\u0301i", 4), "ab…i");
}

TEST(ShortenedTest, MarksThatTakeNoColumnTakeNoMoreRoomThanThat) {
  std::string marks;
  for (int i = 0; i < 5000; ++i) marks += "\u0301";
  EXPECT_EQ(Shortened("e\u0301", 1), "e\u0301");
  EXPECT_EQ(Shortened("क्षत्रिय", 8), "क्षत्रिय");
  for (const std::string& name : {marks, "a" + marks, marks + "a", "a" + marks + "b"}) {
    for (const size_t width : {1u, 2u, 8u, 32u}) {
      const std::string shortened = Shortened(name, width);
      EXPECT_TRUE(IsUtf8(shortened));
      EXPECT_LE(DisplayWidth(shortened), width);
      EXPECT_LE(Utf16Length(shortened), 3 * width + 1);
    }
  }
  EXPECT_TRUE(absl::EndsWith(Shortened("a" + marks + "b", 8), "…b"));
}

TEST(CutOffTest, WhatIsReadFromItsBeginningLosesItsEnd) {
  EXPECT_EQ(CutOff("50%  1.0 GiB", 12), "50%  1.0 GiB");
  EXPECT_EQ(CutOff("50%  1.0 GiB", 8), "50%  1.…");
  EXPECT_EQ(CutOff("ab", 0), "");
}

TEST(OneLineTest, ANameOfAnyBytesHasAUsefulLength) {
  EXPECT_EQ(OneLine("web01"), "web01");
  EXPECT_EQ(OneLine("a\nb"), "a\\nb");
  std::string marks;
  for (int i = 0; i < 5000; ++i) marks += "\U000E0100";  // two code units each
  for (const std::string& name : {marks, std::string(5000, 'W'), std::string(5000, '\xff')}) {
    EXPECT_LE(DisplayWidth(OneLine(name)), 64u);
    EXPECT_LE(Utf16Length(OneLine(name)), 128u);
  }
}

TEST(AlignedTest, CountsColumns) {
  EXPECT_EQ(LeftAligned("王", 4), "王  ");
  EXPECT_EQ(RightAligned("ab", 4), "  ab");
  EXPECT_EQ(RightAligned("abcde", 4), "abcde");
}

TEST(TimesTest, AreExactOrRoundedHalfUp) {
  EXPECT_EQ(ExactSeconds(Ticks(10407)), "104.07");
  EXPECT_EQ(ExactSeconds(Ticks(std::numeric_limits<uint64_t>::max())), "184467440737095516.15");
  EXPECT_EQ(ExactSeconds(acct::ExactTime::Of(1, 1024)), "0.0009765625");
  EXPECT_EQ(ExactSeconds(acct::ExactTime::Of(1, 3)), "0.333333333333333");
  EXPECT_EQ(ExactSeconds(acct::ExactTime::Of(1537, 1024)), "1.5009765625");
  EXPECT_EQ(MeanSeconds(Ticks(1001), 2), "5.01");
  EXPECT_EQ(MeanSeconds(Ticks(1), 3), "0.00");
  EXPECT_EQ(MeanSeconds(Ticks(1), 0), "0.00");
  EXPECT_EQ(ExactClock(Ticks(10407)), "0:01:44.07");
  EXPECT_EQ(ExactClock(Ticks(360000 * 138 + 6000 * 23)), "138:23:00.00");
}

TEST(TimeInWordsTest, EachTimeHasTheUnitsThatSuitIt) {
  struct Case {
    acct::ExactTime time;
    const char* text;
  };
  const Case cases[] = {
      {Ticks(0), "0s"},
      {acct::ExactTime::Of(1, 1024), "<0.01s"},
      {acct::ExactTime::Of(6, 1024), "0.01s"},
      {Ticks(1), "0.01s"},
      {Ticks(407), "4.07s"},
      {Ticks(1400), "14s"},
      {Ticks(5999), "59.99s"},
      {acct::ExactTime::Of(61'436, 1024), "1m 00s"},
      {Ticks(6000), "1m 00s"},
      {Ticks(48'350), "8m 04s"},
      {Ticks(359'949), "59m 59s"},
      {Ticks(359'950), "1h 00m"},
      {Ticks(360'000 * 138 + 6000 * 23), "138h 23m"},
      {Ticks(uint64_t{360'000} * 1234 + 6000 * 5), "1,234h 05m"},
      {Ticks(std::numeric_limits<uint64_t>::max()), "51,240,955,760,304h 19m"},
  };
  for (const Case& c : cases) EXPECT_EQ(TimeInWords(c.time), c.text);
}

TEST(SizeInWordsTest, HasAtMostThreeDigits) {
  EXPECT_EQ(SizeInWords(0), "0 B");
  EXPECT_EQ(SizeInWords(999), "999 B");
  EXPECT_EQ(SizeInWords(1000), "1.0 KiB");
  EXPECT_EQ(SizeInWords(10'188), "9.9 KiB");
  EXPECT_EQ(SizeInWords(10'189), "10 KiB");
  EXPECT_EQ(SizeInWords(1'023'487), "999 KiB");
  EXPECT_EQ(SizeInWords(1'023'488), "1.0 MiB");
  EXPECT_EQ(SizeInWords(uint64_t{1288490189}), "1.2 GiB");
  EXPECT_EQ(SizeInWords(std::numeric_limits<uint64_t>::max()), "16 EiB");
}

TEST(NumbersTest, ReadWell) {
  EXPECT_EQ(Percent(0), "0%");
  EXPECT_EQ(Percent(0.001), "<1%");
  EXPECT_EQ(Percent(0.005), "1%");
  EXPECT_EQ(Percent(0.9949), "99%");
  EXPECT_EQ(Percent(0.995), ">99%");
  EXPECT_EQ(Percent(0.999999), ">99%");
  EXPECT_EQ(Percent(1), "100%");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(Pluralize(1, "user"), "1 user");
  EXPECT_EQ(Pluralize(30272, "byte"), "30,272 bytes");
  EXPECT_EQ(Pluralize(1, "process"), "1 process");
  EXPECT_EQ(Pluralize(0, "process"), "0 processes");
}

TEST(ChangeTest, IsAPercentageWhereThatTellsSomething) {
  struct Case {
    uint64_t before;  // in seconds
    uint64_t now;
    const char* text;
  };
  const Case cases[] = {
      {3600, 4032, "+12 %"},
      {3600, 3348, "-7 %"},
      {3600, 3600, "0 %"},
      {3600, 3601, "0 %"},
      {3600, 3599, "0 %"},
      {1000, 1005, "+1 %"},  // half a percent is rounded away from zero
      {1000, 995, "-1 %"},
      {3600, 0, "-100 %"},
      {0, 1, "new"},
      {0, 0, "-"},
      // From one minute on, and up to ten times as much.
      {60, 90, "+50 %"},
      {59, 90, "+0:00:31"},
      {40, 232, "+0:03:12"},
      {40, 4, "-0:00:36"},
      {40, 0, "-0:00:40"},
      {40, 40, "0 %"},
      {1, 450'001, "+125:00:00"},
      {1000, 10'994, "+999 %"},
      {1000, 10'995, "x 11"},
      {60, 720, "x 12"},
      {60, 60 * 123'456, "x 123,456"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Change(Ticks(c.now * 100), Ticks(c.before * 100)), c.text)
        << c.before << " s, " << c.now << " s";
  }
}

TEST(ShortChangeTest, HasSixColumnsAtMost) {
  struct Case {
    uint64_t now;
    uint64_t before;  // in seconds
    const char* text;
  };
  const Case cases[] = {{0, 0, "-"},
                        {1, 0, "new"},
                        {112, 100, "+12%"},
                        {90, 100, "-10%"},
                        {0, 100, "-100%"},
                        {1200, 100, "x12"},
                        {99'990, 1, "+1d"},
                        {100'000'000, 60, "x>10k"},
                        {50, 20, "+30s"},
                        {20, 50, "-30s"},
                        {250, 50, "+3m"},
                        {20'000, 59, "+5h"},
                        {20, 20, "0%"},
                        {999'900, 100, "x9,999"},
                        {1u << 31, 1, ">999d"},
                        {86'400 * 999 + 1, 1, "+999d"},
                        {86'400 * 1000 + 1, 1, ">999d"}};
  for (const Case& c : cases) {
    EXPECT_EQ(ShortChange(Ticks(c.now * 100), Ticks(c.before * 100)), c.text)
        << c.now << " after " << c.before;
  }
  EXPECT_EQ(ShortChange(Ticks(149), Ticks(100)), "0s");
}

TEST(KeptInPlaceTest, NamesFromRightToLeftDoNotMoveWhatStandsBehindThem) {
  EXPECT_EQ(KeptInPlace("alice"), "alice");
  EXPECT_EQ(KeptInPlace("王"), "王");
  EXPECT_EQ(KeptInPlace("דוד"), "\u200eדוד\u200e");
  EXPECT_EQ(KeptInPlace("a محمد"), "\u200ea محمد\u200e");
  EXPECT_EQ(DisplayWidth(KeptInPlace("דוד")), 3u);
}

TEST(ChangeTest, IsRoundedToTheSecond) {
  EXPECT_EQ(Change(Ticks(149), Ticks(100)), "0:00:00");
  EXPECT_EQ(Change(Ticks(150), Ticks(100)), "+0:00:01");
  EXPECT_EQ(Change(Ticks(5999), Ticks(5998)), "0:00:00");
}

TEST(ChangeTest, IsThatOfTheLargestTimes) {
  const acct::ExactTime most = acct::ExactTime::Of(std::numeric_limits<uint64_t>::max(), 1);
  EXPECT_EQ(Change(most, Ticks(6000)), "x 307,445,734,561,825,860");
  EXPECT_EQ(Change(Ticks(6000), most), "-100 %");
  EXPECT_EQ(Change(most, Ticks(1)), "+5,124,095,576,030,431:00:15");
}

}  // namespace
}  // namespace cpuagg::notify
