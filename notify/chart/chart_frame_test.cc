#include "notify/chart/chart_frame.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "notify/chart/canvas.h"
#include "notify/chart/chart_pictures.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using testing::ExpectEmptyBorder;
using testing::Picture;
using testing::PixelBox;

// A picture that has only a legend, and where it ends.
struct Legend {
  Picture picture;
  double bottom;
};

Legend Draw(const std::vector<LegendEntry>& entries) {
  absl::StatusOr<Canvas> canvas = BeginChart("", "", PictureForm::kPng);
  EXPECT_TRUE(canvas.ok()) << canvas.status();
  const double bottom = DrawLegend(*canvas, entries);
  return {.picture = Picture::Decode(canvas->Encode().value()), .bottom = bottom};
}

// The first rows of the swatches.
std::vector<int> LinesOf(const Picture& picture) {
  std::vector<int> lines;
  for (const PixelBox& box : picture.BarsOf(kBar.rgb)) lines.push_back(box.y);
  return lines;
}

std::vector<LegendEntry> Entries(size_t count, const std::string& label) {
  return {count, {.label = label, .color = kBar}};
}

TEST(ChartFrameTest, ThreeLongEntriesFitOnALineAndTheNextOnesAreBelow) {
  const std::string name(200, 'W');
  const Legend three = Draw(Entries(3, name));
  const Legend six = Draw(Entries(6, name));
  const Legend seven = Draw(Entries(7, name));
  EXPECT_EQ(LinesOf(three.picture).size(), 1u);
  EXPECT_EQ(LinesOf(six.picture).size(), 2u);
  EXPECT_EQ(LinesOf(seven.picture).size(), 3u);
  const double line = six.bottom - three.bottom;
  EXPECT_GT(line, 0);
  EXPECT_EQ(seven.bottom - six.bottom, line);
  EXPECT_EQ(LinesOf(six.picture).at(1) - LinesOf(six.picture).at(0), line);
  for (const Legend* legend : {&three, &six, &seven}) ExpectEmptyBorder(legend->picture);
}

// Whatever fractions of a pixel their letters take.
TEST(ChartFrameTest, ThreeEntriesFitOnALineWhateverTheirLetters) {
  absl::StatusOr<Canvas> canvas = BeginChart("", "", PictureForm::kPng);
  ASSERT_TRUE(canvas.ok()) << canvas.status();
  const double line = DrawLegend(*canvas, Entries(1, "user"));
  for (size_t narrow = 0; narrow < 40; ++narrow) {
    for (const char wide : {'W', 'm', 'a', '1', 'f'}) {
      const std::string name = std::string(narrow, 'i') + std::string(40, wide);
      EXPECT_EQ(DrawLegend(*canvas, Entries(3, name)), line) << name;
    }
  }
}

TEST(ChartFrameTest, EntriesThatAreCutCanStillBeToldApart) {
  const auto png = [](const std::string& second) {
    std::vector<LegendEntry> entries =
        Entries(2, std::string(60, 'a') + "1" + std::string(60, 'z'));
    entries[1].label[60] = second[0];
    absl::StatusOr<Canvas> canvas = BeginChart("", "", PictureForm::kPng);
    EXPECT_TRUE(canvas.ok()) << canvas.status();
    DrawLegend(*canvas, entries);
    return *canvas->Encode();
  };
  EXPECT_FALSE(png("2") == png("1"));
}

TEST(ChartFrameTest, ShortEntriesShareALine) {
  const Legend legend = Draw(Entries(6, "user"));
  EXPECT_EQ(LinesOf(legend.picture).size(), 1u);
  EXPECT_EQ(legend.bottom, Draw(Entries(1, "user")).bottom);
  EXPECT_LT(Draw({}).bottom, legend.bottom) << "without a legend its place is free";
}

}  // namespace
}  // namespace cpuagg::notify
