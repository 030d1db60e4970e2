#include "tools/installation/cron_lines.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

std::string Jobs(const std::string& crontab) {
  const CronJobs jobs = JobsIn(crontab);
  return std::string(jobs.collect ? "collect " : "") + (jobs.report ? "report " : "");
}

TEST(CronLinesTest, LinesOfOthersAreUnderstood) {
  EXPECT_EQ(Jobs(""), "");
  EXPECT_EQ(Jobs("*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet\n"), "collect ");
  EXPECT_EQ(Jobs("0 7 * * * root cpuagg run --period last-day"), "collect report ");
  EXPECT_EQ(Jobs("0 7 * * * cd /tmp && cpuagg send\n"), "report ");
  EXPECT_EQ(Jobs("5 * * * * root cpuagg send --pending --quiet\n"), "");
  EXPECT_EQ(Jobs("# 0 7 * * * root cpuagg run\n  #cpuagg collect\n"), "");
  EXPECT_EQ(Jobs("0 7 * * * root notcpuagg run\n0 8 * * * root cpuagg\n"), "");
}

TEST(CronLinesTest, WhatSetupWritesIsKnownAgain) {
  const std::string both = CronFileFor("/opt/cpuagg", {.collect = true, .report = true});
  EXPECT_TRUE(IsOfSetup(both));
  EXPECT_EQ(Jobs(both), "collect report ");
  EXPECT_TRUE(absl::StrContains(both, "\n0 7 * * *  root  /opt/cpuagg send --period last-day\n"));
  EXPECT_EQ(Jobs(CronFileFor("/usr/bin/cpuagg", {.collect = true})), "collect ");
  EXPECT_FALSE(IsOfSetup("*/15 * * * * root cpuagg collect\n"));
}

}  // namespace
}  // namespace cpuagg::tools
