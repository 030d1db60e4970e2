// Shrink: the shortest list of steps that still fails, of a long one that does.
//
//   Shrunk<Step> shrunk = Shrink<Step>(steps, [](const std::vector<Step>& some) {
//     return Play(some);  // says what is wrong; an empty string if nothing is
//   });
//
// Leaves out chunks of steps, first halves and at last single ones, as long as the rest fails
// (delta debugging). So any selection of the steps must be a valid history: a step that makes no
// sense after those that are left does nothing.

#ifndef CPUAGG_ACCT_TESTING_SHRINK_H_
#define CPUAGG_ACCT_TESTING_SHRINK_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cpuagg::acct::testing {

template <typename Step>
struct Shrunk {
  std::vector<Step> steps;
  std::string fault;  // of these steps; empty if even all of them did not fail again
  int replays = 0;
  bool is_minimal = false;  // no step can be left out; false if the replays did not suffice
};

inline constexpr int kMostReplays = 2000;

// `fault_of` is called at most `most_replays` times.
template <typename Step>
Shrunk<Step> Shrink(std::vector<Step> steps,
                    const std::function<std::string(const std::vector<Step>&)>& fault_of,
                    int most_replays = kMostReplays) {
  Shrunk<Step> shrunk;
  shrunk.steps = std::move(steps);
  if (most_replays < 1) return shrunk;
  ++shrunk.replays;
  shrunk.fault = fault_of(shrunk.steps);
  if (shrunk.fault.empty()) return shrunk;
  size_t chunk = std::max<size_t>(shrunk.steps.size() / 2, 1);
  while (true) {
    bool has_shrunk = false;
    // From the end, since what comes after the fault is the easiest to leave out.
    for (size_t end = shrunk.steps.size(); end > 0;) {
      if (shrunk.replays == most_replays) return shrunk;
      const size_t begin = end - std::min(chunk, end);
      std::vector<Step> fewer(shrunk.steps.begin(),
                              shrunk.steps.begin() + static_cast<std::ptrdiff_t>(begin));
      fewer.insert(fewer.end(), shrunk.steps.begin() + static_cast<std::ptrdiff_t>(end),
                   shrunk.steps.end());
      ++shrunk.replays;
      std::string fault = fault_of(fewer);
      if (!fault.empty()) {
        shrunk.steps = std::move(fewer);
        shrunk.fault = std::move(fault);
        has_shrunk = true;
      }
      end = begin;
    }
    // Without one step another one may be superfluous.
    if (chunk == 1 && !has_shrunk) break;
    if (chunk > 1) chunk = (chunk + 1) / 2;
  }
  shrunk.is_minimal = true;
  return shrunk;
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_SHRINK_H_
