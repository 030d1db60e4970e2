#include "notify/words/notes.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gtest/gtest.h"

namespace cpuagg::notify {
namespace {

using aggregate::Period;
using aggregate::Report;

absl::Time Hour(int n) { return absl::FromUnixSeconds(1'800'000'000) + absl::Hours(n); }
Period HourLong(int n) { return {.begin = Hour(n), .end = Hour(n + 1)}; }

// With one row, from a source that has records.
Report Ordinary() {
  Report report;
  report.source = "pacct";
  report.period = HourLong(0);
  report.known = HourLong(0);
  report.rows.push_back({.usage = {.processes = 1}});
  return report;
}

Report Empty() {
  Report report = Ordinary();
  report.rows.clear();
  return report;
}

// The briefs of the notes, each on a line.
std::string BriefsOf(const Report& report) {
  std::string briefs;
  for (const Note& note : NotesOf(report)) {
    if (!note.brief.empty()) absl::StrAppend(&briefs, note.brief, "\n");
  }
  return briefs;
}

TEST(NotesTest, NothingIsSaidOfAnOrdinaryReport) { EXPECT_TRUE(NotesOf(Ordinary()).empty()); }

TEST(NotesTest, EveryLimitOfTheNumbersIsSaid) {
  const struct {
    std::function<void(Report&)> change;
    NoteKind kind;
    const char* brief;
  } cases[] = {
      {[](Report& r) { r.excluded_users.users = 2; }, NoteKind::kChoice,
       "Left out: 2 users with 0s"},
      {[](Report& r) {
         r.excluded_users = {.users = 3,
                             .usage = {.ticks = {.user = 60'000}},
                             .unknown_users = 2,
                             .unknown_cpu = acct::Ticks(18'000)};
       },
       NoteKind::kChoice, "Left out: 3 users with 10m 00s (2 of them without an account: 3m 00s)"},
      {[](Report& r) { r.excluded_users = {.users = 2, .unknown_users = 2}; }, NoteKind::kChoice,
       "Left out: 2 users without an account with 0s"},
      {[](Report& r) {
         r.asked_period = Period{Hour(0), Hour(0) + absl::Minutes(1)};
       },
       NoteKind::kMeaning, "⚠ longer than asked for: 2027-01-15 08:00 – 08:01 UTC"},
      {[](Report& r) {
         r.by = {aggregate::Dimension::kDay};
         r.rows[0].stretch = HourLong(0);
       },
       NoteKind::kMeaning, "⚠ rows with two ends do not cover just one day"},
      {[](Report& r) {
         r.by = {aggregate::Dimension::kHour};
         r.rows[0].stretch = HourLong(0);
       },
       NoteKind::kMeaning, "⚠ rows with two ends or a day do not cover just one hour"},
      {[](Report& r) { r.unnamed_commands.processes = 1; }, NoteKind::kMeaning,
       "⚠ at least: 0s are not kept by command"},
      {[](Report& r) {
         r.previous = {.period = HourLong(-1)};
         r.previous->unnamed_commands.ticks.user = 1;
       },
       NoteKind::kMeaning, "⚠ compared with at least"},
      {[](Report& r) { r.excludes_running = true; }, NoteKind::kMeaning,
       "Not all jobs that still run are included"},
      {[](Report& r) {
         r.accounting_off = {Hour(0), "call accton"};
       },
       NoteKind::kMeaning, "⚠ accounting seems to be off since 2027-01-15 08:00"},
      {[](Report& r) {
         r.accounting_off = {absl::InfinitePast(), "call accton"};
       },
       NoteKind::kMeaning, "⚠ accounting seems to be off"},
      {[](Report& r) { r.is_in_future = true; }, NoteKind::kMeaning,
       "⚠ the period is in the future"},
      {[](Report& r) { r.records_begin = Hour(0); }, NoteKind::kMeaning,
       "⚠ no records before 2027-01-15 08:00"},
      {[](Report& r) { r.records_end = Hour(1); }, NoteKind::kMeaning,
       "⚠ no records after 2027-01-15 09:00"},
      {[](Report& r) {
         r.records_end = Hour(1);
         r.is_of_store = true;
       },
       NoteKind::kMeaning, "⚠ nothing new collected since 2027-01-15 09:00"},
      {[](Report& r) { r.unread = {"pacct.2: is a \033 directory"}; }, NoteKind::kMeaning, nullptr},
      {[](Report& r) { r.unmatched.push_back({.asked = "alcie"}); }, NoteKind::kMeaning,
       "⚠ No user \"alcie\" used anything in this period"},
      {[](Report& r) {
         r.gaps.push_back({HourLong(0), "the file is gone"});
       },
       NoteKind::kGap, "⚠ incomplete 2027-01-15 08:00 – 09:00 UTC"},
  };
  for (const auto& c : cases) {
    Report report = Ordinary();
    c.change(report);
    const std::vector<Note> notes = NotesOf(report);
    ASSERT_EQ(notes.size(), 1u) << c.brief;
    EXPECT_EQ(notes[0].kind, c.kind) << notes[0].text;
    EXPECT_TRUE(absl::EndsWith(notes[0].text, ".")) << notes[0].text;
    EXPECT_EQ(notes[0].text.find('\033'), std::string::npos);
    if (c.brief != nullptr) {
      EXPECT_EQ(notes[0].brief, c.brief);
    }
  }
}

TEST(NotesTest, WhatIsUnknownOfThePeriodBeforeIsNamed) {
  Report report = Ordinary();
  report.previous = {.period = HourLong(-1), .unknown = {HourLong(-1)}};
  const std::vector<Note> notes = NotesOf(report);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].text.find("2027-01-15 07:00 – 08:00 UTC is missing"), std::string::npos)
      << notes[0].text;
}

TEST(NotesTest, WhatWasDeletedOfThePeriodBeforeIsNotTheWholePeriod) {
  Report report = Ordinary();
  report.previous = {.period = HourLong(-1), .lacks_deleted = true};
  const std::vector<Note> notes = NotesOf(report);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].text,
            "Some usage of the period that this is compared with was deleted by `cpuagg forget`.");
  EXPECT_TRUE(absl::EndsWith(notes[0].brief, " was deleted")) << notes[0].brief;
}

TEST(NotesTest, ThatAccountingIsOffSaysThatRecordsEndToo) {
  Report report = Ordinary();
  report.records_end = Hour(1);
  report.accounting_off = {Hour(1), "call accton"};
  report.gaps.push_back({.period = HourLong(1), .reason = "call accton", .goes_on = true});
  EXPECT_EQ(BriefsOf(report), "⚠ accounting seems to be off since 2027-01-15 09:00\n");
}

TEST(NotesTest, AnEmptyReportSaysWhyOnce) {
  Report nothing_at_all = Empty();
  nothing_at_all.known.reset();
  EXPECT_EQ(BriefsOf(nothing_at_all), "⚠ there are no records\n");
  nothing_at_all.is_of_store = true;
  EXPECT_EQ(BriefsOf(nothing_at_all), "⚠ nothing has been collected yet\n");
  EXPECT_EQ(BriefsOf(Empty()), "No process ended in this period\n");
  const std::function<void(Report&)> reasons[] = {
      [](Report& r) { r.excluded_users.users = 1; },
      [](Report& r) { r.unmatched.push_back({.asked = "alcie"}); },
      [](Report& r) { r.other_processes = 3; },
      [](Report& r) { r.records_begin = Hour(1); },
      [](Report& r) { r.records_end = Hour(0); },
      [](Report& r) { r.is_in_future = true; },
      [](Report& r) {
        r.accounting_off = {Hour(0), "call accton"};
      },
      [](Report& r) {
        r.hosts = {{.name = "web1"}, {.name = "web2", .accounting_off_since = Hour(0)}};
      },
      [](Report& r) {
        r.hosts = {{.name = "web1"}, {.name = "web2", .records_begin = Hour(1)}};
      },
  };
  for (const auto& reason : reasons) {
    Report report = Empty();
    reason(report);
    EXPECT_EQ(NotesOf(report).size(), 1u) << BriefsOf(report);
  }
}

TEST(NotesTest, AProcessThatIsLongerThanItsRowCountsWhereItEnded) {
  Report report = Ordinary();
  const uint64_t hours = 5 * 3600 * acct::kTicksPerSecond;
  report.rows[0].usage.ticks = {.user = hours, .elapsed = hours, .largest_cpu = hours};
  EXPECT_EQ(BriefsOf(report), "");
  report.by = {aggregate::Dimension::kHour};
  ASSERT_EQ(NotesOf(report).size(), 1u);
  EXPECT_EQ(
      NotesOf(report)[0].text,
      "A process counts where it ended, with all that it used: one here used 5:00:00.00, more "
      "than a row of one hour has.");
  EXPECT_EQ(BriefsOf(report), "⚠ a process counts in the hour in which it ended\n");
  // Threads use more than the hour in less than it.
  report.rows[0].usage.ticks.elapsed = hours / 10;
  EXPECT_EQ(BriefsOf(report), "");
  report.rows[0].usage.ticks.elapsed = hours;
  report.by = {aggregate::Dimension::kDay};
  EXPECT_EQ(BriefsOf(report), "");
  report.by = {aggregate::Dimension::kHour};
}

// It does not know single processes.
TEST(NotesTest, AnHourOfAStoreWithMoreThanItCanHaveIsExplained) {
  Report report = Ordinary();
  report.is_of_store = true;
  report.by = {aggregate::Dimension::kHour};
  const uint64_t hour = 3600 * acct::kTicksPerSecond;
  report.rows.resize(1);
  report.rows[0].usage.ticks.user = hour;
  report.rows.push_back(report.rows[0]);
  report.rows[1].begin += 3600;
  EXPECT_EQ(BriefsOf(report), "");
  report.rows[1].usage.ticks.user = 16 * hour;
  ASSERT_EQ(NotesOf(report).size(), 1u);
  EXPECT_EQ(NotesOf(report)[0].text,
            "One hour here has 16:00:00.00 of CPU time, more than one processor has in it: a "
            "process counts where it ended, or was "
            "seen running, with what it had used before.");
  EXPECT_EQ(BriefsOf(report), "⚠ a process counts in the hour in which it ended\n");
  // As many processors as that can have had as much.
  report.processors = 16;
  EXPECT_EQ(BriefsOf(report), "");
  report.processors = 15;
  EXPECT_NE(NotesOf(report)[0].text.find(", more than 15 processors have in it: "),
            std::string::npos);
  // Rows of one hour count together.
  report.processors = 16;
  report.rows[0].begin = report.rows[1].begin;
  EXPECT_NE(BriefsOf(report), "");
  // A row may cover several hours.
  for (aggregate::ReportRow& row : report.rows) {
    const absl::Time begin = absl::FromUnixSeconds(row.begin);
    row.stretch = {begin, begin + absl::Hours(2)};
  }
  for (const Note& note : NotesOf(report)) EXPECT_EQ(note.text.find("One hour"), std::string::npos);
  report.by = {aggregate::Dimension::kUser};
  for (aggregate::ReportRow& row : report.rows) row.stretch.reset();
  EXPECT_EQ(BriefsOf(report), "");
}

TEST(NotesTest, TheTimeOfTheRunsIsNotThatOfTheRecords) {
  Report report = Empty();
  report.is_of_store = true;
  ASSERT_EQ(NotesOf(report).size(), 1u);
  EXPECT_TRUE(absl::StartsWith(NotesOf(report)[0].text,
                               "No process ended in this period; the runs of collect are of "))
      << NotesOf(report)[0].text;
}

TEST(NotesTest, OfManyGapsAMessageHasThreeAndTheirNumber) {
  Report report = Ordinary();
  for (int i = 0; i < 5; ++i) report.gaps.push_back({HourLong(2 * i), "the file is gone"});
  EXPECT_EQ(NotesOf(report).size(), 5u);
  EXPECT_EQ(BriefsOf(report),
            "⚠ incomplete 2027-01-15 08:00 – 09:00 UTC\n"
            "⚠ incomplete 2027-01-15 10:00 – 11:00 UTC\n"
            "⚠ incomplete 2027-01-15 12:00 – 13:00 UTC\n"
            "⚠ and 2 more gaps\n");
}

TEST(NotesTest, OfDamageAMessageHasTheSumOfAllFiles) {
  Report report = Ordinary();
  for (const uint64_t torn : {3u, 0u, 5u}) {
    acct::ByteAccount input;
    input.name = absl::StrCat("pacct.", torn);
    input.bytes = 1000;
    input.trailing_bytes = torn;
    report.inputs.push_back(input);
  }
  EXPECT_EQ(NotesOf(report).size(), 2u);
  EXPECT_EQ(BriefsOf(report), "⚠ 8 damaged bytes not counted\n");
  report.inputs[1].cut_short = "unexpected end";
  EXPECT_EQ(NotesOf(report).size(), 3u);
  EXPECT_EQ(BriefsOf(report),
            "⚠ 8 damaged bytes not counted\n⚠ 1 file could not be read to the end\n");
}

TEST(NotesTest, IfNoProcessMatchesTheirNumberIsReported) {
  Report report = Empty();
  report.other_processes = 38;
  EXPECT_EQ(BriefsOf(report),
            "None of 38 processes of this time is one of those that were asked for\n");
}

}  // namespace
}  // namespace cpuagg::notify
