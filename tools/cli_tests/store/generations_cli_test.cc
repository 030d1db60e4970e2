// `cpuagg report` and `cpuagg records` without FILE: the accounting file and all its rotated
// generations are one history, as for `collect`.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;
using testing::ParseCsv;
using testing::RunProgram;

class GenerationsTest : public testing::CliTest {
 protected:
  void SetUp() override {
    // Today, yesterday and the day before, each with another user.
    WriteDay("pacct", 0, 1001);
    WriteDay("pacct.0", 1, 1002);
    WriteDay("pacct.1", 2, 1003);
  }

  // Writes a record of a process that ended `days_ago` days ago, in a file last modified then.
  void WriteDay(const std::string& name, int days_ago, uint32_t uid) {
    const absl::Time end = now_ - absl::Hours(24) * days_ago;
    const std::string path = dir_.Write(name, EndedAt(end).Pid(uid).Uid(uid).UserTime(100).Bytes());
    const timespec written = absl::ToTimespec(end);
    const timespec times[] = {written, written};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  // `cpuagg COMMAND FLAGS` on the accounting file and what it was rotated to.
  Finished RunOn(const std::string& command, Strings flags) const {
    flags.insert(flags.begin(), {command, "--accounting-file", pacct_});
    return Run(std::move(flags));
  }
  json Report(Strings flags = {}) const {
    flags.insert(flags.begin(), {"--accounting-file", pacct_});
    return JsonReport(std::move(flags));
  }

  static std::vector<int> UidsOf(const json& report) {
    std::vector<int> uids;
    for (const json& row : report["rows"]) uids.push_back(row["uid"]);
    std::sort(uids.begin(), uids.end());
    return uids;
  }

  const absl::Time now_ = absl::Now();
};

TEST_F(GenerationsTest, AReportIsOfAllOfThem) {
  const json report = Report();
  EXPECT_EQ(UidsOf(report), (std::vector<int>{1001, 1002, 1003}));
  EXPECT_EQ(report["source"], absl::StrCat(dir_.Path("pacct"), " and 2 rotated files"));
  EXPECT_EQ(report["records_begin"], nullptr);
  EXPECT_EQ(report["input"]["files"], 3);
}

TEST_F(GenerationsTest, OnlyWhatMayHoldSomethingOfThePeriodIsRead) {
  const json report = Report({"--since", "36h"});
  EXPECT_EQ(UidsOf(report), (std::vector<int>{1001, 1002}));
  EXPECT_EQ(report["source"], absl::StrCat(dir_.Path("pacct"),
                                           " and 1 rotated file (1 older file left out, "
                                           "written last before the period)"));
  EXPECT_EQ(report["records_begin"], nullptr);
  EXPECT_EQ(UidsOf(Report({"--since", "60h", "--until", "30h"})), (std::vector<int>{1003}));
}

TEST_F(GenerationsTest, FromWhenOnThereAreRecordsIsSaid) {
  const absl::Time first = absl::FromUnixSeconds(absl::ToUnixSeconds(now_ - absl::Hours(48)));
  const json report = Report({"--since", "7d"});
  EXPECT_EQ(UidsOf(report), (std::vector<int>{1001, 1002, 1003}));
  EXPECT_EQ(report["records_begin"],
            absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", first, absl::UTCTimeZone()));
  const std::string note = absl::StrCat(
      "The records begin at ", absl::FormatTime("%Y-%m-%d %H:%M", first, absl::LocalTimeZone()),
      "; nothing is known about the time before.\n");
  const Finished table = RunOn("report", {"--since", "7d"});
  EXPECT_TRUE(absl::EndsWith(table.out, note)) << table.out;
  // CSV has no place for it.
  const Finished csv = RunOn("report", {"--since", "7d", "--format=csv"});
  EXPECT_EQ(csv.err, absl::StrCat("cpuagg: ", note));
  EXPECT_EQ(RunOn("report", {"--since", "36h", "--format=csv"}).err, "");
}

TEST_F(GenerationsTest, FilesThatAreNamedAreReadAsNamed) {
  const json report = Report({dir_.Path("pacct.0")});
  EXPECT_EQ(UidsOf(report), (std::vector<int>{1002}));
  EXPECT_EQ(report["source"], dir_.Path("pacct.0"));
}

// Whatever their names and times are. Files that are not read are reported.
TEST_F(GenerationsTest, AFolderStandsForTheAccountingFilesInIt) {
  ASSERT_EQ(mkdir(dir_.Path("folder").c_str(), 0700), 0);
  const std::string folder = dir_.Path("folder");
  // All have the current time, as after copying.
  for (const auto& [name, days_ago] : std::vector<std::pair<std::string, int>>{
           {"pacct", 0}, {"pacct.0", 1}, {"pacct-20260102", 5}, {"other-host", 9}}) {
    const uint32_t uid = 2000 + static_cast<uint32_t>(days_ago);
    WriteDay("folder/" + name, days_ago, uid);
    ASSERT_EQ(utimensat(AT_FDCWD, (folder + "/" + name).c_str(), nullptr, 0), 0);
  }
  dir_.Write("folder/pacct.1", acct::testing::ReadFile(dir_.Path("pacct.0")));
  ASSERT_EQ(RunProgram({.argv = {"/bin/gzip", folder + "/pacct.1"}}).exit_code, 0);
  std::filesystem::create_symlink("pacct.0", folder + "/second-name");
  for (const std::string& named : {folder, folder + "/"}) {
    const json report = Report({named});
    EXPECT_EQ(UidsOf(report), (std::vector<int>{1002, 2000, 2001, 2005, 2009}));
    EXPECT_EQ(report["source"], named);
    EXPECT_EQ(report["input"]["files"], 5);
  }
  EXPECT_EQ(UidsOf(Report({folder, dir_.Path("pacct.1")})),
            (std::vector<int>{1002, 1003, 2000, 2001, 2005, 2009}));

  dir_.Write("folder/notes.txt", "copied by hand\n");
  dir_.Write("folder/empty", "");
  dir_.Write("folder/.hidden", "copied by hand\n");
  ASSERT_EQ(mkdir(dir_.Path("folder/more").c_str(), 0700), 0);
  const Strings said = {
      absl::StrCat("cpuagg: ", folder, "/empty: is empty; it is not read"),
      absl::StrCat("cpuagg: ", folder, "/more: is a directory; it is not read"),
      absl::StrCat("cpuagg: ", folder, "/notes.txt: holds no accounting records; it is not read")};
  for (const char* command : {"report", "records"}) {
    const Finished run = Run({command, folder, "--format=csv"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    Strings lines = absl::StrSplit(absl::StripSuffix(run.err, "\n"), '\n');
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, said) << command;
  }
  Strings users;
  for (const auto& row : ParseCsv(Run({"records", folder, "--format=csv"}).out)) {
    users.push_back(row.at("uid"));
  }
  EXPECT_EQ(users, (Strings{"2009", "2005", "1002", "2001", "2000"}));
}

// An unreadable generation is missing from the report, and every rendering says so.
TEST_F(GenerationsTest, AGenerationOfAFolderThatCannotBeReadIsInItsReport) {
  const std::string path = dir_.Write("pacct.3.lz4", "\x04\x22\x4d\x18 and more");
  const json notes = Report({dir_.path()})["notes"];
  ASSERT_EQ(notes.size(), 1u) << notes;
  EXPECT_TRUE(absl::StartsWith(notes[0].get<std::string>(), absl::StrCat("Not read: ", path)))
      << notes;
}

// The rest of the folder is reported, whatever the name of the unreadable file, and the exit status
// shows that something is missing.
TEST_F(GenerationsTest, AFileOfAFolderThatMayNotBeReadIsNamedAndTheRestReported) {
  const auto run = [&](const char* command) {
    return RunProgram(
        {.argv = {"tools/cpuagg", command, "--config=/dev/null", "--format=csv", dir_.path()},
         .obey_file_modes = true});
  };
  for (const char* name : {"pacct.1", "pacct", "other-host"}) {
    WriteDay("other-host", 9, 2009);
    const std::string path = dir_.Path(name);
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
    for (const char* command : {"report", "records"}) {
      const Finished finished = run(command);
      EXPECT_EQ(finished.exit_code, 3) << finished.err;
      EXPECT_EQ(ParseCsv(finished.out).size(), 3u) << finished.out;
      EXPECT_TRUE(absl::StrContains(finished.err, path + ": cannot open: Permission denied"))
          << finished.err;
    }
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }
  for (const char* name : {"pacct", "pacct.0", "pacct.1", "other-host"}) {
    ASSERT_EQ(chmod(dir_.Path(name).c_str(), 0), 0);
  }
  EXPECT_EQ(run("report").exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run("report").err, ": cannot open: Permission denied"));
}

TEST_F(GenerationsTest, AFolderWithoutAccountingFilesIsAnError) {
  ASSERT_EQ(mkdir(dir_.Path("folder").c_str(), 0700), 0);
  const std::string folder = dir_.Path("folder");
  for (const char* name : {"", "notes.txt", "empty"}) {
    if (*name != '\0') dir_.Write(absl::StrCat("folder/", name), *name == 'e' ? "" : "nothing\n");
    for (const char* command : {"report", "records"}) {
      const Finished run = Run({command, folder});
      EXPECT_EQ(run.exit_code, 1) << name;
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", folder,
                                      ": there are no accounting files in this folder\n"));
    }
  }
  const Finished sa = RunProgram({.argv = {"tools/cpuagg", "sa", "-u", folder}});
  EXPECT_EQ(sa.exit_code, 1);
  EXPECT_EQ(sa.err,
            absl::StrCat("cpuagg: ", folder, ": is a directory; name an accounting file in it\n"));
}

TEST_F(GenerationsTest, RecordsAreOfAllOfThemOldestFirst) {
  const Finished run = RunOn("records", {"--format=csv"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  Strings users;
  for (const auto& row : ParseCsv(run.out)) users.push_back(row.at("uid"));
  EXPECT_EQ(users, (Strings{"1003", "1002", "1001"}));
  const Finished some = RunOn("records", {"--format=csv", "--since", "36h"});
  EXPECT_EQ(ParseCsv(some.out).size(), 2u);
}

TEST_F(GenerationsTest, OtherFoldersAreLookedInto) {
  ASSERT_EQ(mkdir(dir_.Path("old").c_str(), 0700), 0);
  WriteDay("old/pacct-20260101", 3, 1004);
  EXPECT_EQ(UidsOf(Report({"--rotated-dir", dir_.Path("old")})),
            (std::vector<int>{1001, 1002, 1003, 1004}));
}

// A copy next to a generation, and a file that is not a generation.
TEST_F(GenerationsTest, EachRecordCountsOnce) {
  dir_.Write("pacct.0.backup", acct::testing::ReadFile(dir_.Path("pacct.0")));
  dir_.Write("pacct.note", "rotated by hand\n");
  EXPECT_EQ(Report()["totals"]["processes"], 3);
  ASSERT_EQ(mkdir(dir_.Path("pacct.5").c_str(), 0700), 0);
  const std::string note = absl::StrCat("Not read: ", dir_.Path("pacct.5"), ": is a directory.");
  EXPECT_EQ(Report()["notes"], json::array({note}));
  const Finished run = RunOn("report", {"--format", "csv"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", note, "\n"));
}

// An unreadable file must not be missing silently.
// The kernel would append records to it if accounting was turned on for it.
TEST_F(GenerationsTest, AFileThatIsNoAccountingFileIsNamedEachTimeAndNothingElseIsProposed) {
  const std::string guess = " bytes is an accounting record; is this an accounting file?\n";
  const auto collect = [&](const std::string& path, const std::string& store) {
    return Run({"collect", "--accounting-file", path, "--store", dir_.Path(store)});
  };
  const std::string text = dir_.Write("text", "package: cpuagg\ndepends: libc6 (>= 2");
  for (int run = 0; run < 2; ++run) {
    const Finished collected = collect(text, "of_text");
    EXPECT_EQ(collected.exit_code, 3);
    EXPECT_TRUE(absl::StrContains(collected.err, absl::StrCat(text, ": none of its 36", guess)))
        << collected.err;
    EXPECT_FALSE(absl::StrContains(collected.err, "accton")) << collected.err;
  }
  const Finished report = Run({"report", text});
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(report.err, guess)) << report.err;

  std::string lines;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&lines, "user", i, ":x:", i, ":\n");
  const Finished other = collect(dir_.Write("passwd.txt", lines), "of_lines");
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(other.err, guess)) << other.err;
  EXPECT_FALSE(absl::StrContains(other.err, "accton")) << other.err;

  // A record that is being written.
  const std::string torn = dir_.Write("torn", acct::testing::RecordBuilder().Bytes().substr(0, 36));
  const Finished waits =
      Run({"collect", "--no-running", "--accounting-file", torn, "--store", dir_.Path("of_torn")});
  EXPECT_EQ(waits.exit_code, 0) << waits.err;
  EXPECT_EQ(waits.err, "");
}

TEST_F(GenerationsTest, WhatIsCompressedInAnUnknownWayOrGoneIsSaid) {
  for (const char* name : {"pacct.5.lz4", "pacct-20260101.Z", "pacct.6.gz.enc"}) {
    SCOPED_TRACE(name);
    dir_.Write(name, "\x04\x22\x4d\x18 and more that nobody reads");
    const std::string said = absl::StrCat(dir_.Path(name),
                                          ": holds no accounting records that can be read; cpuagg "
                                          "can decompress gzip, xz, zstd and bzip2");
    EXPECT_EQ(Report()["notes"], json::array({absl::StrCat("Not read: ", said, ".")}));
    EXPECT_NE(RunOn("records", {}).err.find(said), std::string::npos);
    const Finished collect = RunOn("collect", {"--no-running", "--store", dir_.Path("store")});
    EXPECT_NE(collect.err.find(said), std::string::npos) << collect.err;
    std::filesystem::remove(dir_.Path(name));
  }
  std::filesystem::create_symlink("nowhere", dir_.Path("pacct.7"));
  EXPECT_EQ(Report()["notes"],
            json::array({absl::StrCat("Not read: ", dir_.Path("pacct.7"), ": is a broken link.")}));
}

}  // namespace
}  // namespace cpuagg::tools
