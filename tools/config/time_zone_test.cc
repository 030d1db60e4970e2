#include "tools/config/time_zone.h"

#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

absl::StatusOr<absl::TimeZone> ZoneOf(const std::string& tz) {
  setenv("TZ", tz.c_str(), 1);
  return LocalTimeZone();
}

// The output of `date` for these times, in the form of Shown().
std::vector<std::string> ShownByDate(const std::string& tz, const std::vector<int64_t>& times) {
  const acct::testing::TempDir dir;
  std::string lines;
  for (const int64_t time : times) absl::StrAppend(&lines, "@", time, "\n");
  const testing::Finished run =
      testing::RunProgram({.argv = {"/bin/date", "-f", dir.Write("times", lines), "+%F %T %::z %Z"},
                           .environment = {"TZ=" + tz, "LC_ALL=C"}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::vector<std::string> shown = absl::StrSplit(run.out, '\n');
  shown.pop_back();
  return shown;
}

std::string Shown(int64_t time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %E*z %Z", absl::FromUnixSeconds(time), zone);
}

TEST(LocalTimeZoneTest, IsWhatDateHas) {
  for (const char* tz :
       {// Rules, of every form.
        "EST5", "UTC-2", "UTC0", "<+03>-3", "<-0330>3:30", "ABC-5:45:15", "XYZ+11", "NPT-05:45",
        "CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST", "EST5EDT4,M3.2.0,M11.1.0",
        "EST+5EDT,M4.1.0,M10.5.0", "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "IST-2IDT,M3.4.4/26,M10.5.0",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "AAA3BBB,J60,J300", "AAA3BBB,59/1,300/4:30:15", ":EST5",
        // Names and files.
        "", ":", "UTC", "Europe/Berlin", ":Europe/Berlin", "America/St_Johns", "EST5EDT",
        "/usr/share/zoneinfo/Asia/Kolkata", ":/usr/share/zoneinfo/Asia/Kolkata"}) {
    SCOPED_TRACE(tz);
    const absl::StatusOr<absl::TimeZone> zone = ZoneOf(tz);
    ASSERT_TRUE(zone.ok()) << zone.status();
    // Every eleventh hour of the time that records can have, and the changes to the second.
    std::vector<int64_t> times = {4'294'967'295};
    for (int64_t time = 0; time < 4'294'967'295; time += 11 * 3600 * 17) times.push_back(time);
    absl::TimeZone::CivilTransition transition;
    for (absl::Time time = absl::UnixEpoch(); zone->NextTransition(time, &transition);) {
      time = zone->At(transition.to).trans;
      if (absl::ToUnixSeconds(time) >= 4'294'967'295) break;
      times.push_back(absl::ToUnixSeconds(time) - 1);
      times.push_back(absl::ToUnixSeconds(time));
    }
    const std::vector<std::string> expected = ShownByDate(tz, times);
    ASSERT_EQ(expected.size(), times.size());
    for (size_t i = 0; i < times.size(); ++i) {
      ASSERT_EQ(Shown(times[i], *zone), expected[i]) << times[i];
    }
  }
}

TEST(LocalTimeZoneTest, WhatIsNeitherAZoneNorARuleIsRefused) {
  for (const char* tz : {"Europe/Nowhere",
                         "/nowhere",
                         ":/etc/passwd",
                         "Europe",
                         "utc",
                         "ES5",
                         "EST5E",
                         "EST25",
                         "EST5:60",
                         "EST5:00:60",
                         "EST5 ",
                         " EST5",
                         "5",
                         "<+03",
                         "<+03>",
                         "<+3>-3",
                         "<a_c>3",
                         "CET-1CEST,",
                         "CET-1CEST,M3.5.0",
                         "CET-1CEST,M3.5.0,",
                         "CET-1CEST,M13.5.0,M10.5.0",
                         "CET-1CEST,M3.6.0,M10.5.0",
                         "CET-1CEST,M3.0.0,M10.5.0",
                         "CET-1CEST,M3.5.7,M10.5.0",
                         "CET-1CEST,M3.5,M10.5.0",
                         "CET-1CEST,J0,J300",
                         "CET-1CEST,J60,J366",
                         "CET-1CEST,0,366",
                         "CET-1CEST,M3.5.0/168,M10.5.0",
                         "CET-1CEST,M3.5.0,M10.5.0/3x",
                         "CET-1CEST,M3.5.0,M10.5.0,M11.1.0",
                         "EST99999999999999999999"}) {
    SCOPED_TRACE(tz);
    const absl::Status status = ZoneOf(tz).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("TZ: '", tz, "'"))) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "such as Europe/Berlin")) << status;
  }
}

TEST(LocalTimeZoneTest, WithoutTzItIsThatOfTheSystem) {
  unsetenv("TZ");
  const absl::StatusOr<absl::TimeZone> zone = LocalTimeZone();
  ASSERT_TRUE(zone.ok()) << zone.status();
  EXPECT_EQ(*zone, absl::LocalTimeZone());
}

// Opening it would block for ever.
TEST(LocalTimeZoneTest, AFifoInThePlaceOfAZoneIsRefusedAndNotWaitedFor) {
  const acct::testing::TempDir dir;
  const std::string fifo = dir.Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(ZoneOf(fifo).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ZoneOf(":" + fifo).status().code(), absl::StatusCode::kInvalidArgument);
  unsetenv("TZ");
  setenv("LOCALTIME", fifo.c_str(), 1);
  const absl::Status status = LocalTimeZone().status();
  unsetenv("LOCALTIME");
  EXPECT_TRUE(absl::StartsWith(status.message(), fifo + ": is not a time zone file; ")) << status;
}

}  // namespace
}  // namespace cpuagg::tools
