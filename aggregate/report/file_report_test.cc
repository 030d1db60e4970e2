#include "aggregate/report/file_report.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/record/units.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/testing/collector_fixture.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using ::testing::ElementsAre;
using testing::Gzipped;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr uint32_t kBegin = 1'700'000'000;  // 2023-11-14 22:13:20 UTC

absl::Time At(int64_t second) { return absl::FromUnixSeconds(kBegin + second); }

// Remembers the ids that it is asked for.
class AskedDirectory : public UserDirectory {
 public:
  NameAnswer NameOf(acct::Uid uid) override {
    users.push_back(uid.value());
    if (uid == acct::Uid(1)) return "zoe";
    if (uid == acct::Uid(2)) return "adam";
    if (uid == acct::Uid(3)) return absl::UnavailableError("no answer");
    return std::nullopt;
  }
  NameAnswer NameOf(acct::Gid gid) override {
    groups.push_back(gid.value());
    return absl::StrCat("group", gid.value());
  }

  std::vector<uint32_t> users;
  std::vector<uint32_t> groups;
};

class FileReportTest : public ::testing::Test {
 protected:
  // A process of `user` that began and ended in second `second` after kBegin.
  RecordBuilder Process(uint32_t user, uint16_t ticks, uint32_t second = 0) {
    return RecordBuilder().Uid(user).Pid(++pid_).UserTime(ticks).BeginTime(kBegin + second);
  }

  absl::StatusOr<Report> TryReport(const std::vector<std::string>& paths,
                                   const ReportOptions& options = {}, const Period& period = {}) {
    return ReportFromFiles(paths, period, zone_, names_, options, files_);
  }
  Report ReportOf(const std::vector<std::string>& paths, const ReportOptions& options = {},
                  const Period& period = {}) {
    absl::StatusOr<Report> report = TryReport(paths, options, period);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : Report();
  }
  static std::vector<uint32_t> UsersOf(const Report& report) {
    std::vector<uint32_t> users;
    for (const ReportRow& row : report.rows) users.push_back(row.uid.value());
    return users;
  }

  const TempDir dir_;
  AskedDirectory names_;
  FileOptions files_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  uint32_t pid_ = 100;
};

TEST_F(FileReportTest, EachUserHasASumAndAName) {
  const std::string path =
      dir_.Write("pacct", Process(2, 10).Bytes() + Process(1, 20).Bytes() + Process(1, 30).Bytes() +
                              Process(3, 5).Bytes() + Process(4, 4).Bytes());
  const Report report = ReportOf({path});
  EXPECT_THAT(UsersOf(report), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(report.rows[0].user, "zoe");
  EXPECT_EQ(report.rows[0].usage.processes, 2u);
  EXPECT_EQ(report.rows[0].usage.ticks.user, 50u);
  EXPECT_EQ(report.rows[1].user, "adam");
  // Without an answer there is no name, as without an account.
  EXPECT_EQ(report.rows[2].user, std::nullopt);
  EXPECT_EQ(report.rows[3].user, std::nullopt);
  EXPECT_EQ(report.totals.processes, 5u);
  ASSERT_EQ(report.inputs.size(), 1u);
  EXPECT_EQ(report.inputs[0].records, 5u);
  EXPECT_THAT(names_.groups, IsEmpty());
}

TEST_F(FileReportTest, AProcessCountsInThePeriodInWhichItEnded) {
  const std::string path =
      dir_.Write("pacct", Process(1, 1, 99).Bytes() + Process(2, 1, 100).Bytes() +
                              Process(3, 1, 199).Bytes() + Process(4, 1, 200).Bytes());
  const Period period = {.begin = At(100), .end = At(200)};
  for (const Grouping& by : {Grouping{Dimension::kUser}, Grouping{Dimension::kCommand}}) {
    const Report report = ReportOf({path}, {.by = by}, period);
    EXPECT_EQ(report.totals.processes, 2u);
    EXPECT_EQ(report.period, period);
    // The other records are known as well.
    EXPECT_EQ(report.known, (Period{.begin = At(99), .end = At(200)}));
    EXPECT_EQ(report.inputs[0].records, 4u);
  }
}

TEST_F(FileReportTest, WithoutRecordsOfThePeriodItIsKnownWhenThereAreSome) {
  const std::string path = dir_.Write("pacct", Process(1, 1, 5).Bytes());
  const Period period = {.begin = At(100), .end = At(200)};
  for (const Grouping& by : {Grouping{Dimension::kUser}, Grouping{Dimension::kCommand}}) {
    const Report report = ReportOf({path}, {.by = by}, period);
    EXPECT_THAT(report.rows, IsEmpty());
    EXPECT_EQ(report.known, (Period{.begin = At(5), .end = At(5)}));
  }
}

TEST_F(FileReportTest, AnOpenEndOfThePeriodIsWhereTheRecordsEnd) {
  const std::string path =
      dir_.Write("pacct", Process(1, 1, 10).Elapsed(500).Bytes() + Process(1, 1, 11).Bytes());
  Report report = ReportOf({path});
  EXPECT_EQ(report.period, (Period{.begin = At(10), .end = At(16)}));
  EXPECT_EQ(report.known, (Period{.begin = At(10), .end = At(15)}));
  report = ReportOf({path}, {}, {.begin = At(12)});
  EXPECT_EQ(report.totals.processes, 1u);
  EXPECT_EQ(report.period, (Period{.begin = At(12), .end = At(16)}));
}

TEST_F(FileReportTest, WithoutAnyRecordNothingIsKnown) {
  const Report report = ReportOf({dir_.Write("pacct", "")});
  EXPECT_THAT(report.rows, IsEmpty());
  EXPECT_TRUE(report.period.is_all());
  EXPECT_EQ(report.known, std::nullopt);
  EXPECT_EQ(report.inputs.size(), 1u);
  EXPECT_THAT(names_.users, IsEmpty());
}

TEST_F(FileReportTest, OnlyTheNamesOfRowsThatAreShownAreAskedFor) {
  const std::string path =
      dir_.Write("pacct", Process(1, 1).Bytes() + Process(2, 2).Bytes() + Process(3, 3).Bytes());
  EXPECT_THAT(UsersOf(ReportOf({path}, {.top = 1})), ElementsAre(3));
  EXPECT_THAT(names_.users, ElementsAre(3));
  names_.users.clear();
  // A choice of commands leaves it so.
  EXPECT_THAT(UsersOf(ReportOf({path}, {.top = 1, .only_commands = {"true"}})), ElementsAre(3));
  EXPECT_THAT(names_.users, ElementsAre(3));
  names_.users.clear();
  EXPECT_EQ(ReportOf({path}, {.by = {Dimension::kCommand}}).rows.size(), 1u);
  EXPECT_THAT(names_.users, IsEmpty());
}

TEST_F(FileReportTest, IfNamesDecideWhatIsShownAllAreAskedFor) {
  const std::string path =
      dir_.Write("pacct", Process(1, 9).Bytes() + Process(2, 2).Bytes() + Process(4, 1).Bytes());
  const auto expect_all_asked = [&](const ReportOptions& options, const char* said) {
    names_.users.clear();
    Report report = ReportOf({path}, options);
    EXPECT_THAT(names_.users, UnorderedElementsAre(1, 2, 4)) << said;
    return report;
  };
  EXPECT_THAT(UsersOf(expect_all_asked({.sort = SortOrder::kName, .top = 1}, "sorted by name")),
              ElementsAre(2));
  EXPECT_THAT(UsersOf(expect_all_asked({.top = 1, .top_by = SortOrder::kName}, "chosen by name")),
              ElementsAre(2));
  EXPECT_THAT(UsersOf(expect_all_asked({.only_users = {"adam"}}, "one user")), ElementsAre(2));
  const Report others = expect_all_asked({.ignored_users = {"zoe"}}, "without one user");
  EXPECT_THAT(UsersOf(others), ElementsAre(2, 4));
  EXPECT_EQ(others.excluded_users.usage.processes, 1u);
  EXPECT_THAT(
      UsersOf(expect_all_asked({.leave_out_unknown_users = true}, "only users with accounts")),
      ElementsAre(1, 2));
}

TEST_F(FileReportTest, GroupsHaveNamesOfTheirOwn) {
  const std::string path = dir_.Write("pacct", Process(1, 9).Gid(7).Bytes());
  const Report report = ReportOf({path}, {.by = {Dimension::kGroup}});
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].group, "group7");
  EXPECT_EQ(report.rows[0].user, std::nullopt);
  EXPECT_THAT(names_.groups, ElementsAre(7));
  EXPECT_THAT(names_.users, IsEmpty());
}

TEST_F(FileReportTest, ARowHasTheValuesOfItsDimensions) {
  const std::string path =
      dir_.Write("pacct", Process(2, 9, 100).Gid(7).Tty(0x8801).Command("make").Bytes());
  // In this zone the hours begin half an hour later.
  zone_ = absl::FixedTimeZone(5 * 3600 + 1800);
  const Report report =
      ReportOf({path}, {.by = {Dimension::kUser, Dimension::kGroup, Dimension::kCommand,
                               Dimension::kTty, Dimension::kHour}});
  ASSERT_EQ(report.rows.size(), 1u);
  const ReportRow& row = report.rows[0];
  EXPECT_EQ(row.uid, acct::Uid(2));
  EXPECT_EQ(row.user, "adam");
  EXPECT_EQ(row.gid, acct::Gid(7));
  EXPECT_EQ(row.group, "group7");
  EXPECT_EQ(row.command, "make");
  EXPECT_EQ(row.tty, 0x8801u);
  EXPECT_EQ(absl::FromUnixSeconds(row.begin),
            absl::FromCivil(absl::CivilHour(2023, 11, 15, 3), zone_));
}

TEST_F(FileReportTest, TheSameRecordsInSeveralFilesCountOnce) {
  const std::string records = Process(1, 1).Bytes() + Process(1, 2).Bytes();
  const std::string part = dir_.Write("pacct.1", records);
  const std::string whole = dir_.Write("pacct.copy", records + Process(1, 3).Bytes());
  const Report report = ReportOf({part, whole});
  EXPECT_EQ(report.totals.processes, 3u);
  EXPECT_EQ(report.totals.ticks.user, 6u);
  ASSERT_EQ(report.inputs.size(), 2u);
  EXPECT_EQ(report.inputs[0].repeated_bytes + report.inputs[1].repeated_bytes, 128u);
}

// They are noticed only after they have been counted, so that all is read again.
TEST_F(FileReportTest, RecordsThatAreInTheMiddleOfAnotherFileCountOnce) {
  const std::string records = Process(1, 1).Bytes() + Process(1, 2).Bytes();
  const std::string part = dir_.Write("pacct.1", records);
  const std::string joined =
      dir_.Write("joined", Process(1, 4).Bytes() + records + Process(1, 8).Bytes());
  for (const Grouping& by : {Grouping{Dimension::kUser}, Grouping{Dimension::kCommand}}) {
    const Report report = ReportOf({part, joined}, {.by = by});
    EXPECT_EQ(report.totals.processes, 4u);
    EXPECT_EQ(report.totals.ticks.user, 15u);
    EXPECT_EQ(report.inputs.size(), 2u);
  }
}

TEST_F(FileReportTest, FilesThatAreMissingAreAllNamed) {
  const std::string path = dir_.Write("pacct", Process(1, 1).Bytes());
  const std::string first = dir_.Path("gone");
  const std::string second = dir_.Path("lost");
  const absl::Status status = TryReport({first, path, second}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), absl::StrCat(first, ": cannot open: No such file or directory; ",
                                           second, ": cannot open: No such file or directory"));
  EXPECT_EQ(TryReport({path}, {.by = {Dimension::kCommand}}).status(), absl::OkStatus());
  EXPECT_EQ(TryReport({first}, {.by = {Dimension::kCommand}}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(FileReportTest, DamageIsInTheAccountOfItsFile) {
  const std::string whole = dir_.Write("pacct", Process(1, 1).Bytes());
  const std::string torn = dir_.Write("pacct.1", Process(2, 1).Bytes() + "torn");
  acct::Progress progress;
  files_.progress = &progress;
  const Report report = ReportOf({torn, whole});
  ASSERT_EQ(report.inputs.size(), 2u);
  EXPECT_EQ(report.inputs[0].name, torn);
  EXPECT_EQ(report.inputs[0].trailing_bytes, 4u);
  EXPECT_FALSE(report.inputs[1].damaged());
  EXPECT_EQ(report.totals.processes, 2u);
  EXPECT_EQ(progress.inputs(), 2u);
  EXPECT_GE(progress.bytes(), 64u + 68u);
}

// cpuagg looks for such a record in groups and in rows of records.
TEST_F(FileReportTest, RecordsOfTheEndOfAnotherFileCountOnceWhereverTheyBegin) {
  constexpr size_t kRecords = 200;
  std::string records;
  for (uint32_t i = 0; i < kRecords; ++i) records += Process(i % 3, 1, i).Bytes();
  const std::string all = dir_.Write("all", records);
  for (size_t begin = 1; begin < kRecords; ++begin) {
    const Report report = ReportOf({all, dir_.Write("end", records.substr(begin * 64))});
    EXPECT_EQ(report.totals.processes, kRecords) << begin;
    EXPECT_EQ(report.inputs[1].repeated_bytes, (kRecords - begin) * 64) << begin;
  }
}

// Files of every kind: threads divide large ones, and share the others. There are more files and
// threads than are read at once.
TEST_F(FileReportTest, TheThreadsDoNotShowInWhatIsReported) {
  std::vector<std::string> paths;
  for (uint32_t file = 0; file < 300; ++file) {
    std::string records;
    const uint32_t count = file == 7 ? 140'000 : 10 + 50 * (file % 20);
    for (uint32_t i = 0; i < count; ++i) records += Process(i % 50, 1, file).Bytes();
    if (file % 5 == 1) records.insert(64 * 3, "damage");
    if (file % 4 == 0) records = Gzipped(records);
    if (file == 8) records.resize(records.size() - 9);
    if (file == 12) records[records.size() / 2] ^= 0x55;
    paths.push_back(dir_.Write(absl::StrCat("pacct.", file), records));
  }
  std::optional<Report> first;
  for (const size_t threads : {size_t{1}, size_t{2}, size_t{3}, size_t{1000}}) {
    files_.threads = threads;
    const Report report = ReportOf(paths);
    ASSERT_EQ(report.inputs.size(), paths.size());
    if (!first.has_value()) first = report;
    EXPECT_TRUE(report.totals == first->totals && !report.inputs[12].cut_short.empty()) << threads;
    EXPECT_EQ(UsersOf(report), UsersOf(*first)) << threads;
    for (size_t i = 0; i < paths.size(); ++i) {
      EXPECT_EQ(report.inputs[i].name, paths[i]) << threads;
      EXPECT_EQ(report.inputs[i].records, first->inputs[i].records) << threads << paths[i];
      EXPECT_EQ(report.inputs[i].skipped, first->inputs[i].skipped) << threads << paths[i];
      EXPECT_EQ(report.inputs[i].cut_short, first->inputs[i].cut_short) << threads << paths[i];
    }
  }
}

// Several threads read several compressed files. Which of them reads the file with the first and
// the last process differs, so that file has every place once.
TEST_F(FileReportTest, WhatSeveralThreadsReadIsOneReport) {
  constexpr size_t kFiles = 6;
  constexpr uint32_t kRecords = 5000;
  std::vector<std::string> paths;
  for (uint32_t file = 0; file < kFiles; ++file) {
    std::string records;
    for (uint32_t i = 0; i < kRecords; ++i) {
      const uint32_t second = file > 0 ? 1000 + i % 1000 : i == 0 ? 0 : 5000;
      records += Process(1 + file, 1, second).Bytes();
    }
    paths.push_back(dir_.Write(absl::StrCat("pacct.", file, ".gz"), Gzipped(records)));
  }
  for (const size_t threads : {size_t{1}, size_t{3}, 2 * kFiles}) {
    files_.threads = threads;
    for (size_t place = 0; place < kFiles; ++place) {
      SCOPED_TRACE(absl::StrCat(threads, " threads, place ", place));
      std::rotate(paths.begin(), paths.begin() + 1, paths.end());
      Report report = ReportOf(paths);
      EXPECT_EQ(report.rows.size(), kFiles);
      EXPECT_EQ(report.totals.processes, kFiles * kRecords);
      EXPECT_EQ(report.period, (Period{.begin = At(0), .end = At(5001)}));
      ASSERT_EQ(report.inputs.size(), kFiles);
      for (size_t i = 0; i < kFiles; ++i) EXPECT_EQ(report.inputs[i].name, paths[i]);
      report = ReportOf(paths, {.by = {Dimension::kCommand}}, {.begin = At(500), .end = At(600)});
      EXPECT_THAT(report.rows, IsEmpty());
      EXPECT_EQ(report.known, (Period{.begin = At(0), .end = At(5000)}));
    }
  }
}

TEST_F(FileReportTest, ChosenProcessesAreAllThatCounts) {
  const std::string path =
      dir_.Write("pacct", Process(1, 10).ExitCode(9).Bytes() + Process(1, 20).Bytes() +
                              Process(2, 30, 50).Bytes());
  const Report report = ReportOf({path}, {.processes = {.signal = 9}});
  EXPECT_THAT(UsersOf(report), ElementsAre(1));
  EXPECT_EQ(report.rows[0].user, "zoe");
  EXPECT_EQ(report.rows[0].usage.ticks.user, 10u);
  EXPECT_EQ(report.totals.processes, 1u);
  EXPECT_EQ(report.other_processes, 2u);
  EXPECT_EQ(report.processes.signal, 9u);
  EXPECT_EQ(report.inputs[0].records, 3u);
  EXPECT_EQ(report.period, (Period{At(0), At(51)})) << "the time of all processes";
  EXPECT_THAT(names_.users, ElementsAre(1)) << "of what is shown";

  const Report none = ReportOf({path}, {.only_users = {"adam"}, .processes = {.signal = 9}});
  EXPECT_TRUE(none.rows.empty());
  EXPECT_TRUE(none.unmatched.empty());
  EXPECT_EQ(none.other_processes, 1u);
}

TEST_F(FileReportTest, ThePeriodBeforeIsReadFromTheSameFiles) {
  const std::vector<std::string> paths = {
      dir_.Write("old", Process(1, 10, 100).Bytes() + Process(2, 20, 110).Bytes()),
      dir_.Write("new", Process(1, 25, 200).Bytes() + Process(1, 1, 299).Bytes() +
                            Process(1, 100, 300).Bytes())};
  const Period period = {At(200), At(300)};
  const Report report = ReportOf(paths, {.compare_with = Period{At(100), At(200)}}, period);
  EXPECT_THAT(UsersOf(report), ElementsAre(1, 2));
  EXPECT_EQ(report.rows[0].previous_cpu, acct::ExactTime(acct::Ticks(10)));
  EXPECT_EQ(report.rows[0].usage.ticks.user, 26u);
  EXPECT_EQ(report.rows[1].previous_cpu, acct::ExactTime(acct::Ticks(20)));
  EXPECT_EQ(report.rows[1].user, "adam");
  ASSERT_TRUE(report.previous.has_value());
  EXPECT_EQ(report.previous->cpu, acct::ExactTime(acct::Ticks(30)));
  EXPECT_TRUE(report.previous->unknown.empty());

  // Its beginning is not known.
  const Report partly = ReportOf(paths, {.compare_with = Period{At(50), At(150)}}, period);
  ASSERT_TRUE(partly.previous.has_value());
  EXPECT_THAT(partly.previous->unknown, ElementsAre(Period{At(50), At(100)}));
  // Nothing of it is known.
  const Report unknown = ReportOf(paths, {.compare_with = Period{At(0), At(100)}}, period);
  EXPECT_FALSE(unknown.previous.has_value());
  EXPECT_EQ(unknown.rows[0].previous_cpu, std::nullopt);
  // There were files before these.
  files_.has_older_files = true;
  const Report older = ReportOf(paths, {.compare_with = Period{At(0), At(100)}}, period);
  ASSERT_TRUE(older.previous.has_value());
  EXPECT_TRUE(older.previous->unknown.empty());
  EXPECT_EQ(older.rows[0].previous_cpu, acct::ExactTime());
}

}  // namespace
}  // namespace cpuagg::aggregate
