#include "notify/render/table_fit.h"

#include <algorithm>

namespace cpuagg::notify {
namespace {

// Names of this width leave room for other columns before they are longer: of one column of names,
// and of several.
constexpr size_t kComfortable = 20;
constexpr size_t kComfortableOfSeveral = 16;
// Both ends of a name and an ellipsis.
constexpr size_t kLeastName = 5;

size_t LineWidth(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (const size_t width : widths) {
    if (width > 0) sum += (sum > 0 ? kColumnGap : 0) + width;
  }
  return sum;
}

// Narrows the widest names until the line fits, or until none can be narrower.
void NarrowNames(const std::vector<ColumnNeed>& needs, size_t columns,
                 std::vector<size_t>& widths) {
  for (size_t excess = LineWidth(widths); excess > columns; --excess) {
    size_t widest = needs.size();
    for (size_t i = 0; i < needs.size(); ++i) {
      const bool can_shrink = needs[i].is_name && widths[i] > kLeastName;
      if (can_shrink && (widest == needs.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == needs.size()) return;
    --widths[widest];
  }
}

}  // namespace

std::vector<size_t> FitColumns(const std::vector<ColumnNeed>& needs, size_t columns) {
  const auto names = std::count_if(needs.begin(), needs.end(), [](const ColumnNeed& need) {
    return need.rank == 0 && need.is_name;
  });
  const size_t comfortable = names > 1 ? kComfortableOfSeveral : kComfortable;
  std::vector<size_t> widths(needs.size());
  std::vector<size_t> others;
  for (size_t i = 0; i < needs.size(); ++i) {
    if (needs[i].rank > 0) {
      others.push_back(i);
    } else {
      widths[i] = needs[i].is_name ? std::min(needs[i].width, comfortable) : needs[i].width;
    }
  }
  NarrowNames(needs, columns, widths);
  std::sort(others.begin(), others.end(),
            [&](size_t a, size_t b) { return needs[a].rank < needs[b].rank; });
  const auto widen_names = [&] {
    for (size_t i = 0; i < needs.size(); ++i) {
      const size_t taken = LineWidth(widths);
      if (!needs[i].is_name || widths[i] == 0 || taken >= columns) continue;
      widths[i] += std::min(columns - taken, needs[i].width - widths[i]);
    }
  };
  for (const size_t i : others) {
    // If the names take all that is left, nothing more fits.
    if (needs[i].rank > kLastBesideCutNames) widen_names();
    if (LineWidth(widths) + kColumnGap + needs[i].width > columns) break;
    widths[i] = needs[i].width;
  }
  widen_names();
  return widths;
}

}  // namespace cpuagg::notify
