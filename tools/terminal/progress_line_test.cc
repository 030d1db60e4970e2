#include "tools/terminal/progress_line.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "notify/words/text.h"

namespace cpuagg::tools {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kGiB = uint64_t{1} << 30;
constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

TEST(ProgressLineTest, SaysWhatIsReadHowFarAndHowLongStill) {
  struct Case {
    ProgressState state;
    size_t columns;
    std::string line;
  };
  const Case cases[] = {
      {{"/var/log/account/pacct.1.gz", 1200 * kMiB, 2 * kGiB, absl::Seconds(4)},
       80,
       "reading pacct.1.gz  [##########........]  59%  1.2 GiB of 2.0 GiB, 3s left"},
      {{"pacct", 0, 2 * kGiB, absl::Seconds(1)},
       80,
       "reading pacct  [.......................]   0%  0 B of 2.0 GiB"},
      {{"pacct", 3 * kGiB, 2 * kGiB, absl::Seconds(9)},
       80,
       "reading pacct  [#######################] 100%  3.0 GiB of 2.0 GiB"},
      {{"pacct", kGiB, 2 * kGiB, absl::Minutes(90)},
       200,
       "reading pacct  [###############...............]  50%  1.0 GiB of 2.0 GiB, 1h 30m left"},
      {{"the-accounting-file-of-last-week.xz", kGiB, 2 * kGiB, absl::Seconds(1)},
       80,
       "reading the-accou…-week.xz  [#####.....]  50%  1.0 GiB of 2.0 GiB, 1s left"},
      {{"pacct", kGiB, 2 * kGiB, absl::Seconds(1)},
       60,
       "reading pacct  50%  1.0 GiB of 2.0 GiB, 1s left"},
      {{"pacct", kGiB, 2 * kGiB, absl::Seconds(1)}, 40, "50%  1.0 GiB of 2.0 GiB, 1s left"},
      {{"pacct", kGiB, 2 * kGiB, absl::Seconds(1)}, 20, "50%  1.0 GiB of 2.…"},
      {{"standard input", 1200 * kMiB, 0, absl::Seconds(4)},
       80,
       "reading standard input  1.2 GiB, 300 MiB/s"},
      {{"standard input", 0, 0, absl::Seconds(1)}, 80, "reading standard input  0 B, 0 B/s"},
      {{"dir/a\x1b[2J\n", 64, 0, absl::Seconds(2)}, 80, "reading a\\x1b[2J\\n  64 B, 32 B/s"},
  };
  for (const Case& c : cases) EXPECT_EQ(RenderProgress(c.state, c.columns), c.line);
}

TEST(ProgressLineTest, TheBarStaysWhereItIsWhileTheNumbersChange) {
  const auto line = [](uint64_t bytes) {
    return RenderProgress({"pacct", bytes, 2 * kGiB, absl::Seconds(3)}, 80);
  };
  const size_t end_of_bar = line(2 * kGiB).find(']');
  for (uint64_t bytes = kGiB / 8; bytes < 2 * kGiB; bytes += 7 * kMiB) {
    EXPECT_EQ(line(bytes).find(']'), end_of_bar) << line(bytes);
  }
}

TEST(ProgressLineTest, FitsWhateverTheTerminalAndTheNumbers) {
  for (const char* input : {"pacct", "王小明王小明王小明王小明王小明王小明王小明", "a\xff"}) {
    for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, 999 * kMiB, kMost}) {
      for (const uint64_t total : {uint64_t{0}, uint64_t{1}, 2 * kGiB, kMost}) {
        for (const absl::Duration elapsed : {absl::Nanoseconds(1), absl::Hours(100'000)}) {
          for (size_t columns = 0; columns < 200; ++columns) {
            const std::string line = RenderProgress({input, bytes, total, elapsed}, columns);
            ASSERT_LT(notify::DisplayWidth(line), std::max<size_t>(columns, 1)) << line;
            ASSERT_TRUE(notify::IsUtf8(line));
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace cpuagg::tools
