// How alike two words are.

#ifndef CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_
#define CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace cpuagg::aggregate {

// How many letters have to be changed, added or taken away to make one of the other: the
// Levenshtein distance.
size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_
