// What a bar is made of: the part that still runs, the period before, a group; and the legend of
// these.

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"
#include "notify/chart/chart_frame.h"
#include "notify/chart/chart_pictures.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using testing::BarsBelowLegend;
using testing::Draw;
using testing::ExpectEmptyBorder;
using testing::ExpectLabelledBars;
using testing::kBackground;
using testing::kFaint;
using testing::kFaintEnd;
using testing::kGroupBar;
using testing::kLegendBottom;
using testing::kLegendTop;
using testing::kUserBar;
using testing::Picture;
using testing::PixelBox;
using testing::RunOf;
using testing::Users;

TEST(ChartPartsTest, AGroupIsGrey) {
  ChartData data = Users(3);
  data.bars.push_back({.label = "+195 others", .cpu = Ticks(360000 * 6), .is_group = true});
  const Picture picture = Draw(data);
  const std::vector<PixelBox> users = picture.BarsOf(kUserBar);
  const std::vector<PixelBox> groups = picture.BarsOf(kGroupBar);
  ASSERT_EQ(users.size(), 3u);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_GT(groups[0].y, users[2].y);
  ExpectLabelledBars(picture, groups);
}

// The size of a group of others says nothing about the bars that are shown.
TEST(ChartPartsTest, AGroupDoesNotSetTheScale) {
  ChartData data = Users(3);
  data.bars.push_back(
      {.label = "+ 2 others", .cpu = Ticks(360000), .previous = Ticks(360000), .is_group = true});
  const std::vector<PixelBox> usual = BarsBelowLegend(Draw(data), kUserBar);
  data.bars.back().label = "+ 9 others";
  data.bars.back().cpu = Ticks(360000 * 9);
  data.bars.back().previous = Ticks(360000 * 90);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> users = BarsBelowLegend(picture, kUserBar);
  ASSERT_EQ(users.size(), 3u);
  EXPECT_EQ(users[0].width, usual[0].width);
  const PixelBox group = BarsBelowLegend(picture, kGroupBar)[0];
  EXPECT_LE(group.x + group.width, users[0].x + users[0].width);
  // The mark at its end, and its value.
  EXPECT_GT(picture
                .InkIn(group.x + users[0].width - 40, group.x + users[0].width, group.y + 4,
                       group.y + group.height - 4, kGroupBar)
                .width,
            8);
  ExpectEmptyBorder(picture);

  // Alone it does.
  data.bars.erase(data.bars.begin(), data.bars.begin() + 3);
  data.bars[0].previous.reset();
  const PixelBox alone = Draw(data).BarsOf(kGroupBar)[0];
  EXPECT_GT(alone.width, kChartWidth * 0.45);
}

TEST(ChartPartsTest, ThePartThatStillRunsIsStriped) {
  ChartData data = Users(4);
  for (ChartBar& bar : data.bars) bar.cpu = Ticks(1000);
  data.bars[1].running = Ticks(250);
  data.bars[2].running = Ticks(1);
  data.bars[3].running = Ticks(1000);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = BarsBelowLegend(picture, kUserBar);
  ASSERT_EQ(bars.size(), 4u);
  const auto even_part = [&](size_t i) {
    return RunOf(picture, bars[i].x, bars[i].y + bars[i].height / 2, kUserBar);
  };
  EXPECT_EQ(even_part(0), bars[0].width);
  EXPECT_NEAR(even_part(1), bars[1].width * 3 / 4, 6);
  EXPECT_NEAR(even_part(2), bars[2].width - 10, 6) << "a little is still to be seen";
  EXPECT_LT(even_part(3), 20);
  // Stripes alternate with a much lighter ground, for users who cannot see colours.
  const int y = bars[3].y + bars[3].height / 2;
  int changes = 0;
  for (int x = bars[3].x + 1; x < bars[3].x + bars[3].width; ++x) {
    const auto is_light = [&](int column) { return (picture.at(column, y) >> 8 & 0xff) > 0xb0; };
    changes += is_light(x) != is_light(x - 1) ? 1 : 0;
  }
  EXPECT_NEAR(changes, bars[3].width / 8, 4);
}

TEST(ChartPartsTest, ThePeriodBeforeIsFaintBehind) {
  ChartData data = Users(3);
  data.previous_name = "the day before";
  for (ChartBar& bar : data.bars) bar.cpu = Ticks(1000);
  data.bars[0].previous = Ticks(500);
  data.bars[1].previous = Ticks(1500);
  data.bars[2].previous = Ticks(0);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = BarsBelowLegend(picture, kUserBar);
  const std::vector<PixelBox> faint = BarsBelowLegend(picture, kFaint);
  ASSERT_EQ(bars.size(), 3u);
  // Of the shorter pale bar, the edges above and below the bar are visible; of the longer one also
  // the rest.
  ASSERT_EQ(faint.size(), 3u);
  constexpr int kEnd = 4;
  EXPECT_NEAR(faint[0].width + kEnd, bars[0].width / 2, 2);
  EXPECT_LT(faint[0].y + faint[0].height, bars[0].y + 1);
  EXPECT_EQ(faint[1].width, faint[0].width);
  EXPECT_GT(faint[1].y, bars[0].y + bars[0].height - 1);
  EXPECT_NEAR(faint[2].width + kEnd, bars[1].width * 3 / 2, 2);
  EXPECT_LT(faint[2].y, bars[1].y);
  EXPECT_GT(faint[2].y + faint[2].height, bars[1].y + bars[1].height);
  EXPECT_EQ(RunOf(picture, faint[2].x + faint[2].width, faint[2].y, kFaintEnd), kEnd);
  ExpectEmptyBorder(picture);
}

TEST(ChartPartsTest, AValueIsReadableBesideOrUponThePeriodBefore) {
  ChartData data = Users(2);
  data.bars[0].cpu = Ticks(360000 * 10);
  data.bars[1].cpu = Ticks(360000);
  data.bars[1].previous = Ticks(360000 * 10);  // far behind the value
  const Picture upon = Draw(data);
  const PixelBox bar = BarsBelowLegend(upon, kUserBar)[1];
  const int below_gap = bar.x + bar.width + 10;
  EXPECT_GT(upon.InkIn(below_gap, below_gap + 60, bar.y, bar.y + bar.height, kFaint).width, 20);

  data.bars[1].previous = Ticks(360000 * 2);  // where the value would be
  const Picture beside = Draw(data);
  const PixelBox faint = BarsBelowLegend(beside, kFaint)[0];
  const int end = faint.x + faint.width + 4;
  EXPECT_EQ(beside.InkIn(end, end + 8, faint.y, faint.y + faint.height, kBackground).width, 0);
  EXPECT_GT(beside.InkIn(end, end + 100, faint.y, faint.y + faint.height, kBackground).width, 30);
}

TEST(ChartPartsTest, APeriodBeforeThatWasMuchLongerLeavesTheBarsHalfOfTheWidth) {
  ChartData data = Users(2);
  data.bars[1].previous = data.bars[0].cpu;
  const int usual = BarsBelowLegend(Draw(data), kUserBar)[0].width;
  data.bars[1].previous = Ticks(360000 * 2000);
  const Picture picture = Draw(data);
  const std::vector<PixelBox> bars = BarsBelowLegend(picture, kUserBar);
  EXPECT_NEAR(bars[0].width, usual / 2, 1);
  EXPECT_NEAR(bars[0].width, 2 * bars[1].width, 2);
  const PixelBox faint = BarsBelowLegend(picture, kFaint)[0];
  EXPECT_NEAR(faint.width, usual, 1) << "without a line that would be its end";
  EXPECT_GT(BarsBelowLegend(picture, kFaintEnd).size(), 0u) << "but with a mark";
  ExpectEmptyBorder(picture);
}

TEST(ChartPartsTest, WhereNobodyUsesAnythingNowThePeriodBeforeIsTheScale) {
  ChartData data = Users(2);
  for (ChartBar& bar : data.bars) bar.cpu = Ticks(0);
  data.bars[0].previous = Ticks(200);
  data.bars[1].previous = Ticks(100);
  const std::vector<PixelBox> faint = BarsBelowLegend(Draw(data), kFaint);
  ASSERT_EQ(faint.size(), 2u);
  EXPECT_GT(faint[0].width, kChartWidth / 2);
  EXPECT_NEAR(faint[0].width, 2 * faint[1].width, 6);
}

TEST(ChartPartsTest, TheLegendHasWhatIsInThePicture) {
  const auto legend = [](const Picture& picture) {
    return picture.InkIn(0, kChartWidth, kLegendTop, kLegendBottom, kBackground).width;
  };
  ChartData data = Users(3);
  data.previous_name = "the day before";
  EXPECT_LT(Draw(Users(11)).BarsOf(kUserBar)[0].y, kLegendBottom) << "rows have its place";
  EXPECT_LE(legend(Draw(data)), 2) << "the axis alone";
  data.bars[1].running = Ticks(10);
  const int running = legend(Draw(data));
  EXPECT_GT(running, 200);
  data.bars[1].running = Ticks(0);
  data.bars[1].previous = Ticks(10);
  const int previous = legend(Draw(data));
  EXPECT_GT(previous, 200);
  data.bars[1].running = Ticks(10);
  EXPECT_GT(legend(Draw(data)), running + previous);
}

}  // namespace
}  // namespace cpuagg::notify
