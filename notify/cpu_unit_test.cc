#include "notify/cpu_unit.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kMinute = 6000;
constexpr uint64_t kHour = 60 * kMinute;

TEST(CpuUnitTest, TheLargestTimeChoosesTheUnitOfAll) {
  struct Row {
    uint64_t largest;
    uint64_t ticks;
    const char* text;
  };
  constexpr Row kRows[] = {
      {0, 0, "0"},
      {1, 1, "0.01 s"},
      {407, 407, "4.07 s"},
      {kMinute - 1, kMinute - 1, "59.99 s"},
      {kMinute - 1, 100, "1.00 s"},
      {kMinute, kMinute, "1.0 min"},
      {kMinute, 0, "0"},
      {kMinute, 299, "<0.1 min"},
      {kMinute, 300, "0.1 min"},
      {73800, 73800, "12.3 min"},
      {kHour - 1, kHour - 1, "60.0 min"},
      {kHour, kHour, "1.0 h"},
      {kHour, kMinute, "<0.1 h"},
      {kHour, 3 * kMinute, "0.1 h"},
      {61 * kHour + 14 * kMinute, 61 * kHour + 14 * kMinute, "61.2 h"},
      {61 * kHour, 18000 - 1, "<0.1 h"},
      {61 * kHour, 18000, "0.1 h"},
      {61 * kHour, 2 * kHour - 1, "2.0 h"},
      {std::numeric_limits<uint64_t>::max(), std::numeric_limits<uint64_t>::max(),
       "51240955760304.3 h"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(CpuUnit::For(acct::Ticks(row.largest)).Format(acct::Ticks(row.ticks)), row.text)
        << row.ticks << " of at most " << row.largest;
  }
}

}  // namespace
}  // namespace cpuagg::notify
