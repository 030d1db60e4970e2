#include "tools/system/cron_schedule.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

TEST(CronScheduleTest, ItsLinesHaveThePathThatCronDoesNotLookFor) {
  const std::string all =
      CronLinesFor("/usr/local/bin/cpuagg", {.collect = true, .report = true, .deliver = true});
  EXPECT_EQ(all,
            "*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet\n"
            "0 7 * * *  root  /usr/local/bin/cpuagg send --period last-day\n"
            "37 * * * *  root  /usr/local/bin/cpuagg send --pending --alerts --quiet\n");
  EXPECT_EQ(CronLinesFor("/x", {}), "");
  EXPECT_EQ(PathOfThisProgram().value_or(""),
            std::filesystem::canonical("tools/system/cron_schedule_test").string());
}

TEST(CronScheduleTest, RootRunsNoProgramThatOthersCanChange) {
  const acct::testing::TempDir dir;
  const std::string program = dir.Write("cpuagg", "");
  ASSERT_EQ(chmod(program.c_str(), 0777), 0);
  EXPECT_EQ(WhyUnfitForRoot(program), program + " can be changed by users other than root");
  EXPECT_EQ(WhyUnfitForRoot(dir.Path("gone")), dir.Path("gone") + " is not there");
}

struct Rest {
  const char* line;
  std::optional<absl::Duration> longest;
};

TEST(CronScheduleTest, ALineSaysForHowLongItsJobRests) {
  for (const Rest& rest : {
           Rest{"*/15 * * * * root cpuagg collect", absl::Minutes(15)},
           Rest{"7,37 * * * * cpuagg collect", absl::Minutes(30)},
           Rest{"0-59/20 * * * *\tcpuagg collect", absl::Minutes(20)},
           Rest{"5 * * * * cpuagg collect", absl::Hours(1)},
           Rest{"0 */6 * * * cpuagg collect", absl::Hours(6)},
           Rest{"0 1,9 * * * cpuagg collect", absl::Hours(16)},
           Rest{"0 9-17 * * * cpuagg collect", absl::Hours(16)},
           Rest{"30 3 * * * cpuagg collect", absl::Hours(24)},
           Rest{"@hourly cpuagg collect", absl::Hours(1)},
           Rest{"@daily root cpuagg collect", absl::Hours(24)},
           Rest{"0 * * * 1-5 cpuagg collect", std::nullopt},
           Rest{"@reboot cpuagg collect", std::nullopt},
           Rest{"61 * * * * cpuagg collect", std::nullopt},
           Rest{"*/0 * * * * cpuagg collect", std::nullopt},
           Rest{"x * * * * cpuagg collect", std::nullopt},
           Rest{"exec cpuagg collect", std::nullopt},
           Rest{"", std::nullopt},
       }) {
    EXPECT_EQ(LongestPause(rest.line), rest.longest) << rest.line;
  }
}

}  // namespace
}  // namespace cpuagg::tools::check
