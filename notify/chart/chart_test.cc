#include "notify/chart/chart.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/chart_pictures.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using testing::Draw;
using testing::ExpectEmptyBorder;
using testing::ExpectLabelledBars;
using testing::kBackground;
using testing::kBelowHeadings;
using testing::kGroupBar;
using testing::kUserBar;
using testing::Picture;
using testing::PixelBox;
using testing::Png;
using testing::Users;
using testing::WithLabels;

uint32_t BigEndian32(const std::string& bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes.at(offset + i));
  return value;
}

TEST(ChartTest, IsAnOpaquePngOf1280By720) {
  const std::string png = Png(Users(3));
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(12, 4), "IHDR");
  EXPECT_EQ(BigEndian32(png, 16), 1280u);
  EXPECT_EQ(BigEndian32(png, 20), 720u);
  constexpr char kTrueColorWithoutAlpha = 2;
  EXPECT_EQ(png[25], kTrueColorWithoutAlpha);
}

TEST(ChartTest, TheSameDataGivesTheSameBytes) {
  EXPECT_TRUE(Png(Users(11)) == Png(Users(11)));
  EXPECT_FALSE(Png(Users(11)) == Png(Users(10)));
}

TEST(ChartTest, EveryRowHasItsBarLabelAndValue) {
  for (const size_t count : {1u, 2u, 3u, 5u, 11u, 16u}) {
    SCOPED_TRACE(count);
    const Picture picture = Draw(Users(count));
    const std::vector<PixelBox> bars = picture.BarsOf(kUserBar);
    ASSERT_EQ(bars.size(), count);
    ExpectEmptyBorder(picture);
    ExpectLabelledBars(picture, bars);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(bars[i].x, bars[0].x);
      EXPECT_EQ(bars[i].height, bars[0].height);
      EXPECT_GE(bars[i].height, 20);
    }
    // There is as much space above the rows as below.
    const int above = bars.front().y - kBelowHeadings;
    const int below = kChartHeight - (bars.back().y + bars.back().height);
    EXPECT_NEAR(above, below, 20);
  }
}

TEST(ChartTest, FewUsersFillThePicture) {
  constexpr int kPlot = kChartHeight - kBelowHeadings;
  for (const size_t count : {1u, 2u, 3u}) {
    SCOPED_TRACE(count);
    ChartData data = Users(count);
    for (ChartBar& bar : data.bars) bar.label = "H";
    const Picture picture = Draw(data);
    int heights = 0;
    for (const PixelBox& bar : picture.BarsOf(kUserBar)) heights += bar.height;
    EXPECT_GT(heights, kPlot * 0.4);
    EXPECT_LT(heights, kPlot * 0.7);
    const PixelBox bar = picture.BarsOf(kUserBar)[0];
    EXPECT_GT(bar.width, kChartWidth / 2);
    EXPECT_GE(picture.InkIn(0, bar.x - 4, bar.y, bar.y + bar.height, kBackground).height, 36)
        << "letters that go with them";
  }
}

TEST(ChartTest, LettersOfElevenRowsAreLegibleOnAPhone) {
  ChartData data = Users(11);
  for (ChartBar& bar : data.bars) bar.label = "H";
  const Picture picture = Draw(data);
  const PixelBox bar = picture.BarsOf(kUserBar)[5];
  const PixelBox letter =
      picture.InkIn(0, bar.x - 4, bar.y - 5, bar.y + bar.height + 5, kBackground);
  // A capital letter of a 30 pixel font; 7 pixels in a picture that is shown 400 pixels wide.
  EXPECT_GE(letter.height, 22);
}

TEST(ChartTest, SomeUseIsNeverDrawnAsNone) {
  ChartData data = Users(2);
  data.bars[1].cpu = acct::ExactTime::Of(1, 1024);
  EXPECT_EQ(Draw(data).BarsOf(kUserBar).size(), 2u);
  data.bars[1].cpu = Ticks(0);
  EXPECT_EQ(Draw(data).BarsOf(kUserBar).size(), 1u);
}

TEST(ChartTest, BarsAreProportional) {
  ChartData data = Users(4);
  data.bars[0].cpu = Ticks(8000000);
  data.bars[1].cpu = Ticks(4000000);
  data.bars[2].cpu = Ticks(1000000);
  data.bars[3].cpu = Ticks(1);
  const std::vector<PixelBox> bars = Draw(data).BarsOf(kUserBar);
  ASSERT_EQ(bars.size(), 4u) << "the smallest use is still to be seen";
  EXPECT_GT(bars[0].width, kChartWidth / 2);
  EXPECT_NEAR(bars[0].width, 2 * bars[1].width, 2);
  EXPECT_NEAR(bars[0].width, 8 * bars[2].width, 8);
  EXPECT_LE(bars[3].width, 3);
}

// "alice.lovelace-byron 11-22 14:00": only the name is shortened.
TEST(ChartTest, ATimeBehindANameIsNeverShortened) {
  const auto label = [](const std::string& name, const std::string& time) {
    ChartData data = Users(6);
    for (ChartBar& bar : data.bars) {
      bar.label = name;
      bar.time = time;
    }
    const Picture picture = Draw(data);
    ExpectEmptyBorder(picture);
    const PixelBox bar = picture.BarsOf(kUserBar)[2];
    return picture.InkIn(0, bar.x - 4, bar.y, bar.y + bar.height, kBackground);
  };
  const int time = label("", "11-22 14:00").width;
  const int with_name = label(std::string(100, 'm'), "11-22 14:00").width;
  EXPECT_GT(with_name, time + 60);
  EXPECT_LT(with_name, kChartWidth * 0.4);
  // The last pixels before the bar are the same.
  const std::string ends = "11-22 13:30–11-23 13:30";
  EXPECT_GT(label("", ends).width, 1.8 * time);
  EXPECT_GT(label("bob", ends).width, label("", ends).width + 40);
}

TEST(ChartTest, NamesThatAreCutCanStillBeToldApart) {
  const std::string begin(60, 'a');
  const std::string end(60, 'z');
  const std::string one = Png(WithLabels({begin + "1" + end, begin + "1" + end}));
  EXPECT_FALSE(Png(WithLabels({begin + "1" + end, begin + "2" + end})) == one);
}

TEST(ChartTest, MoreBarsThanFitAreDrawnAsAGroup) {
  const Picture picture = Draw(Users(200));
  const std::vector<PixelBox> users = picture.BarsOf(kUserBar);
  const std::vector<PixelBox> groups = picture.BarsOf(kGroupBar);
  ASSERT_EQ(users.size(), kMaxChartBars - 1);
  ASSERT_EQ(groups.size(), 1u);
  ExpectEmptyBorder(picture);
  ExpectLabelledBars(picture, groups);

  ChartData running = Users(200);
  for (ChartBar& bar : running.bars) {
    bar.running = Ticks(10);
    bar.previous = Ticks(20);
  }
  ChartData summed = running;
  summed.bars.resize(kMaxChartBars - 1);
  summed.bars.push_back({.label = "all others",
                         .cpu = Ticks(uint64_t{360000} * 185 * 186 / 2),
                         .running = Ticks(185 * 10),
                         .previous = Ticks(185 * 20),
                         .is_group = true});
  EXPECT_TRUE(Png(running) == Png(summed));

  // The rest of the hours, 185 + 184 + ... + 1.
  ChartData same = Users(200);
  same.bars.resize(kMaxChartBars - 1);
  same.bars.push_back(
      {.label = "all others", .cpu = Ticks(uint64_t{360000} * 185 * 186 / 2), .is_group = true});
  EXPECT_TRUE(Png(Users(200)) == Png(same));
}

TEST(ChartTest, NoUseIsNoBar) {
  ChartData data = Users(3);
  for (ChartBar& bar : data.bars) bar.cpu = Ticks(0);
  const Picture picture = Draw(data);
  EXPECT_TRUE(picture.BarsOf(kUserBar).empty());
  ExpectEmptyBorder(picture);

  // Labels and zeros exist: three rows of ink on each side of the axis.
  ChartData nameless = data;
  for (ChartBar& bar : nameless.bars) bar.label = "";
  EXPECT_GT(picture.InkIn(0, kChartWidth, kBelowHeadings, kChartHeight, kBackground).width,
            Draw(nameless).InkIn(0, kChartWidth, kBelowHeadings, kChartHeight, kBackground).width);
}

TEST(ChartTest, AQuietPeriodSaysSo) {
  const Picture picture = Draw(Users(0));
  const PixelBox sentence =
      picture.InkIn(0, kChartWidth, kBelowHeadings, kChartHeight, kBackground);
  EXPECT_NEAR(sentence.x + sentence.width / 2, kChartWidth / 2, 5);
  EXPECT_GT(sentence.width, 400);
  EXPECT_LT(sentence.height, 60) << "one line";
  ExpectEmptyBorder(picture);
}

TEST(ChartTest, LabelsOfAnyBytesLeaveTheLayoutAlone) {
  struct Row {
    const char* name;
    std::string label;
  };
  std::string stacked = "Z";
  for (int i = 0; i < 40; ++i) stacked += "\u0302\u0333";
  const Row kRows[] = {
      {"long", std::string(5000, 'W')},
      {"long without a break in UTF-8", std::string(5000, '\xff')},
      {"right to left", "محمد عبد الله"},
      {"long from right to left", "שלום עולם שלום עולם שלום עולם שלום עולם שלום עולם"},
      {"wide", "日本語ユーザー"},
      {"emoji", "🦄👩‍🔬🏴󠁧󠁢󠁥󠁮󠁧󠁿"},
      {"bytes", "bad\xff\xfe\xc3 bytes"},
      {"controls", std::string("a\nb\rc\td\x1b[31m\0\x7f", 14)},
      {"direction", "user\u202Etoor\u2067\u2066"},
      {"stacked", stacked},
      {"private", "\uE000\U0010FFFD"},
      {"markup", "<b>&amp;</b>"},
      {"blank", "   "},
      {"empty", ""},
  };
  const std::vector<PixelBox> usual = Draw(Users(3)).BarsOf(kUserBar);
  ASSERT_EQ(usual.size(), 3u);
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const Picture picture = Draw(WithLabels({"user0", row.label, "user2"}));
    const std::vector<PixelBox> bars = picture.BarsOf(kUserBar);
    ExpectEmptyBorder(picture);
    ASSERT_EQ(bars.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(bars[i].y, usual[i].y);
      EXPECT_EQ(bars[i].height, usual[i].height);
      EXPECT_EQ(bars[i].x, bars[0].x);
    }
    EXPECT_LE(bars[0].x, kChartWidth * 0.4);
    EXPECT_GT(bars[0].width, kChartWidth * 0.4);
    EXPECT_NEAR(bars[0].width * 2, bars[1].width * 3, 3);
  }
}

TEST(ChartTest, TheLabelColumnFollowsTheLongestLabel) {
  const int short_x = Draw(WithLabels({"al", "bo"})).BarsOf(kUserBar)[0].x;
  const int middle_x = Draw(WithLabels({"al", "bo.jackson"})).BarsOf(kUserBar)[0].x;
  const int long_x = Draw(WithLabels({"al", std::string(40, 'm')})).BarsOf(kUserBar)[0].x;
  const int longer_x = Draw(WithLabels({"al", std::string(80, 'm')})).BarsOf(kUserBar)[0].x;
  EXPECT_LT(short_x + 50, middle_x);
  EXPECT_LT(middle_x + 50, long_x);
  EXPECT_EQ(long_x, longer_x) << "from a third of the width on, labels are shortened";
}

TEST(ChartTest, HeadingsThatAreTooLongStayInside) {
  ChartData data = Users(3);
  data.title = std::string(200, 'W');
  data.subtitle = std::string(3000, '\xff');
  const Picture picture = Draw(data);
  ExpectEmptyBorder(picture);
  EXPECT_GT(picture.InkIn(0, kChartWidth, 0, kBelowHeadings, kBackground).width, kChartWidth * 0.8);
  EXPECT_EQ(picture.BarsOf(kUserBar).size(), 3u);
}

TEST(ChartTest, ATitleThatIsTooLongIsCutAtItsEnd) {
  constexpr int kBelowTitle = 90;
  const auto draw = [&](const std::string& title) {
    ChartData data = Users(3);
    data.title = title;
    return Draw(data).InkIn(0, kChartWidth, 0, kBelowTitle, kBackground).width;
  };
  // The end does not show, whatever it is.
  EXPECT_EQ(draw(std::string(100, 'W') + "WWWWW"), draw(std::string(100, 'W') + "iiiii"));
}

TEST(ChartTest, ATitleThatIsALittleTooLongBecomesSmaller) {
  constexpr int kBelowTitle = 90;
  ChartData data = Users(3);
  data.title = std::string(30, 'H');
  const PixelBox usual = Draw(data).InkIn(0, kChartWidth, 0, kBelowTitle, kBackground);
  data.title = std::string(38, 'H');
  const PixelBox smaller = Draw(data).InkIn(0, kChartWidth, 0, kBelowTitle, kBackground);
  EXPECT_NEAR(usual.height, 0.72 * 44, 2);
  EXPECT_LT(smaller.height, usual.height * 0.9);
  EXPECT_GT(smaller.width, usual.width);
}

TEST(ChartTest, TheLargestNumbersFit) {
  ChartData data = Users(2);
  data.bars[0].label = std::string(100, 'W');
  data.bars[0].cpu = Ticks(std::numeric_limits<uint64_t>::max());
  data.bars[1].cpu = Ticks(std::numeric_limits<uint64_t>::max() / 2);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = picture.BarsOf(kUserBar);
  ExpectEmptyBorder(picture);
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_GT(bars[0].width, 100);
  EXPECT_NEAR(bars[0].width, 2 * bars[1].width, 2);
}

// U+E000 is in no font.
TEST(ChartTest, AFewNamesThatNoFontHasAreBoxesAndMostOfThemAreAnError) {
  EXPECT_TRUE(RenderChart(WithLabels({"alice", "bob", "\uE000\uE001"})).ok());
  EXPECT_TRUE(RenderChart(WithLabels({"alice", "\uE000\uE001"})).ok());
  EXPECT_TRUE(RenderChart(WithLabels({"a\uE000", "b\uE000", "c\uE000"})).ok());
  const absl::Status status =
      RenderChart(WithLabels({"alice", "\uE000\uE001", "\uE002\uE003"})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("fonts-noto-cjk"), absl::string_view::npos) << status;
  EXPECT_FALSE(RenderChart(WithLabels({"\uE000"})).ok());
}

// In a separate process, because fontconfig reads its configuration once.
TEST(ChartDeathTest, WithoutAFontThePackageIsNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const acct::testing::TempDir dir;
  const std::string config = dir.Write("fonts.conf", "<fontconfig></fontconfig>");
  EXPECT_EXIT(
      {
        setenv("FONTCONFIG_FILE", config.c_str(), 1);
        const absl::Status status = RenderChart(Users(3)).status();
        std::cerr << status;
        std::exit(status.code() == absl::StatusCode::kFailedPrecondition ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "fonts-dejavu-core");
}

}  // namespace
}  // namespace cpuagg::notify
