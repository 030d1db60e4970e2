#include "aggregate/report/edit_distance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace cpuagg::aggregate {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // The distances of the beginnings of `b` from the first i letters of `a`, and from one and two
  // fewer.
  std::vector<size_t> row(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> before_last(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace cpuagg::aggregate
