#include "notify/chart/cpu_axis.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

constexpr uint64_t kHour = 360'000;

std::vector<std::string> Labels(uint64_t ticks) {
  std::vector<std::string> labels;
  for (const CpuLine& line : CpuAxis::For(acct::Ticks(ticks)).lines) labels.push_back(line.label);
  return labels;
}

TEST(CpuAxisTest, LinesAreAtRoundTimes) {
  struct Case {
    uint64_t largest;
    std::vector<std::string> labels;
  };
  const Case cases[] = {
      {0, {"0"}},
      {1, {"0", "0.01s"}},
      {4, {"0", "0.01s", "0.02s", "0.03s", "0.04s"}},
      {44, {"0", "0.1s", "0.2s", "0.3s", "0.4s"}},
      {222, {"0", "0.5s", "1.0s", "1.5s", "2.0s"}},
      {2'431, {"0", "5s", "10s", "15s", "20s"}},
      {5'900, {"0", "20s", "40s"}},
      {12'000, {"0", "30s", "1m", "1m 30s", "2m"}},
      {kHour - 1, {"0", "20m", "40m"}},
      {kHour, {"0", "30m", "1h"}},
      {2 * kHour, {"0", "30m", "1h", "1h 30m", "2h"}},
      {5 * kHour / 2, {"0", "1h", "2h"}},
      {35 * kHour / 2, {"0", "5h", "10h", "15h"}},
      {24 * kHour, {"0", "5h", "10h", "15h", "20h"}},
      {123'456 * kHour, {"0", "50,000h", "100,000h"}},
  };
  for (const Case& c : cases) EXPECT_EQ(Labels(c.largest), c.labels) << c.largest;
}

TEST(CpuAxisTest, ThereAreNeverTooManyLinesNorAnyBeyondTheLargest) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  for (uint64_t largest = 3; largest < kMost / 2; largest += largest / 7 + 1) {
    const CpuAxis axis = CpuAxis::For(acct::Ticks(largest));
    ASSERT_LE(axis.lines.size(), 5u) << largest;
    ASSERT_GE(axis.lines.size(), 3u) << largest;
    ASSERT_LE(axis.lines.back().cpu, acct::Ticks(largest));
  }
  EXPECT_LE(CpuAxis::For(acct::Ticks(kMost)).lines.size(), 5u);
}

}  // namespace
}  // namespace cpuagg::notify
