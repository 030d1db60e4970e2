// Which user collects, and how often.

#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/check/schedule/checked_schedule.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/check/schedule/schedule_facts.h"
#include "tools/system/crontabs.h"

namespace cpuagg::tools::check {
namespace {

using testing::kUnit;
using testing::Timer;

TEST(ScheduleCollectorTest, TheUnitsUserCollects) {
  const Collector collector = FindCollector({.units = ParseUnits(kUnit)}, "/nowhere");
  EXPECT_EQ(collector.who.name, "root");
  EXPECT_TRUE(collector.may_read_everything);
  EXPECT_EQ(collector.source, "cpuagg-collect.service");
}

TEST(ScheduleCollectorTest, WhomCronRunsItAsCollectsWhereTheTimerIsOff) {
  const acct::testing::TempDir store;
  const std::string line = "*/15 * * * *  root  /usr/bin/cpuagg collect --quiet";
  ScheduleFacts facts = {.cron = {.lines = CronLinesIn(line, "/etc/cron.d/cpuagg")}};
  EXPECT_EQ(FindCollector(facts, store.path()).source, "/etc/cron.d/cpuagg");
  EXPECT_EQ(FindCollector(facts, store.path()).who.user, 0u);
  // The timer is loaded and off.
  facts.units = ParseUnits(kUnit + Timer("cpuagg-collect", "inactive", "disabled"));
  EXPECT_EQ(FindCollector(facts, store.path()).source, "/etc/cron.d/cpuagg");
  facts.units = ParseUnits(kUnit + Timer("cpuagg-collect", "active", "enabled"));
  EXPECT_EQ(FindCollector(facts, store.path()).source, "cpuagg-collect.service");
  // Another store, and another user than cron's.
  for (const char* other :
       {"* * * * * root cpuagg collect --store /srv/x", "* * * * * root cpuagg send --pending",
        "* * * * * root su -s /bin/sh -c 'cpuagg collect' daemon"}) {
    const ScheduleFacts of_other = {.cron = {.lines = CronLinesIn(other, "/etc/cron.d/cpuagg")}};
    EXPECT_EQ(FindCollector(of_other, store.path()).source, "the owner of the store") << other;
  }
}

TEST(ScheduleCollectorTest, WithoutUnitsTheStoresOwnerCollects) {
  const acct::testing::TempDir dir;
  const Collector collector = FindCollector({}, dir.path());
  EXPECT_EQ(collector.source, "the owner of the store");
  EXPECT_EQ(collector.who.user, geteuid());
  EXPECT_EQ(FindCollector({}, dir.Path("gone")).source, "who asks");
}

TEST(ScheduleCollectorTest, WhenACollectIsDueIsSaidByWhatRunsIt) {
  ScheduleFacts facts;
  EXPECT_EQ(CollectPeriod(facts), std::nullopt);
  facts.cron.lines = CronLinesIn("exec cpuagg run", "/etc/cron.daily/cpuagg");
  EXPECT_EQ(CollectPeriod(facts), absl::Hours(24));
  const std::vector<CronLine> more =
      CronLinesIn("*/20 * * * * root cpuagg collect", "/etc/cron.d/cpuagg");
  facts.cron.lines.insert(facts.cron.lines.end(), more.begin(), more.end());
  EXPECT_EQ(CollectPeriod(facts), absl::Minutes(20));
  facts.units = ParseUnits(Timer("cpuagg-collect", "active", "enabled"));
  EXPECT_EQ(CollectPeriod(facts), absl::Minutes(15));
}

}  // namespace
}  // namespace cpuagg::tools::check
