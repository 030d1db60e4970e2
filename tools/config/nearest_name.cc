#include "tools/config/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "aggregate/report/edit_distance.h"

namespace cpuagg::tools {
namespace {

// "daily" and "weekly" mean day and week.
bool IsNear(absl::string_view asked, absl::string_view name, size_t distance) {
  if (absl::StartsWith(asked, name) || absl::StartsWith(name, asked)) return true;
  constexpr size_t kSameStem = 2;
  return distance <= std::min(name.size(), asked.size()) / 3 ||
         (asked.substr(0, kSameStem) == name.substr(0, kSameStem) && distance <= asked.size() / 2);
}

}  // namespace

absl::string_view NearestName(absl::string_view text, absl::Span<const absl::string_view> names) {
  constexpr size_t kLongest = 64;  // longer than any name
  if (text.empty() || text.size() > kLongest) return "";
  const std::string asked = absl::AsciiStrToLower(text);
  absl::string_view nearest;
  size_t least = std::numeric_limits<size_t>::max();
  for (const absl::string_view name : names) {
    const size_t distance = aggregate::EditDistance(asked, name);
    if (distance >= least || !IsNear(asked, name, distance)) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

std::string DidYouMean(absl::string_view text, absl::Span<const absl::string_view> names) {
  const absl::string_view nearest = NearestName(text, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

}  // namespace cpuagg::tools
