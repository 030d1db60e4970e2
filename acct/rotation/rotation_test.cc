#include "acct/rotation/rotation.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::RecordBuilder;
using testing::TempDir;

std::vector<Generation> Listed(const std::string& path) {
  absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  EXPECT_TRUE(listing.ok()) << listing.status();
  return std::move(listing->generations);
}

TEST(RotationTest, FindsTheGenerationsNewestFirst) {
  const TempDir dir;
  dir.Write("pacct", "new");
  dir.Write("pacct.0", "older");
  const std::vector<Generation> generations = Listed(dir.Path("pacct"));
  ASSERT_EQ(generations.size(), 2u);
  EXPECT_EQ(generations[0].size, 3u);
  EXPECT_EQ(generations[1].size, 5u);
}

TEST(RotationTest, TheMomentBetweenRenameAndRestartHasOnlyTheOldGeneration) {
  const TempDir dir;
  dir.Write("pacct.0", "older");
  const std::vector<Generation> generations = Listed(dir.Path("pacct"));
  EXPECT_EQ(generations.size(), 1u);
}

TEST(RotationTest, NoFileAtAllIsNotFoundAndNamesTheFlag) {
  const TempDir dir;
  const absl::Status status = ListGenerations({.path = dir.Path("pacct")}, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("--accounting-file"), std::string::npos);
}

// savelog first links the file to its new name, and may be interrupted then.
TEST(RotationTest, OneFileUnderTwoNamesIsOneGeneration) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(link(path.c_str(), dir.Path("pacct.0").c_str()), 0);
  dir.Write("pacct.1", "y");
  const std::vector<Generation> generations = Listed(path);
  ASSERT_EQ(generations.size(), 2u);
  EXPECT_EQ(generations[0].path, path);
}

TEST(RotationTest, OfSeveralNamesAUsualOneIsKept) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  dir.Write("pacct.1", "y");
  ASSERT_EQ(link(dir.Path("pacct.1").c_str(), dir.Path("pacct.saved").c_str()), 0);
  const std::vector<Generation> generations = Listed(path);
  ASSERT_EQ(generations.size(), 2u);
  EXPECT_EQ(generations[1].path, dir.Path("pacct.1"));
}

TEST(RotationTest, ALinkToNothingIsNoGeneration) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(symlink("nowhere", dir.Path("pacct.0").c_str()), 0);
  const std::vector<Generation> generations = Listed(path);
  EXPECT_EQ(generations.size(), 1u);
}

// And opening it does not wait for a writer.
TEST(RotationTest, APipeInThePlaceOfTheFileIsRefused) {
  const TempDir dir;
  const std::string path = dir.Path("pacct");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const absl::Status status = ListGenerations({.path = path}, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("not a regular file"), std::string::npos) << status;
}

TEST(RotationTest, PipesAndFoldersAmongTheGenerationsArePassedOver) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", "x");
  ASSERT_EQ(mkfifo(dir.Path("pacct.6").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(dir.Path("pacct.5").c_str(), 0700), 0);
  ASSERT_EQ(mkdir(dir.Path("pacct.d").c_str(), 0700), 0);
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(listing->generations.size(), 1u);
  std::vector<PassedOver> passed_over = listing->passed_over;
  std::sort(passed_over.begin(), passed_over.end(),
            [](const PassedOver& a, const PassedOver& b) { return a.path < b.path; });
  EXPECT_EQ(passed_over,
            (std::vector<PassedOver>{{dir.Path("pacct.5"), "is a directory", true},
                                     {dir.Path("pacct.6"), "is not a regular file", true},
                                     {dir.Path("pacct.d"), "is a directory", false}}));
}

std::string Records(int from, int to) {
  std::string records;
  for (int i = from; i < to; ++i) {
    const auto number = static_cast<uint32_t>(i);
    records += RecordBuilder().Pid(100 + number).BeginTime(1'790'000'000 + number).Bytes();
  }
  return records;
}

void Compress(const std::string& path) { ASSERT_EQ(std::system(("gzip -n " + path).c_str()), 0); }

TEST(RotationTest, FilesOfAnyNameAreGenerationsIfTheyHoldRecords) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Records(0, 3));
  for (const char* name : {"pacct-2026-11-25", "pacct-20261125T1842", "pacct.20261125.backup",
                           "pacct_old", "pacct~", "pacct2"}) {
    dir.Write(name, Records(10, 11));
  }
  dir.Write("pacct.torn", Records(11, 12).substr(0, 29) + Records(12, 16));
  dir.Write("pacct.torn-later", Records(16, 18) + Records(11, 12).substr(0, 29) + Records(18, 20));
  dir.Write("pacct.saved", Records(20, 90));
  Compress(dir.Path("pacct.saved"));
  for (const char* name : {"pacct.conf", "pacct.d.gz", "pacctnotes"}) {
    dir.Write(name, "# the accounting file of this machine is rotated every day by logrotate(8)\n");
  }
  dir.Write("other", Records(30, 33));
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  EXPECT_EQ(listing->generations.size(), 10u);
  EXPECT_EQ(listing->generations[0].path, path);
  EXPECT_EQ(listing->passed_over.size(), 3u);
  for (const PassedOver& other : listing->passed_over) {
    EXPECT_EQ(other.why, "holds no accounting records") << other.path;
    EXPECT_FALSE(other.has_usual_name);
  }
}

// Zeros and small numbers look like one record of version 0, but not like three.
TEST(RotationTest, OneRecordOfVersion0MakesNoGenerationOfAFile) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Records(0, 3));
  dir.Write("pacct.one", RecordBuilder(0).Bytes());
  dir.Write("pacct.three", testing::Repeat(RecordBuilder(0).Bytes(), 3));
  const absl::StatusOr<GenerationListing> listing = ListGenerations({.path = path}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->generations.size(), 2u);
  EXPECT_EQ(listing->generations[1].path, dir.Path("pacct.three"));
  EXPECT_EQ(listing->passed_over,
            (std::vector<PassedOver>{{dir.Path("pacct.one"), "holds no accounting records"}}));
}

void SetModified(const std::string& path, int64_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(RotationTest, UnusualNamesAreOrderedByWhenTheyWereWritten) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Records(0, 3));
  const std::pair<const char*, int64_t> files[] = {{"pacct.1", 5000}, {"pacct.new", 4500},
                                                   {"pacct.2", 4000}, {"pacct.old", 3000},
                                                   {"pacct.3", 3500}, {"pacct.oldest", 10}};
  for (const auto& [name, modified] : files) {
    dir.Write(name, Records(0, 3));
    SetModified(dir.Path(name), modified);
  }
  std::vector<std::string> names;
  for (const Generation& generation : Listed(path)) {
    names.push_back(generation.path.substr(dir.path().size() + 1));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"pacct", "pacct.1", "pacct.new", "pacct.2", "pacct.3",
                                             "pacct.old", "pacct.oldest"}));
}

TEST(RotationTest, GenerationsOfALinkLieBesideItsTargets) {
  const TempDir dir;
  for (const char* folder : {"real", "middle"}) {
    ASSERT_EQ(mkdir(dir.Path(folder).c_str(), 0700), 0);
  }
  dir.Write("real/accounting", Records(0, 1));
  dir.Write("real/accounting.1", Records(1, 2));
  dir.Write("middle/link.1", Records(2, 3));
  dir.Write("pacct.1", Records(3, 4));
  ASSERT_EQ(symlink("../real/accounting", dir.Path("middle/link").c_str()), 0);
  ASSERT_EQ(symlink(dir.Path("middle/link").c_str(), dir.Path("pacct").c_str()), 0);
  const std::vector<Generation> generations = Listed(dir.Path("pacct"));
  EXPECT_EQ(generations.size(), 4u);
  EXPECT_TRUE(generations[0].is_current);
  // Between the two steps of a rotation the link is dangling.
  ASSERT_EQ(rename(dir.Path("real/accounting").c_str(), dir.Path("real/accounting.0").c_str()), 0);
  EXPECT_EQ(Listed(dir.Path("pacct")).size(), 4u);
}

TEST(RotationTest, ALinkInACircleEnds) {
  const TempDir dir;
  ASSERT_EQ(symlink("pacct", dir.Path("pacct").c_str()), 0);
  EXPECT_EQ(ListGenerations({.path = dir.Path("pacct")}, {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(RotationTest, OtherFoldersHaveGenerationsToo) {
  const TempDir dir;
  const std::string path = dir.Write("pacct", Records(0, 1));
  ASSERT_EQ(mkdir(dir.Path("old").c_str(), 0700), 0);
  dir.Write("old/pacct.1", Records(1, 2));
  dir.Write("old/pacct-20261125", Records(2, 3));
  dir.Write("old/pacct", Records(3, 4));
  dir.Write("old/wtmp.1", Records(4, 5));
  const absl::StatusOr<GenerationListing> listing =
      ListGenerations({.path = path, .other_folders = {dir.Path("old"), dir.Path("missing")}}, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->generations.size(), 4u);
  for (size_t g = 0; g < 4; ++g) EXPECT_EQ(listing->generations[g].is_current, g == 0) << g;
}

TEST(RotationTest, AFolderOfNumberedFilesIsOneHistory) {
  const TempDir dir;
  for (const char* name : {"0000000009.paf", "0000000010.paf", "0000000011.paf"}) {
    dir.Write(name, Records(std::atoi(name + 8), std::atoi(name + 8) + 1));
  }
  dir.Write("current", "0000000011 0000000009");
  dir.Write(".hidden", Records(50, 51));
  for (const std::string& path : {dir.path(), dir.path() + "/"}) {
    const std::vector<Generation> generations = Listed(path);
    ASSERT_EQ(generations.size(), 3u);
    EXPECT_EQ(generations[0].path, dir.Path("0000000011.paf"));
    EXPECT_EQ(generations[2].path, dir.Path("0000000009.paf"));
  }
}

// More than are kept open, and more than this process may have open.
TEST(RotationTest, MoreGenerationsThanMayBeOpenAreListedAndRead) {
  const TempDir dir;
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old_limit), 0);
  constexpr int kGenerations = 300;
  for (int i = 0; i < kGenerations; ++i) {
    dir.Write(absl::StrCat("pacct.", i), Records(i, i + 1));
  }
  rlimit limit = old_limit;
  limit.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const std::vector<Generation> generations = Listed(dir.Path("pacct"));
  EXPECT_EQ(generations.size(), kGenerations);
  for (const Generation& generation : generations) {
    EXPECT_TRUE(generation.OpenContent().ok()) << generation.path;
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old_limit), 0);
}

TEST(RotationTest, AnotherFileUnderTheNameOfAGenerationIsNotTakenForIt) {
  const TempDir dir;
  for (size_t i = 0; i < kMostHeld + 2; ++i) {
    dir.Write(absl::StrCat("pacct.", i), Records(static_cast<int>(i), static_cast<int>(i) + 1));
  }
  const std::vector<Generation> generations = Listed(dir.Path("pacct"));
  for (const Generation& generation : generations) {
    dir.Write("new", "something else");
    ASSERT_EQ(rename(dir.Path("new").c_str(), generation.path.c_str()), 0);
  }
  // An open generation is still the same file.
  EXPECT_TRUE(generations.front().Open().ok());
  EXPECT_EQ(generations.back().Open().status().code(), absl::StatusCode::kAborted);
}

TEST(RotationTest, WhatIsKnownToBeAGenerationIsNotOpened) {
  const TempDir dir;
  const std::string path = dir.Write("old-accounting", Records(0, 3));
  const AccountingFiles files = {.path = dir.path() + "/"};
  absl::StatusOr<GenerationListing> listing = ListGenerations(files, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->generations.size(), 1u);
  const Generation& generation = listing->generations.front();
  AccountingFiles later = files;
  later.known.insert({generation.device, generation.inode});
  // It is the same file. Only opening it would show that it has no records any more.
  ASSERT_EQ(truncate(path.c_str(), 0), 0);
  ASSERT_EQ(truncate(path.c_str(), 10), 0);
  listing = ListGenerations(later, {});
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->generations.size(), 1u);
  EXPECT_EQ(listing->generations.front().path, path);
  EXPECT_EQ(listing->generations.front().size, 10u);
  EXPECT_FALSE(ListGenerations(files, {}).ok());
}

TEST(RotationTest, AListingThatFailsIsAnError) {
  const TempDir dir;
  dir.Write("file", "x");
  EXPECT_FALSE(ListGenerations({.path = dir.Path("file/pacct")}, {}).ok());
}

}  // namespace
}  // namespace cpuagg::acct
