#include "tools/installation/steps/cron_lines.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
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

using Strings = std::vector<std::string>;

constexpr check::CronJobs kBoth = {.collect = true, .report = true};

TEST(CronLinesTest, WhatTheAdminHasMadeOfTheFileStays) {
  const std::string written = CronFileFor("/opt/cpuagg", kBoth);
  EXPECT_EQ(WithCronJobs(written, "/opt/cpuagg", kBoth), written);
  EXPECT_EQ(WithCronJobs(written, "/usr/bin/cpuagg", kBoth), CronFileFor("/usr/bin/cpuagg", kBoth));
  EXPECT_EQ(WithCronJobs(written, "/opt/cpuagg", {.collect = true}),
            CronFileFor("/opt/cpuagg", {.collect = true}));
  EXPECT_EQ(WithCronJobs(CronFileFor("/opt/cpuagg", {.collect = true}), "/opt/cpuagg", kBoth),
            written);

  const std::string changed = absl::StrReplaceAll(
      written, {{"0 7 * * *  root", "30 8 * * 1-5\troot"}, {"SHELL=/bin/sh", "SHELL=/bin/bash"}});
  const std::string more = changed + "MAILTO=ops\n5 5 * * *  root  /usr/local/bin/backup\n";
  EXPECT_EQ(WithCronJobs(more, "/opt/cpuagg", kBoth), more);
  EXPECT_EQ(WithCronJobs(more, "/usr/bin/cpuagg", kBoth),
            absl::StrReplaceAll(more, {{"/opt/cpuagg", "/usr/bin/cpuagg"}}));
  const std::string foreign = "5 5 * * *  root  backup\n";
  const std::string adopted = WithCronJobs(foreign, "/opt/cpuagg", kBoth);
  EXPECT_TRUE(IsOfSetup(adopted));
  EXPECT_EQ(Jobs(adopted), "collect report ");
  EXPECT_EQ(WithoutSetup(adopted).text, foreign);
  // A job that another line already does is not added.
  const std::string own =
      absl::StrReplaceAll(written, {{"--period last-day", "--period last-week"}});
  EXPECT_EQ(WithCronJobs(own, "/opt/cpuagg", kBoth), own);
}

TEST(CronLinesTest, WhatIsTakenBackIsSetupsAlone) {
  const std::string written = CronFileFor("/opt/cpuagg", kBoth);
  EXPECT_EQ(WithoutSetup(written).text, "");
  EXPECT_EQ(WithoutSetup(written).kept, Strings());
  EXPECT_EQ(WithoutSetup(written).changed, Strings());

  const std::string changed = "@daily  cpuagg  /opt/cpuagg send --period last-day";
  const std::string foreign = "5 5 * * *  root  backup && cpuagg collect";
  const std::string head =
      written.substr(written.find("SHELL="), written.find("*/15") - written.find("SHELL="));
  const ForeignCronLines left = WithoutSetup(
      absl::StrReplaceAll(written,
                          {{"0 7 * * *  root  /opt/cpuagg send --period last-day", changed}}) +
      "\n# My own.\n" + foreign + "\n");
  EXPECT_EQ(left.text, head + "\n# My own.\n" + foreign + "\n");
  EXPECT_EQ(left.kept, (Strings{"# My own.", foreign}));
  EXPECT_EQ(left.changed, Strings{changed});
}

TEST(CronLinesTest, TheLineOfAnEarlierReleaseStaysAndIsTakenBack) {
  const std::string earlier =
      absl::StrReplaceAll(CronFileFor("/opt/cpuagg", kBoth), {{"--pending --alerts", "--pending"}});
  EXPECT_EQ(WithCronJobs(earlier, "/opt/cpuagg", kBoth), earlier);
  EXPECT_EQ(WithoutSetup(earlier).text, "");
  EXPECT_EQ(WithoutSetup(earlier).changed, Strings());
}

}  // namespace
}  // namespace cpuagg::tools
