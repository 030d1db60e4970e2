// FitColumns: which columns of a table fit, and how wide its names may be.

#ifndef CPUAGG_NOTIFY_RENDER_TABLE_FIT_H_
#define CPUAGG_NOTIFY_RENDER_TABLE_FIT_H_

#include <cstddef>
#include <vector>

namespace cpuagg::notify {

// What a column needs.
struct ColumnNeed {
  size_t width;          // of its widest cell
  size_t rank;           // 0 if it always stands; of the others, the smallest come first
  bool is_name = false;  // whether its cells may be cut
};

// Blanks between two columns.
inline constexpr size_t kColumnGap = 2;

// Columns of a larger rank stand only beside names that are not cut.
inline constexpr size_t kLastBesideCutNames = 8;

// The width of each column, so that a line has at most `columns` columns; 0 for a column that is
// left out. Names give way to columns of rank 0, and then others come in the order of their ranks,
// so a wider terminal never shows fewer of them. If not even the names' least width leaves room for
// what always stands, the lines are longer.
std::vector<size_t> FitColumns(const std::vector<ColumnNeed>& needs, size_t columns);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_TABLE_FIT_H_
