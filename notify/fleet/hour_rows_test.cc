#include "notify/fleet/hour_rows.h"

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/fleet/hour_amounts.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

aggregate::HourAmounts Hours() {
  const absl::Time begin = absl::FromCivil(absl::CivilHour(2026, 11, 22, 14), absl::UTCTimeZone());
  const absl::Duration hour = absl::Hours(1);
  return {.host = "lab, 01",
          .amounts = {{.time = {begin - 24 * hour, begin},
                       .uid = acct::Uid(0),
                       .user = "root",
                       .processes = 3,
                       .user_time = acct::Ticks(9742),
                       .system_time = acct::Ticks(5)},
                      {.time = {begin, begin + hour},
                       .uid = acct::Uid(1001),
                       .user = "=a\"b\xff",
                       .processes = 1,
                       .user_time = acct::ExactTime::Of(1, 1024)},
                      {.time = {begin + hour, begin + 2 * hour}, .uid = acct::Uid(1002)}},
          .known = {{begin, begin + hour + absl::Minutes(30)}}};
}

TEST(HourRowsTest, Csv) {
  EXPECT_EQ(HoursAsCsv(Hours()),
            R"(host,begin,end,uid,user,processes,user_seconds,system_seconds,complete
"lab, 01",2026-11-21T14:00:00Z,2026-11-22T14:00:00Z,0,root,3,97.42,0.05,true
"lab, 01",2026-11-22T14:00:00Z,2026-11-22T15:00:00Z,1001,"=a""b\xff",1,0.0009765625,0.00,true
"lab, 01",2026-11-22T15:00:00Z,2026-11-22T16:00:00Z,1002,,0,0.00,0.00,false
)");
}

TEST(HourRowsTest, JsonLines) {
  EXPECT_EQ(
      HoursAsJsonLines(Hours()),
      R"({"host":"lab, 01","begin":"2026-11-21T14:00:00Z","end":"2026-11-22T14:00:00Z","uid":0,"user":"root","processes":3,"user_seconds":97.42,"system_seconds":0.05,"complete":true}
{"host":"lab, 01","begin":"2026-11-22T14:00:00Z","end":"2026-11-22T15:00:00Z","uid":1001,"user":"=a\"b\\xff","processes":1,"user_seconds":0.0009765625,"system_seconds":0.00,"complete":true}
{"host":"lab, 01","begin":"2026-11-22T15:00:00Z","end":"2026-11-22T16:00:00Z","uid":1002,"user":null,"processes":0,"user_seconds":0.00,"system_seconds":0.00,"complete":false}
)");
}

}  // namespace
}  // namespace cpuagg::notify
