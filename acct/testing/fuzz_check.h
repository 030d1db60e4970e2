// Reports a failed check in a fuzz target.

#ifndef CPUAGG_ACCT_TESTING_FUZZ_CHECK_H_
#define CPUAGG_ACCT_TESTING_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace cpuagg::acct::testing {

// Aborts the process, as a sanitizer does, unless `holds`. `what` describes the condition.
inline void Require(bool holds, const char* what, int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "line %d: does not hold: %s\n", line, what);
  std::abort();
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_FUZZ_CHECK_H_
