#include "tools/installation/cron_lines.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

std::string Jobs(const std::string& crontab) {
  const check::CronJobs jobs = check::JobsIn(crontab);
  return std::string(jobs.collect ? "collect " : "") + (jobs.report ? "report " : "");
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
