// Whole messages, as they are sent, for reports of every size.

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/units.h"
#include "aggregate/report.h"
#include "gtest/gtest.h"
#include "notify/html_text.h"
#include "notify/message.h"
#include "notify/text.h"

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

// A Saturday on web01 against the Friday. Everybody used more, but for the second, who used less,
// and the third, who is new; the first has a job that still runs.
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
            "<b>web01</b> · No CPU usage · 2026-11-21 00:00 – 2026-11-22 00:00 UTC\n"
            "⚠ there are no records\nweb01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, OneUser) {
  EXPECT_EQ(MessageFor(1),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 00:00 – 2026-11-22 00:00 UTC\n"
            "Total 73 h 14 min · 1 user · +32 % against the day before\n"
            "* of it 12 h 0 min by jobs that still run\n"
            "<pre>USER           h:mm     %    +/-\n"
            "postgres      73:14* 100%   +32%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, ThreeUsers) {
  EXPECT_EQ(MessageFor(3),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 00:00 – 2026-11-22 00:00 UTC\n"
            "Total 124 h 16 min · 3 users · +38 % against the day before\n"
            "* of it 12 h 0 min by jobs that still run\n"
            "<pre>USER           h:mm     %    +/-\n"
            "postgres      73:14*  59%   +32%\n"
            "ci-runner     30:37   25%   -11%\n"
            "alice.lovel…  20:25   16%    new\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, FifteenUsers) {
  EXPECT_EQ(MessageFor(15),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 00:00 – 2026-11-22 00:00 UTC\n"
            "Total 215 h 11 min · 15 users · +25 % against the day before\n"
            "* of it 12 h 0 min by jobs that still run\n"
            "<pre>USER           h:mm     %    +/-\n"
            "postgres      73:14*  34%   +32%\n"
            "ci-runner     30:37   14%   -11%\n"
            "alice.lovel…  20:25    9%    new\n"
            "王小明        15:19    7%   +10%\n"
            "\u200eدانیال\u200e        12:15    6%   +10%\n"
            "&lt;b&gt;&amp;bob&lt;/b&gt;   10:12    5%   +10%\n"
            "user6          8:45    4%   +10%\n"
            "user7          7:39    4%   +10%\n"
            "user8          6:48    3%   +10%\n"
            "user9          6:07    3%   +10%\n"
            "user10         5:34    3%   +10%\n"
            "user11         5:06    2%   +10%\n"
            "user12         4:43    2%   +10%\n"
            "user13         4:22    2%   +10%\n"
            "user14         4:05    2%   +10%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

TEST(MessageGoldenTest, TwoHundredUsers) {
  EXPECT_EQ(MessageFor(200),
            "<b>web01</b> · CPU by user\n"
            "2026-11-21 00:00 – 2026-11-22 00:00 UTC\n"
            "Total 371 h 56 min · 200 users · +18 % against the day before\n"
            "* of it 12 h 0 min by jobs that still run\n"
            "<pre>USER           h:mm     %    +/-\n"
            "postgres      73:14*  20%   +32%\n"
            "ci-runner     30:37    8%   -11%\n"
            "alice.lovel…  20:25    5%    new\n"
            "王小明        15:19    4%   +10%\n"
            "\u200eدانیال\u200e        12:15    3%   +10%\n"
            "&lt;b&gt;&amp;bob&lt;/b&gt;   10:12    3%   +10%\n"
            "user6          8:45    2%   +10%\n"
            "user7          7:39    2%   +10%\n"
            "user8          6:48    2%   +10%\n"
            "user9          6:07    2%   +10%\n"
            "user10         5:34    1%   +10%\n"
            "user11         5:06    1%   +10%\n"
            "user12         4:43    1%   +10%\n"
            "user13         4:22    1%   +10%\n"
            "user14         4:05    1%   +10%\n"
            "user15         3:50    1%   +10%\n"
            "user16         3:36    1%   +10%\n"
            "user17         3:24    1%   +10%\n"
            "user18         3:13    1%   +10%\n"
            "user19         3:04    1%   +10%\n"
            "user20         2:55    1%   +10%\n"
            "user21         2:47    1%   +10%\n"
            "user22         2:40    1%   +10%\n"
            "+177 others  131:16   35%   +10%\n"
            "</pre>web01-20261122T070000Z-3f2a");
}

}  // namespace
}  // namespace cpuagg::notify
