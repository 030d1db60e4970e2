#include "acct/kernel/cpu_times.h"

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

struct Case {
  const char* what;
  std::string stat;
  uint64_t rate;
  CpuTimes times;
};

TEST(CpuTimesTest, TheColumnsOfEachKernelAreBusyIdleOrStolen) {
  const Case cases[] = {
      {"2.4, with four columns",
       "cpu  1132 34 1441 11311718\ncpu0 1132 34 1441 11311718\npage 5741 1808\n",
       100,
       {.processors = 1, .busy = 1132 + 34 + 1441, .idle = 11311718}},
      {"2.6.9, with seven columns",
       "cpu  2255 34 2290 22625563 6290 127 456\ncpu0 1132 34 1441 11311718 3675 127 438\n"
       "cpu1 1123 0 849 11313845 2614 0 18\nintr 114930548 113199788 3 0 5 263\n",
       100,
       {.processors = 2, .busy = 2255 + 34 + 2290 + 127 + 456, .idle = 22625563 + 6290}},
      {"6.x, with the time of guests, which is in user and nice already",
       "cpu  8062534 1275187 1410329 2559724 26981 7 21649 48208 500 20\n"
       "cpu0 3945048 662530 671259 1386149 11886 0 580 23252 500 20\n"
       "cpu1 4117486 612656 739069 1173574 15095 7 21068 24956 0 0\nintr 63462168 0 0\nctxt 5\n",
       100,
       {.processors = 2,
        .busy = 8062534 + 1275187 + 1410329 + 7 + 21649,
        .idle = 2559724 + 26981,
        .stolen = 48208}},
      {"processors that are off",
       "cpu  1 0 0 1 0 0 0 0 0 0\ncpu0 1\ncpu3 1\ncpu127 1\n",
       100,
       {.processors = 3, .busy = 1, .idle = 1}},
      {"1024 ticks a second",
       "cpu  2048 0 0 1024 0 0 0 512\ncpu0 1\n",
       1024,
       {.processors = 1, .busy = 200, .idle = 100, .stolen = 50}},
      {"blanks and columns of a later kernel",
       "cpu\t 1  2 3 4 5 6 7 8 9 10 11 12 \ncpu0\n",
       100,
       {.processors = 1, .busy = 19, .idle = 9, .stolen = 8}},
  };
  for (const Case& tested : cases) {
    const absl::StatusOr<CpuTimes> times = ParseCpuTimes(tested.stat, tested.rate, "stat");
    ASSERT_TRUE(times.ok()) << tested.what << ": " << times.status();
    EXPECT_EQ(*times, tested.times) << tested.what;
  }
}

TEST(CpuTimesTest, ManyProcessorsAreAllCounted) {
  std::string stat = "cpu  5 5 5 5 5 5 5 5\n";
  for (int i = 0; i < 4096; ++i) absl::StrAppend(&stat, "cpu", i, " 1 1 1 1 1 1 1 1\n");
  EXPECT_EQ(ParseCpuTimes(stat, 100, "stat")->processors, 4096u);
}

TEST(CpuTimesTest, WhatCannotBeRightIsAnError) {
  for (const char* stat :
       {"", "intr 5\n", "cpu  1 2 3 4\n", "cpu0 1 2 3 4\n", "cpu\ncpu0 1\n",
        "cpu  1 2 3\ncpu0 1 2 3\n", "cpu  1 x 3 4\ncpu0 1\n", "cpu  1 -2 3 4\ncpu0 1\n",
        "cpu  18446744073709551615 2 3 4\ncpu0 1\n", "cpu  99999999999999999999 2 3 4\ncpu0 1\n",
        "cpufreq 1 2 3 4\ncpu0 1\n"}) {
    const absl::StatusOr<CpuTimes> times = ParseCpuTimes(stat, 100, "/odd/stat");
    EXPECT_TRUE(absl::IsFailedPrecondition(times.status())) << stat;
    EXPECT_TRUE(absl::StartsWith(times.status().message(), "/odd/stat: ")) << times.status();
  }
}

TEST(CpuTimesTest, TheBootAndItsAgeAreReadToo) {
  testing::TempDir dir;
  for (const char* name : {"sys", "sys/kernel", "sys/kernel/random"}) {
    ASSERT_EQ(mkdir(dir.Path(name).c_str(), 0755), 0);
  }
  dir.Write("stat", "cpu  1 0 0 2\ncpu0 1 0 0 2\n");
  EXPECT_TRUE(absl::IsNotFound(ReadCpuTimes(dir.path()).status()));
  dir.Write("sys/kernel/random/boot_id", "0123-4567\n");
  EXPECT_TRUE(absl::IsNotFound(ReadCpuTimes(dir.path()).status()));
  for (const char* odd : {"", "x\n", "-5.1 3\n", "99999999999999 1\n"}) {
    dir.Write("uptime", odd);
    EXPECT_TRUE(absl::IsFailedPrecondition(ReadCpuTimes(dir.path()).status())) << odd;
  }
  dir.Write("uptime", "5000.12 20000.34\n");
  const absl::StatusOr<CpuTimes> times = ReadCpuTimes(dir.path());
  ASSERT_TRUE(times.ok()) << times.status();
  EXPECT_EQ(times->boot_id, "0123-4567");
  EXPECT_EQ(times->uptime, 5000u);
  EXPECT_EQ(times->processors, 1u);
  dir.Write("sys/kernel/random/boot_id", "\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadCpuTimes(dir.path()).status()));
}

TEST(CpuTimesTest, TheCountersOfThisMachineGoForward) {
  const absl::StatusOr<CpuTimes> before = ReadCpuTimes("/proc");
  ASSERT_TRUE(before.ok()) << before.status();
  const absl::StatusOr<CpuTimes> after = ReadCpuTimes("/proc");
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_GE(before->processors, 1u);
  EXPECT_EQ(before->boot_id, after->boot_id);
  EXPECT_GE(after->busy, before->busy);
  EXPECT_GE(after->uptime, before->uptime);
}

}  // namespace
}  // namespace cpuagg::acct
