#include "notify/chart/distinct_labels.h"

#include <cstddef>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using FitsText = std::function<bool(const std::string& text)>;

// The longest form of `label` that fits with `suffix` after it.
std::string Cut(const std::string& label, const std::string& suffix, const FitsText& fits) {
  if (fits(label + suffix)) return label + suffix;
  // Labels have few characters more than a chart can show (Canvas::Line()).
  constexpr size_t kMostColumns = 300;
  const std::string text = Printable(label);
  size_t fitting = 1;
  size_t too_wide = kMostColumns;
  while (fitting + 1 < too_wide) {
    const size_t width = (fitting + too_wide) / 2;
    (fits(Shortened(text, width) + suffix) ? fitting : too_wide) = width;
  }
  return Shortened(text, fitting) + suffix;
}

}  // namespace

std::vector<std::string> DistinctLabels(
    const std::vector<std::string>& labels,
    const std::function<bool(size_t index, const std::string& text)>& fits) {
  std::vector<std::string> cut(labels.size());
  std::map<std::string, std::set<std::string>> meanings;
  const auto fits_at = [&](size_t i) {
    return [&fits, i](const std::string& text) { return fits(i, text); };
  };
  for (size_t i = 0; i < labels.size(); ++i) {
    cut[i] = Cut(labels[i], "", fits_at(i));
    meanings[cut[i]].insert(labels[i]);
  }
  // Rows of different times may have the same label.
  std::map<std::string, std::map<std::string, size_t>> numbers;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (meanings[cut[i]].size() < 2) continue;
    std::map<std::string, size_t>& of_text = numbers[cut[i]];
    const size_t number = of_text.try_emplace(labels[i], of_text.size() + 1).first->second;
    cut[i] = Cut(labels[i], absl::StrCat(" (", number, ")"), fits_at(i));
  }
  return cut;
}

}  // namespace cpuagg::notify
