// Whether the program that tests run has a sanitizer. The tests themselves need none, so .ci/run
// has those of tools/cli_tests run a program that was compiled with other flags (.ci/with_program).

#ifndef CPUAGG_TOOLS_TESTING_SANITIZED_PROGRAM_H_
#define CPUAGG_TOOLS_TESTING_SANITIZED_PROGRAM_H_

#include <cstdlib>
#include <string_view>

#include "acct/testing/sanitized.h"

namespace cpuagg::tools::testing {

inline bool ProgramIsSanitized() {
  return acct::testing::kIsSanitized || std::getenv("PROGRAM_SANITIZER") != nullptr;
}

inline bool ProgramHasThreadSanitizer() {
#if defined(__SANITIZE_THREAD__)
  return true;
#else
  const char* const sanitizer = std::getenv("PROGRAM_SANITIZER");
  return sanitizer != nullptr && std::string_view(sanitizer) == "tsan";
#endif
}

// `whole`, or `less` if the program is slow (acct/testing/sanitized.h).
template <typename Number>
Number LessIfProgramIsSanitized(Number whole, Number less) {
  return ProgramIsSanitized() ? less : whole;
}

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_SANITIZED_PROGRAM_H_
