#include "aggregate/report/folder_history.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::PassedOver;
using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FolderHistoryTest : public ::testing::Test {
 protected:
  // Writes a file with two records that no other file has, last modified on day `day`.
  std::string Write(const std::string& name, int day) {
    std::string records;
    for (int i = 0; i < 2; ++i) records += RecordBuilder().Pid(++pid_).Command("job").Bytes();
    std::string path = dir_.Write(name, records);
    const timespec written = {.tv_sec = 1'700'000'000 + day * 86'400, .tv_nsec = 0};
    const timespec times[] = {written, written};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    return path;
  }

  History Find() const { return Find(dir_.path()); }
  static History Find(const std::string& folder) {
    absl::StatusOr<History> history = FindInFolder(folder);
    EXPECT_TRUE(history.ok()) << history.status();
    return history.ok() ? *std::move(history) : History();
  }

  // Runs `check` on a thread that has to obey the modes of files, even if it is root's.
  static void WithoutPowers(const std::function<void()>& check) {
    std::thread([&] {
      __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
      const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
      ASSERT_EQ(syscall(SYS_capset, &header, none), 0);
      check();
    }).join();
  }

  const TempDir dir_;
  uint32_t pid_ = 100;
};

// The usual names are in the order of rotation, whatever the times are.
TEST_F(FolderHistoryTest, OtherFilesComeBeforeTheUsualOnesInTheOrderOfTime) {
  const std::string older = Write("b-host", 1);
  const std::string newer = Write("a-host", 2);
  const std::string oldest = Write("pacct.2", 9);
  const std::string rotated = Write("pacct.1", 8);
  const std::string current = Write("pacct", 0);
  const History history = Find();
  EXPECT_THAT(history.paths, ElementsAre(older, newer, oldest, rotated, current));
  EXPECT_THAT(history.passed_over, IsEmpty());
  EXPECT_EQ(history.older_files, 0u);
}

TEST_F(FolderHistoryTest, NumberedFilesAreInTheOrderOfTheirNumbers) {
  const std::string second = Write("0000000010.paf", 1);
  const std::string first = Write("0000000009.paf", 2);
  EXPECT_THAT(Find().paths, ElementsAre(first, second));
}

TEST_F(FolderHistoryTest, EachPathHasItsInode) {
  for (const std::string& path : {Write("pacct.1", 1), Write("pacct", 2), Write("other", 3)}) {
    struct stat info;
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    const History history = Find();
    ASSERT_EQ(history.inodes.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      if (history.paths[i] != path) continue;
      EXPECT_EQ(history.inodes[i], (std::pair<uint64_t, uint64_t>(info.st_dev, info.st_ino)));
    }
  }
}

// The files of an earlier result are not opened again; a rotation shows all the same.
TEST_F(FolderHistoryTest, WhatHasHappenedSinceAnEarlierResultShows) {
  Write("pacct", 3);
  const std::string other = Write("other", 1);
  const History history = Find();
  EXPECT_EQ(history.paths.size(), 2u);
  const auto find_again = [&] { return *FindInFolder(dir_.path(), history); };
  EXPECT_TRUE(history.IsSameAs(find_again()));
  ASSERT_EQ(truncate(other.c_str(), 10), 0);
  EXPECT_TRUE(history.IsSameAs(find_again()));
  EXPECT_FALSE(history.IsSameAs(Find()));
  std::filesystem::rename(dir_.Path("pacct"), dir_.Path("pacct.1"));
  EXPECT_FALSE(history.IsSameAs(find_again()));
  Write("pacct", 4);
  const History later = find_again();
  EXPECT_THAT(later.paths, ElementsAre(other, dir_.Path("pacct.1"), dir_.Path("pacct")));
}

TEST_F(FolderHistoryTest, ASlashAtTheEndOfTheNameDoesNotMatter) {
  const std::string current = Write("pacct", 1);
  const std::string other = Write("other", 1);
  EXPECT_THAT(Find(dir_.Path("")).paths, ElementsAre(other, current));
}

TEST_F(FolderHistoryTest, AFileWithSeveralNamesIsThereOnce) {
  const std::string current = Write("pacct", 2);
  const std::string rotated = Write("pacct.1", 1);
  std::filesystem::create_hard_link(rotated, dir_.Path("0001"));
  std::filesystem::create_symlink("pacct", dir_.Path("latest"));
  const History history = Find();
  EXPECT_THAT(history.paths, ElementsAre(rotated, current));
  EXPECT_THAT(history.passed_over, IsEmpty());
}

// It does not descend, and it does not go elsewhere.
TEST_F(FolderHistoryTest, WhereALinkLeadsOtherFilesAreNotInTheFolder) {
  ASSERT_EQ(mkdir(dir_.Path("elsewhere").c_str(), 0700), 0);
  ASSERT_EQ(mkdir(dir_.Path("folder").c_str(), 0700), 0);
  Write("elsewhere/pacct", 3);
  Write("elsewhere/pacct.1", 2);
  ASSERT_EQ(mkdir(dir_.Path("elsewhere/pacct.2").c_str(), 0700), 0);
  std::filesystem::create_symlink("../elsewhere/pacct", dir_.Path("folder/pacct"));
  const std::string rotated = Write("folder/pacct.1", 1);
  const History history = Find(dir_.Path("folder"));
  EXPECT_THAT(history.paths, ElementsAre(rotated, dir_.Path("folder/pacct")));
  EXPECT_THAT(history.passed_over, IsEmpty());
}

TEST_F(FolderHistoryTest, ALinkToAnotherNameInTheFolderHasTheGenerationsOfThatName) {
  const std::string oldest = Write("acct.log.2", 9);
  const std::string rotated = Write("acct.log.1", 1);
  const std::string current = Write("acct.log", 2);
  for (const std::string& target : {std::string("acct.log"), current}) {
    std::filesystem::create_symlink(target, dir_.Path("pacct"));
    EXPECT_THAT(Find().paths, ElementsAre(oldest, rotated, current));
    std::filesystem::remove(dir_.Path("pacct"));
  }
}

TEST_F(FolderHistoryTest, WhatIsNotAnAccountingFileIsListedByName) {
  Write("pacct", 1);
  dir_.Write("notes", "copied by hand\n");
  dir_.Write("empty", "");
  dir_.Write(".hidden", "copied by hand\n");
  ASSERT_EQ(mkdir(dir_.Path("more").c_str(), 0700), 0);
  std::filesystem::create_symlink("nowhere", dir_.Path("a link"));
  EXPECT_THAT(
      Find().passed_over,
      ElementsAre(PassedOver{.path = dir_.Path("a link"), .why = "is a broken link"},
                  PassedOver{.path = dir_.Path("empty"), .why = "is empty"},
                  PassedOver{.path = dir_.Path("more"), .why = "is a directory"},
                  PassedOver{.path = dir_.Path("notes"), .why = "holds no accounting records"}));
}

TEST_F(FolderHistoryTest, WhatHasAUsualNameIsListedOnce) {
  Write("pacct", 1);
  ASSERT_EQ(mkdir(dir_.Path("pacct.1").c_str(), 0700), 0);
  EXPECT_THAT(Find().passed_over,
              ElementsAre(PassedOver{
                  .path = dir_.Path("pacct.1"), .why = "is a directory", .has_usual_name = true}));
}

TEST_F(FolderHistoryTest, AnEmptyGenerationBelongsToTheHistory) {
  const std::string current = dir_.Write("pacct", "");
  const std::string empty = dir_.Write("pacct.1", "");
  const std::string rotated = Write("pacct.2", 1);
  const History history = Find();
  EXPECT_THAT(history.paths, ElementsAre(rotated, empty, current));
  EXPECT_THAT(history.passed_over, IsEmpty());
}

TEST_F(FolderHistoryTest, WhatMayNotBeReadIsListedAsLongAsSomethingMay) {
  const std::string rotated = Write("pacct.1", 1);
  for (const char* const name : {"pacct", "other"}) {
    const std::string path = Write(name, 2);
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
  }
  WithoutPowers([&] {
    const History history = Find();
    EXPECT_THAT(history.paths, ElementsAre(rotated));
    ASSERT_EQ(history.passed_over.size(), 2u);
    for (const PassedOver& other : history.passed_over) {
      EXPECT_TRUE(other.is_unreadable) << other.path;
      EXPECT_EQ(other.why, "cannot open: Permission denied");
    }
  });
}

TEST_F(FolderHistoryTest, IfNothingMayBeReadTheErrorNamesTheFirstFile) {
  dir_.Write("a note", "copied by hand\n");
  for (const char* const name : {"pacct", "other"}) {
    const std::string path = Write(name, 2);
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
  }
  WithoutPowers([&] {
    const absl::Status status = FindInFolder(dir_.path()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(status.message(), dir_.Path("other: cannot open: Permission denied"));
  });
}

TEST_F(FolderHistoryTest, AFolderThatMayNotBeListedIsAnError) {
  Write("pacct", 1);
  ASSERT_EQ(chmod(dir_.path().c_str(), 0), 0);
  WithoutPowers([&] {
    const absl::Status status = FindInFolder(dir_.path()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_EQ(status.message(), dir_.Path(": cannot list the directory: Permission denied"));
  });
  EXPECT_EQ(chmod(dir_.path().c_str(), 0700), 0);
}

TEST_F(FolderHistoryTest, AFolderOfFoldersSaysWhichHaveAccountingFiles) {
  for (const char* const name : {"acc/web1", "acc/web2", "acc/empty"}) {
    std::filesystem::create_directories(dir_.Path(name));
  }
  dir_.Write("acc/web1/pacct", "");
  dir_.Write("acc/web2/pacct.1.gz", "");
  dir_.Write("acc/empty/notes", "");
  const std::string folder = dir_.Path("acc");
  EXPECT_EQ(FindInFolder(folder).status().message(),
            absl::StrCat(folder, ": there are no accounting files in this folder; ", folder,
                         "/web1 has some (and 1 more): name that, or for a report of several hosts "
                         "HOST=FILE: cpuagg report web1=",
                         folder, "/web1"));
}

TEST_F(FolderHistoryTest, AFolderWithoutAccountingFilesIsAnErrorThatNamesIt) {
  for (const char* const name : {"", "notes", "empty"}) {
    if (*name != '\0') dir_.Write(name, *name == 'e' ? "" : "copied by hand\n");
    const absl::Status status = FindInFolder(dir_.path()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << name;
    EXPECT_EQ(status.message(),
              absl::StrCat(dir_.path(), ": there are no accounting files in this folder"));
  }
}

}  // namespace
}  // namespace cpuagg::aggregate
