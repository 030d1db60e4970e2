#include "notify/cpu_axis.h"

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

TEST(CpuAxisTest, LinesAreAtRoundTimesOfOneUnit) {
  struct Case {
    uint64_t largest;
    std::vector<std::string> labels;
  };
  const Case cases[] = {
      {0, {"0"}},
      {1, {"0", "0.01 s"}},
      {4, {"0", "0.01 s", "0.02 s", "0.03 s", "0.04 s"}},
      {44, {"0", "0.1 s", "0.2 s", "0.3 s", "0.4 s"}},
      {2'431, {"0", "5 s", "10 s", "15 s", "20 s"}},
      {5'900, {"0", "20 s", "40 s"}},
      {12'000, {"0", "0.5 min", "1.0 min", "1.5 min", "2.0 min"}},
      {kHour - 1, {"0", "20 min", "40 min"}},
      {kHour, {"0", "0.5 h", "1.0 h"}},
      {5 * kHour / 2, {"0", "1 h", "2 h"}},
      {35 * kHour / 2, {"0", "5 h", "10 h", "15 h"}},
      {24 * kHour, {"0", "5 h", "10 h", "15 h", "20 h"}},
      {123'456 * kHour, {"0", "50,000 h", "100,000 h"}},
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
