// Compares whole messages with golden files, for reports of every size.

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "aggregate/report/report.h"
#include "gtest/gtest.h"
#include "notify/render/message.h"
#include "notify/words/html_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::ReportRow;

constexpr const char* kNames[] = {"postgres", "ci-runner", "alice.lovelace-byron",
                                  "王小明",   "دانیال",    "<b>&bob</b>"};

std::vector<ReportRow> Rows(uint32_t users, uint64_t first_ticks) {
  std::vector<ReportRow> rows;
  for (uint32_t i = 0; i < users; ++i) {
    rows.push_back({.uid = acct::Uid(1000 + i),
                    .user = i < std::size(kNames) ? kNames[i] : absl::StrCat("user", i),
                    .usage = {.processes = 1, .ticks = {.user = first_ticks / (i + 1)}}});
  }
  return rows;
}

// A Saturday on web01 compared with the Friday. All users used more, except the second, who used
// less, and the third, who is new. The first has a running job.
Report ReportOf(uint32_t users) {
  constexpr absl::Duration kDay = absl::Hours(24);
  Report report;
  report.host = "web01";
  report.id = "web01-20261122T070000Z-3f2a";
  report.period_name = "last-day";
  report.period = {.begin = absl::FromUnixSeconds(1'795'219'200),
                   .end = absl::FromUnixSeconds(1'795'219'200) + kDay};
  std::vector<ReportRow> rows = Rows(users, 22'044'000);
  std::vector<ReportRow> previous = Rows(users, 20'000'000);
  if (users > 0) rows[0].usage.running_user = 4'321'000;
  if (users > 2) {
    previous[1].usage.ticks.user = 12'345'678;
    previous.erase(previous.begin() + 2);
  }
  FillRows(std::move(rows), {.compare_with = aggregate::Period()}, report, std::move(previous));
  return report;
}

std::string MessageFor(uint32_t users) {
  std::string message = RenderMessage(ReportOf(users), kCaptionLimit).html;
  EXPECT_LE(Utf16Length(VisibleText(message)), kCaptionLimit);
  return message;
}

TEST(MessageGoldenTest, NoUser) {
  EXPECT_EQ(MessageFor(0),
            "<b>web01</b> · No CPU usage · 2026-11-21 UTC\n"
            "⚠ there are no records\n"
            "web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, OneUser) {
  EXPECT_EQ(MessageFor(1),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 UTC\n"
            "Total 73h 14m · 1 user · +32 % against the day before\n"
            "* of it 12h 00m by jobs that still run\n"
            "<pre>USER           TIME     %    +/-\n"
            "postgres    73h 14m* 100%   +32%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, ThreeUsers) {
  EXPECT_EQ(MessageFor(3),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 UTC\n"
            "Total 124h 16m · 3 users · +38 % against the day before\n"
            "* of it 12h 00m by jobs that still run\n"
            "<pre>USER           TIME     %    +/-\n"
            "postgres    73h 14m*  59%   +32%\n"
            "ci-runner   30h 37m   25%   -11%\n"
            "alice…yron  20h 25m   16%    new\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, FifteenUsers) {
  EXPECT_EQ(MessageFor(15),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 UTC\n"
            "Total 215h 11m · 15 users · +25 % against the day before\n"
            "* of it 12h 00m by jobs that still run\n"
            "<pre>USER           TIME     %    +/-\n"
            "postgres    73h 14m*  34%   +32%\n"
            "ci-runner   30h 37m   14%   -11%\n"
            "alice…yron  20h 25m    9%    new\n"
            "王小明      15h 19m    7%   +10%\n"
            "\u200eدانیال\u200e      12h 15m    6%   +10%\n"
            "&lt;b&gt;&amp;b…&lt;/b&gt;  10h 12m    5%   +10%\n"
            "user6        8h 45m    4%   +10%\n"
            "user7        7h 39m    4%   +10%\n"
            "user8        6h 48m    3%   +10%\n"
            "user9        6h 07m    3%   +10%\n"
            "user10       5h 34m    3%   +10%\n"
            "user11       5h 06m    2%   +10%\n"
            "user12       4h 43m    2%   +10%\n"
            "user13       4h 22m    2%   +10%\n"
            "user14       4h 05m    2%   +10%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, TwoHundredUsers) {
  EXPECT_EQ(MessageFor(200),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 UTC\n"
            "Total 371h 56m · 200 users · +18 % against the day before\n"
            "* of it 12h 00m by jobs that still run\n"
            "<pre>USER           TIME     %    +/-\n"
            "postgres    73h 14m*  20%   +32%\n"
            "ci-runner   30h 37m    8%   -11%\n"
            "alice…yron  20h 25m    5%    new\n"
            "王小明      15h 19m    4%   +10%\n"
            "\u200eدانیال\u200e      12h 15m    3%   +10%\n"
            "&lt;b&gt;&amp;b…&lt;/b&gt;  10h 12m    3%   +10%\n"
            "user6        8h 45m    2%   +10%\n"
            "user7        7h 39m    2%   +10%\n"
            "user8        6h 48m    2%   +10%\n"
            "user9        6h 07m    2%   +10%\n"
            "user10       5h 34m    1%   +10%\n"
            "user11       5h 06m    1%   +10%\n"
            "user12       4h 43m    1%   +10%\n"
            "user13       4h 22m    1%   +10%\n"
            "user14       4h 05m    1%   +10%\n"
            "user15       3h 50m    1%   +10%\n"
            "user16       3h 36m    1%   +10%\n"
            "user17       3h 24m    1%   +10%\n"
            "user18       3h 13m    1%   +10%\n"
            "user19       3h 04m    1%   +10%\n"
            "user20       2h 55m    1%   +10%\n"
            "user21       2h 47m    1%   +10%\n"
            "user22       2h 40m    1%   +10%\n"
            "user23       2h 33m    1%   +10%\n"
            "+176 …hers 128h 43m   35%   +10%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

}  // namespace
}  // namespace cpuagg::notify
