// A preloaded library with a clock that CLOCK_SHIFT nanoseconds are added to, which may be
// negative. So a test can run a program months later without waiting. Or it is CLOCK_AT, in seconds
// since 1970, all the time.

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = syscall(SYS_clock_gettime, clock, time);
  const char* const shift = getenv("CLOCK_SHIFT");
  const char* const at = getenv("CLOCK_AT");
  if (result == 0 && clock == CLOCK_REALTIME && at != nullptr) {
    *time = {.tv_sec = atol(at), .tv_nsec = 0};
    return 0;
  }
  if (result == 0 && clock == CLOCK_REALTIME && shift != nullptr) {
    constexpr long kNanosPerSecond = 1'000'000'000;
    const long nanos = time->tv_sec * kNanosPerSecond + time->tv_nsec + atol(shift);
    *time = {.tv_sec = nanos / kNanosPerSecond, .tv_nsec = nanos % kNanosPerSecond};
  }
  return static_cast<int>(result);
}
