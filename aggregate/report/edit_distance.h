// Measures how similar two words are.

#ifndef CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_
#define CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace cpuagg::aggregate {

// The optimal string alignment distance: the number of letters to change, add, remove, or exchange
// with their neighbour to turn one word into the other.
size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_EDIT_DISTANCE_H_
