// How often tests repeat themselves under a sanitizer.

#ifndef CPUAGG_ACCT_TESTING_SANITIZED_H_
#define CPUAGG_ACCT_TESTING_SANITIZED_H_

#include <cstdlib>
#include <string_view>

namespace cpuagg::acct::testing {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::string_view kSanitizer = "asan";
#elif defined(__SANITIZE_THREAD__)
inline constexpr std::string_view kSanitizer = "tsan";
#else
inline constexpr std::string_view kSanitizer;
#endif
inline constexpr bool kIsSanitized = !kSanitizer.empty();

// The sanitizer of the program that a test runs, which .ci/with_program may have put there: "asan",
// "tsan", or empty.
inline std::string_view SanitizerOfProgram() {
  const char* const other = std::getenv("PROGRAM_SANITIZER");
  return other == nullptr ? kSanitizer : other;
}

// `whole`, or `less` under a sanitizer. That is slow, and looks for faults of code that runs each
// time. What needs all of the repetitions, such as a limit, is checked without.
template <typename Number>
constexpr Number LessIfSanitized(Number whole, Number less) {
  return kIsSanitized ? less : whole;
}
template <typename Number>
Number LessIfProgramIsSanitized(Number whole, Number less) {
  return SanitizerOfProgram().empty() ? whole : less;
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_SANITIZED_H_
