#include "notify/words/host_notes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "gtest/gtest.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"

namespace cpuagg::notify {
namespace {

using Strings = std::vector<std::string>;

const absl::Time kTime = absl::FromUnixSeconds(1'794'997'600);  // 2026-11-18 10:26:40 UTC

Strings TextsOf(const aggregate::Report& report) {
  std::vector<Note> notes;
  AddHostNotes(report, notes);
  Strings texts;
  for (const Note& note : notes) texts.push_back(note.text);
  return texts;
}

aggregate::Report ReportOf(size_t hosts) {
  aggregate::Report report;
  for (size_t i = 0; i < hosts; ++i) {
    report.hosts.push_back({.name = absl::StrCat("h", i), .last_run = kTime});
  }
  report.is_of_store = true;
  return report;
}

TEST(HostNotesTest, LateHostsAreNamedTheFirstFive) {
  aggregate::Report report = ReportOf(200);
  EXPECT_EQ(TextsOf(report), Strings());
  report.hosts[3].is_late = true;
  EXPECT_EQ(TextsOf(report),
            Strings{"1 of 200 hosts has not reported lately: h3 (not since 2026-11-18 10:26)."});
  for (size_t i = 0; i < 9; ++i) report.hosts[i].is_late = true;
  report.hosts[1].last_run.reset();
  std::vector<Note> notes;
  AddHostNotes(report, notes);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].text,
            "9 of 200 hosts have not reported lately: h0 (not since 2026-11-18 10:26), h1 (never), "
            "h2 (not since 2026-11-18 10:26), h3 (not since 2026-11-18 10:26), h4 (not since "
            "2026-11-18 10:26) and 4 others.");
  EXPECT_EQ(notes[0].brief, "⚠ 9 of 200 hosts have not reported lately: h0, h1, h2 and 6 others");
}

TEST(HostNotesTest, OneHostNeedsNoSuchNotes) {
  aggregate::Report report = ReportOf(1);
  report.hosts[0].is_late = true;
  EXPECT_EQ(TextsOf(report), Strings());
}

TEST(HostNotesTest, EachKindOfLackHasANote) {
  aggregate::Report report = ReportOf(2);
  report.hosts[0].is_ahead = true;
  report.hosts[0].accounting_off_since = absl::InfinitePast();
  report.hosts[1].accounting_off_since = kTime;
  report.hosts[1].records_begin = kTime;
  report.hosts[1].has_unknown_before = true;
  report.hosts[1].is_widened = true;
  report.previous = aggregate::Comparison{};
  report.asked_period = aggregate::Period{};
  EXPECT_EQ(TextsOf(report),
            (Strings{"1 of 2 hosts has a clock that is ahead: h0 (last run 2026-11-18 10:26).",
                     "2 of 2 hosts have accounting off, as it seems: h0, h1 (since 2026-11-18 "
                     "10:26).",
                     "1 of 2 hosts has no records of the beginning of the period: h1 (from "
                     "2026-11-18 10:26).",
                     "1 of 2 hosts has not all of the period that this is compared with: h1.",
                     "1 of 2 hosts has counted more than the period that was asked for: h1."}));
}

TEST(HostNotesTest, WhatTheReportSaysOfAllHostsIsNotRepeated) {
  aggregate::Report report = ReportOf(2);
  report.records_begin = kTime;
  report.hosts[0].records_begin = kTime;
  report.hosts[1].records_begin = kTime + absl::Hours(1);
  EXPECT_EQ(TextsOf(report), Strings{"1 of 2 hosts has no records of the beginning of the period: "
                                     "h1 (from 2026-11-18 11:26)."});
}

TEST(HostNotesTest, UsersWithSeveralIdsAreNamed) {
  aggregate::Report report = ReportOf(2);
  report.users_with_several_ids = {"alice"};
  EXPECT_EQ(TextsOf(report),
            Strings{"alice has other ids on other hosts; users of one name are counted as one."});
  report.users_with_several_ids = {"alice", "bob"};
  report.by = {aggregate::Dimension::kUser, aggregate::Dimension::kHost};
  EXPECT_EQ(TextsOf(report), Strings{"alice, bob have other ids on other hosts."});
}

TEST(HostNotesTest, GapsHaveTheirHostAndAreFew) {
  aggregate::Report report = ReportOf(2);
  for (int i = 0; i < 12; ++i) {
    report.gaps.push_back(
        {.period = {kTime, kTime + absl::Hours(1)}, .reason = "lost", .host = "h1"});
  }
  Strings gaps;
  for (const Note& note : NotesOf(report)) {
    if (note.kind == NoteKind::kGap) gaps.push_back(note.text);
  }
  ASSERT_EQ(gaps.size(), 11u);
  EXPECT_EQ(gaps[0], "Gap on h1: 2026-11-18 10:26:40 – 11:26:40 UTC: lost.");
  EXPECT_EQ(gaps[10], "And 2 more gaps; --format json has all.");
}

TEST(HostNotesTest, AHeadingHasTheHostOrTheirNumber) {
  aggregate::Report report;
  report.host = "web1";
  EXPECT_EQ(HostText(report), "web1");
  report = ReportOf(2);
  EXPECT_EQ(HostText(report), "2 hosts");
}

}  // namespace
}  // namespace cpuagg::notify
