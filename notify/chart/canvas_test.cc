#include "notify/chart/canvas.h"

#include <pthread.h>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "notify/testing/picture/picture.h"

namespace cpuagg::notify {
namespace {

using testing::Picture;
using testing::PixelBox;

constexpr int kWidth = 600;
constexpr int kHeight = 100;
constexpr Font kFont{.pixels = 30};
constexpr Color kWhite{0xffffff};
constexpr Color kBlack{0x000000};

Canvas NewCanvas() {
  absl::StatusOr<Canvas> canvas = Canvas::Create(kWidth, kHeight, kWhite);
  EXPECT_TRUE(canvas.ok()) << canvas.status();
  return *std::move(canvas);
}

std::string Png(Canvas& canvas) {
  const absl::StatusOr<std::string> png = canvas.Encode();
  EXPECT_TRUE(png.ok()) << png.status();
  return *png;
}

// A picture with only `text`.
std::string Drawn(absl::string_view text, Box box = {0, 0, kWidth, kHeight},
                  Align align = Align::kLeft, Shorten shorten = Shorten::kMiddle) {
  Canvas canvas = NewCanvas();
  canvas.DrawText(canvas.Line(text, kFont, box.width, shorten), box, align, kBlack);
  return Png(canvas);
}

PixelBox Ink(absl::string_view png) {
  return Picture::Decode(png).InkIn(0, kWidth, 0, kHeight, kWhite.rgb);
}

TEST(CanvasTest, WhatCannotBeDrawnIsReplaced) {
  struct Row {
    const char* name;
    std::string bytes;
    std::string drawn_as;
  };
  const Row kRows[] = {
      {"a stray byte",
       "a\xff"
       "b",
       "a\uFFFDb"},
      {"a continuation byte", "a\x80", "a\uFFFD"},
      {"a cut character", "\xe2\x82", "\uFFFD\uFFFD"},
      {"an overlong slash", "\xc0\xaf", "\uFFFD\uFFFD"},
      {"a surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
      {"zero", std::string("a\0b", 3), "a\uFFFDb"},
      {"a new line", "a\nb", "a\uFFFDb"},
      {"a tab", "a\tb", "a\uFFFDb"},
      {"an escape sequence", "\x1b[31mroot", "\uFFFD[31mroot"},
      {"a C1 control", "a\u0085b", "a\uFFFDb"},
      {"a line separator", "a\u2028b", "a\uFFFDb"},
      {"a paragraph separator", "a\u2029b", "a\uFFFDb"},
      {"an override of direction", "a\u202Eb", "a\uFFFDb"},
      {"an isolate", "a\u2067b", "a\uFFFDb"},
  };
  for (const Row& row : kRows) {
    EXPECT_TRUE(Drawn(row.bytes) == Drawn(row.drawn_as)) << row.name;
  }
  EXPECT_FALSE(Drawn("a\uFFFDb") == Drawn("ab"));
}

TEST(CanvasTest, MarkupIsText) {
  EXPECT_GT(NewCanvas().Line("<b>a</b>", kFont, kWidth).width(),
            2 * NewCanvas().Line("a", kFont, kWidth).width());
}

TEST(CanvasTest, ALineIsNeverWiderThanAsked) {
  const Canvas canvas = NewCanvas();
  for (const std::string& text :
       {std::string(1000000, 'W'), std::string("\u202e") + std::string(500, '\xff'),
        std::string("שלום עולם שלום עולם שלום עולם שלום עולם")}) {
    const double width = canvas.Line(text, kFont, 300).width();
    EXPECT_LE(width, 300) << text.substr(0, 40);
    EXPECT_GT(width, 200) << text.substr(0, 40);
  }
}

TEST(CanvasTest, ALongLineKeepsBothEnds) {
  const std::string middle(60, 'm');
  EXPECT_FALSE(Drawn("A" + middle + "Z") == Drawn("B" + middle + "Z"));
  EXPECT_FALSE(Drawn("A" + middle + "Z") == Drawn("A" + middle + "Y"));
  EXPECT_TRUE(Drawn("A" + middle + "Z") == Drawn("A" + middle + "mm" + "Z"));
}

TEST(CanvasTest, ALineMayBeCutAtItsEnd) {
  const auto cut = [](const std::string& text) {
    return Drawn(text, {0, 0, kWidth, kHeight}, Align::kLeft, Shorten::kEnd);
  };
  const std::string middle(60, 'm');
  EXPECT_FALSE(cut("A" + middle + "Z") == cut("B" + middle + "Z"));
  EXPECT_TRUE(cut("A" + middle + "Z") == cut("A" + middle + "Y"));
}

TEST(CanvasTest, TextIsAlignedInItsBoxWhateverItsDirection) {
  for (const char* text : {"Hello", "שלום"}) {
    constexpr Box kBox{100, 20, 400, 60};
    // Letters have a little space on each side.
    EXPECT_NEAR(Ink(Drawn(text, kBox, Align::kLeft)).x, 100, 6) << text;
    const PixelBox centered = Ink(Drawn(text, kBox, Align::kCenter));
    EXPECT_NEAR(centered.x + centered.width / 2, 300, 6) << text;
    const PixelBox right = Ink(Drawn(text, kBox, Align::kRight));
    EXPECT_NEAR(right.x + right.width, 500, 6) << text;
  }
}

TEST(CanvasTest, CapitalsAreCenteredFromTopToBottom) {
  const PixelBox ink = Ink(Drawn("H", {0, 10, kWidth, 60}));
  EXPECT_NEAR(ink.y + ink.height / 2.0, 40, 1.5);
  EXPECT_NEAR(ink.height, 0.72 * kFont.pixels, 2);
}

TEST(CanvasTest, NothingReachesOverOrUnderItsBox) {
  std::string stacked = "o";
  for (int i = 0; i < 20; ++i) stacked += "\u0302\u0333";
  EXPECT_GT(Ink(Drawn(stacked)).height, 20);
  const PixelBox cut = Ink(Drawn(stacked, {0, 40, kWidth, 20}));
  EXPECT_EQ(cut.y, 40);
  EXPECT_EQ(cut.height, 20);
}

TEST(CanvasTest, ABarHasItsLengthAndRoundedEnd) {
  constexpr Color kBlue{0x0072b2};
  Canvas canvas = NewCanvas();
  canvas.DrawBar({100, 20, 300, 40}, 5, kBlue);
  const Picture picture = Picture::Decode(Png(canvas));
  const std::vector<PixelBox> bars = picture.BarsOf(kBlue.rgb);
  ASSERT_EQ(bars.size(), 1u);
  EXPECT_EQ(bars[0].x, 100);
  EXPECT_EQ(bars[0].y, 20);
  EXPECT_EQ(bars[0].width, 300);
  EXPECT_EQ(bars[0].height, 40);
  EXPECT_EQ(picture.at(100, 20), kBlue.rgb);
  EXPECT_EQ(picture.at(399, 20), kWhite.rgb);
  EXPECT_EQ(picture.at(399, 59), kWhite.rgb);
}

TEST(CanvasTest, APictureThatCairoCannotMakeIsAnError) {
  const absl::StatusOr<Canvas> canvas = Canvas::Create(1000000, 100, kWhite);
  EXPECT_EQ(canvas.status().code(), absl::StatusCode::kInternal);
}

// Pango would end the program. Threads are refused because their stacks would be larger than any
// memory; a limit of their number does not hold for root.
TEST(CanvasTest, WithoutThreadsNothingIsDrawnAndTheLimitIsNamed) {
  pthread_attr_t before;
  ASSERT_EQ(pthread_getattr_default_np(&before), 0);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_getattr_default_np(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::numeric_limits<size_t>::max() / 16), 0);
  ASSERT_EQ(pthread_setattr_default_np(&attributes), 0);
  const absl::Status status = Canvas::Create(kWidth, kHeight, kWhite).status();
  ASSERT_EQ(pthread_setattr_default_np(&before), 0);
  pthread_attr_destroy(&attributes);
  pthread_attr_destroy(&before);
  EXPECT_EQ(status,
            absl::ResourceExhaustedError("there are too few threads to draw: a limit (TasksMax, "
                                         "prlimit --nproc) refuses them"));
  EXPECT_TRUE(Canvas::Create(kWidth, kHeight, kWhite).ok());
}

TEST(CanvasTest, StripesStayInTheirBar) {
  for (const Box& box : {Box{40, 20, 300, 40}, Box{40, 20, 6, 40}, Box{40, 20, 300, 6},
                         Box{40, 20, 3, 40}, Box{40, 20, 1, 1}}) {
    Canvas canvas = NewCanvas();
    canvas.DrawStripedBar(box, 0, kBlack, {0xc0c0c0});
    const PixelBox ink = Ink(Png(canvas));
    EXPECT_EQ(ink.x, box.x);
    EXPECT_EQ(ink.y, box.y);
    EXPECT_EQ(ink.width, box.width);
    EXPECT_EQ(ink.height, box.height);
  }
}

TEST(CanvasTest, WhereThereIsNoRoomForStripesTheirMixtureIsDrawn) {
  Canvas canvas = NewCanvas();
  canvas.DrawStripedBar({40, 20, 2, 40}, 0, {0x0080ff}, {0xffc000});
  const Picture picture = Picture::Decode(Png(canvas));
  for (int y = 20; y < 60; ++y) ASSERT_EQ(picture.at(41, y), 0x7fa07fu) << y;
}

// U+E000 and its neighbours are in no font.
TEST(CanvasTest, SaysWhichTextsItCanWrite) {
  const Canvas canvas = NewCanvas();
  EXPECT_TRUE(canvas.CanWrite("alice"));
  EXPECT_TRUE(canvas.CanWrite(""));
  EXPECT_TRUE(canvas.CanWrite("a\uE000"));
  EXPECT_FALSE(canvas.CanWrite("\uE000"));
  EXPECT_FALSE(canvas.CanWrite("a\uE000\uE001"));
  std::string many;
  for (int i = 0; i < 250; ++i) many += "\uE000";
  EXPECT_FALSE(canvas.CanWrite(many)) << "as many as a line has no room for";
  EXPECT_TRUE(canvas.CanWriteAll("alice"));
  EXPECT_FALSE(canvas.CanWriteAll("a\uE000"));
}

TEST(CanvasTest, AnSvgHasTheSameShapes) {
  absl::StatusOr<Canvas> canvas = Canvas::Create(200, 100, kWhite, PictureForm::kSvg);
  ASSERT_TRUE(canvas.ok()) << canvas.status();
  canvas->DrawBar({10, 10, 100, 20}, 4, Color{0x0072b2});
  const absl::StatusOr<std::string> svg = canvas->Encode();
  ASSERT_TRUE(svg.ok()) << svg.status();
  EXPECT_EQ(svg->find("<?xml "), 0u);
  EXPECT_NE(svg->find("44.7"), std::string::npos) << "the green of the bar, of a hundred: " << *svg;
}

}  // namespace
}  // namespace cpuagg::notify
