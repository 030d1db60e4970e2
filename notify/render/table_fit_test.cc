#include "notify/render/table_fit.h"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using Widths = std::vector<size_t>;

// A name, a number that always stands, and three others.
std::vector<ColumnNeed> Table(size_t name) {
  return {{name, 0, true}, {10, 0}, {5, 2}, {6, 1}, {12, kLastBesideCutNames + 1}};
}

TEST(TableFitTest, ColumnsComeInTheOrderOfTheirRanks) {
  struct Case {
    size_t columns;
    Widths widths;
  };
  for (const Case& c :
       {Case{20, {8, 10, 0, 0, 0}}, Case{27, {8, 10, 0, 0, 0}}, Case{28, {8, 10, 0, 6, 0}},
        Case{34, {8, 10, 0, 6, 0}}, Case{35, {8, 10, 5, 6, 0}}, Case{48, {8, 10, 5, 6, 0}},
        Case{49, {8, 10, 5, 6, 12}}, Case{500, {8, 10, 5, 6, 12}}}) {
    EXPECT_EQ(FitColumns(Table(8), c.columns), c.widths) << c.columns;
  }
}

TEST(TableFitTest, LongNamesGiveWay) {
  struct Case {
    size_t columns;
    Widths widths;
  };
  for (const Case& c :
       {Case{17, {5, 10, 0, 0, 0}},  // no name is narrower
        Case{20, {8, 10, 0, 0, 0}}, Case{32, {20, 10, 0, 0, 0}}, Case{39, {27, 10, 0, 0, 0}},
        Case{40, {20, 10, 0, 6, 0}}, Case{47, {20, 10, 5, 6, 0}}, Case{57, {30, 10, 5, 6, 0}},
        // The last column needs names that are whole.
        Case{70, {30, 10, 5, 6, 0}}, Case{71, {30, 10, 5, 6, 12}}}) {
    EXPECT_EQ(FitColumns(Table(30), c.columns), c.widths) << c.columns;
  }
}

TEST(TableFitTest, TheWidestNameGivesWayFirst) {
  EXPECT_EQ(FitColumns({{30, 0, true}, {9, 0, true}, {10, 0}}, 31), (Widths{8, 9, 10}));
  EXPECT_EQ(FitColumns({{30, 0, true}, {9, 0, true}, {10, 0}}, 29), (Widths{7, 8, 10}));
  EXPECT_EQ(FitColumns({{30, 0, true}, {9, 0, true}, {10, 0}}, 1), (Widths{5, 5, 10}));
}

TEST(TableFitTest, SeveralNamesLeaveRoomForOtherColumnsEarlier) {
  EXPECT_EQ(FitColumns({{30, 0, true}, {30, 0, true}, {6, 1}}, 42), (Widths{16, 16, 6}));
  EXPECT_EQ(FitColumns({{30, 0, true}, {6, 1}}, 28), (Widths{20, 6}));
  EXPECT_EQ(FitColumns({{30, 0, true}, {6, 1}}, 27), (Widths{27, 0}));
}

TEST(TableFitTest, AWiderTerminalNeverShowsFewerColumns) {
  size_t before = 0;
  for (size_t columns = 1; columns < 120; ++columns) {
    const Widths widths = FitColumns(Table(30), columns);
    size_t shown = 0;
    for (const size_t width : widths) shown += width > 0 ? 1 : 0;
    EXPECT_GE(shown, before) << columns;
    before = shown;
  }
}

}  // namespace
}  // namespace cpuagg::notify
