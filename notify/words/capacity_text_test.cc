#include "notify/words/capacity_text.h"

#include <cstdint>
#include <string>

#include "acct/record/units.h"
#include "aggregate/report/capacity.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/words/notes.h"

namespace cpuagg::notify {
namespace {

using acct::Ticks;
using aggregate::Report;

constexpr uint64_t kMinute = 6000;  // in ticks
constexpr uint64_t kHour = 60 * kMinute;

// A day of two processors that were busy for 20 hours, of which 19 are accounted for.
Report Day() {
  Report report;
  report.capacity = {.processors = 2,
                     .busy = Ticks(20 * kHour),
                     .idle = Ticks(27 * kHour),
                     .stolen = Ticks(kHour),
                     .period_seconds = 86400,
                     .known_seconds = 86400};
  report.totals.ticks.user = 19 * kHour;
  report.remaining_rows.rows = 1;
  return report;
}

TEST(CapacityTextTest, TellsHowMuchWasBusyAndHowMuchOfThatIsAccountedFor) {
  EXPECT_EQ(CapacityText(Report()), "");
  Report report = Day();
  EXPECT_EQ(CapacityText(report), "20:00 of 48:00 CPU hours busy (42%), 95% of that accounted for");
  report.capacity->busy = Ticks(19 * kHour + 29 * kMinute + 2999);
  report.capacity->idle = Ticks(2000 * kHour);
  EXPECT_EQ(CapacityText(report),
            "19:29 of 2,020:29 CPU hours busy (1%), 97% of that accounted for");
  report.capacity->busy = Ticks(20 * kHour + 3000);
  EXPECT_EQ(CapacityText(report).substr(0, 5), "20:01");
}

TEST(CapacityTextTest, LessThanTenMinutesIsNotWorthALine) {
  Report report = Day();
  report.capacity->busy = Ticks(1000);
  report.capacity->idle = Ticks(58'999);
  report.capacity->stolen = Ticks(0);
  EXPECT_EQ(CapacityText(report), "");
  report.capacity->idle = Ticks(59'000);
  EXPECT_NE(CapacityText(report), "");
}

TEST(CapacityTextTest, AShareIsRoundedToAHundredOnlyIfItIsAll) {
  Report report = Day();
  report.totals.ticks.user = 20 * kHour - 1;
  EXPECT_EQ(CapacityText(report),
            "20:00 of 48:00 CPU hours busy (42%), >99% of that accounted for");
  report.totals.ticks.user = 20 * kHour;
  EXPECT_EQ(CapacityText(report),
            "20:00 of 48:00 CPU hours busy (42%), 100% of that accounted for");
  report.totals.ticks.user = 0;
  EXPECT_EQ(CapacityText(report), "20:00 of 48:00 CPU hours busy (42%), 0% of that accounted for");
}

TEST(CapacityTextTest, UsersThatAreLeftOutAreAccountedForAsWell) {
  Report report = Day();
  report.excluded_users.usage.ticks.system = kHour / 2;
  EXPECT_EQ(CapacityText(report), "20:00 of 48:00 CPU hours busy (42%), 98% of that accounted for");
  EXPECT_EQ(report.coverage()->unaccounted, Ticks(kHour / 2));
}

TEST(CapacityTextTest, WhatIsKnownForAPartOfThePeriodSaysSo) {
  Report report = Day();
  report.capacity->known_seconds = 86400 - 3599;
  EXPECT_EQ(CapacityText(report), "20:00 of 48:00 CPU hours busy (42%), known for 23:00 of 24:00");
  // An unknown time in which the processors could not have done a hundredth of it.
  report.capacity->known_seconds = 86400 - 360;
  EXPECT_EQ(CapacityText(report),
            "20:00 of 48:00 CPU hours busy (42%), known for 23:54 of 24:00, 95% of that accounted "
            "for");
  report.capacity->known_seconds = 86400 - 361;
  EXPECT_FALSE(report.coverage().has_value());
  // Never "24:00 of 24:00".
  report.capacity->known_seconds = 86399;
  EXPECT_NE(CapacityText(report).find("known for 23:59 of 24:00"), std::string::npos);
  report.capacity->period_seconds = 86401;
  EXPECT_NE(CapacityText(report).find("known for 23:59 of 24:01"), std::string::npos);
}

TEST(CapacityTextTest, AReportThatCannotHaveAllHasNoCoverage) {
  const std::string busy = "20:00 of 48:00 CPU hours busy (42%)";
  Report report = Day();
  report.excludes_running = true;
  EXPECT_EQ(CapacityText(report), busy);
  report = Day();
  report.only_users = {"alice"};
  EXPECT_EQ(CapacityText(report), busy);
  report = Day();
  report.only_commands = {"R"};
  EXPECT_EQ(CapacityText(report), busy);
  report = Day();
  report.capacity->busy = Ticks();
  EXPECT_EQ(CapacityText(report), "0:00 of 28:00 CPU hours busy (0%)");
  EXPECT_EQ(report.coverage(), std::nullopt);
}

TEST(CapacityTextTest, MoreThanWasBusyIsExplained) {
  Report report = Day();
  report.totals.ticks.user = 20 * kHour + kHour / 20;  // 100.25 %
  EXPECT_EQ(CapacityText(report),
            "20:00 of 48:00 CPU hours busy (42%), 100% of that accounted for");
  EXPECT_TRUE(NotesOf(report).empty());
  EXPECT_EQ(report.coverage()->unaccounted, Ticks());

  const auto only_note = [&] {
    const std::vector<Note> notes = NotesOf(report);
    return notes.size() == 1 ? notes[0].text + "\n" + notes[0].brief : "not one";
  };
  report.totals.ticks.user = 20 * kHour + kHour / 10;  // 100.5 %
  EXPECT_EQ(CapacityText(report),
            "20:00 of 48:00 CPU hours busy (42%), more than that accounted for");
  EXPECT_EQ(only_note(),
            "This is more CPU time than the machine was busy: a process counts where it ended, or "
            "was seen running, with what it had used before.\n"
            "⚠ more than the machine was busy: a process counts where it ended");
  report.totals.ticks.user = 48 * kHour;
  EXPECT_EQ(only_note().substr(0, 47), "This is more CPU time than the machine was busy");
  report.totals.ticks.user = 48 * kHour + 1;
  EXPECT_EQ(only_note(),
            "This is more CPU time than the machine had: a process counts where it ended, or was "
            "seen running, with what it had used before.\n"
            "⚠ more than the machine had: a process counts where it ended");
  // Also for one user.
  report.only_users = {"alice"};
  EXPECT_EQ(CapacityText(report), "20:00 of 48:00 CPU hours busy (42%)");
  EXPECT_EQ(only_note().substr(0, 42), "This is more CPU time than the machine had");
  // In an hour that is not known, the machine may have had as much.
  report.capacity->known_seconds -= 1;
  EXPECT_TRUE(NotesOf(report).empty());
}

TEST(CapacityTextTest, AnHourOrADayWithMoreThanTheMachineHadIsExplained) {
  Report report = Day();
  report.capacity->rows_exceed = true;
  report.by = {aggregate::Dimension::kHour};
  ASSERT_EQ(NotesOf(report).size(), 1u);
  EXPECT_EQ(NotesOf(report)[0].text,
            "An hour here has more CPU time than the machine had: a process counts where it ended, "
            "or was seen running, with what it had used before.");
  EXPECT_EQ(NotesOf(report)[0].brief,
            "⚠ an hour has more than the machine had: a process counts where it ended");
  report.by = {aggregate::Dimension::kDay};
  EXPECT_EQ(NotesOf(report)[0].text.substr(0, 6), "A day ");
  EXPECT_NE(NotesOf(report)[0].brief.find(" a day has more"), std::string::npos);
}

}  // namespace
}  // namespace cpuagg::notify
