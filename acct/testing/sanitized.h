// How often tests repeat themselves under a sanitizer.

#ifndef CPUAGG_ACCT_TESTING_SANITIZED_H_
#define CPUAGG_ACCT_TESTING_SANITIZED_H_

namespace cpuagg::acct::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

// `whole`, or `less` under a sanitizer. That is slow, and looks for faults of code that runs each
// time. What needs all of the repetitions, such as a limit, is checked without.
template <typename Number>
constexpr Number LessIfSanitized(Number whole, Number less) {
  return kIsSanitized ? less : whole;
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_SANITIZED_H_
