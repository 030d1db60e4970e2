#include "acct/io/directory_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/io/atomic_file.h"
#include "acct/io/shell_word.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

TEST(DirectoryFilesTest, EverythingIsNamedInOrder) {
  const TempDir dir;
  EXPECT_EQ(*NamesIn(dir.path()), std::vector<std::string>());
  for (const char* const name : {"b.pb", ".hidden", "a"}) dir.Write(name, "");
  std::filesystem::create_directory(dir.Path("folder"));
  std::filesystem::create_symlink("nowhere", dir.Path("link"));
  EXPECT_EQ(*NamesIn(dir.path()),
            (std::vector<std::string>{".hidden", "a", "b.pb", "folder", "link"}));
}

TEST(DirectoryFilesTest, ADirectoryOfManyReadsIsNamedWhole) {
  const TempDir dir;
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(absl::StrCat("a file with a name of some length ", i));
    dir.Write(expected.back(), "");
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(*NamesIn(dir.path()), expected);
}

TEST(DirectoryFilesTest, WhatIsNotThereHasNothingInIt) {
  const TempDir dir;
  EXPECT_EQ(*NamesIn(dir.Path("none")), std::vector<std::string>());
  EXPECT_TRUE(RemoveUnfinishedFiles(dir.Path("none"), FileSystem::Default()).ok());
}

TEST(DirectoryFilesTest, WhatCannotBeListedIsNamedAndNotTakenForEmpty) {
  const TempDir dir;
  const std::string file = dir.Write("file", "");
  const std::string message = file + ": cannot list the directory: Not a directory";
  EXPECT_EQ(NamesIn(file).status().message(), message);
  EXPECT_EQ(RemoveUnfinishedFiles(file, FileSystem::Default()).message(), message);
}

TEST(DirectoryFilesTest, OnlyUnfinishedFilesAreRemoved) {
  const TempDir dir;
  for (const char* const name : {".unfinished-abc", ".unfinished-def", "finished", ".other"}) {
    dir.Write(name, "");
  }
  EXPECT_TRUE(RemoveUnfinishedFiles(dir.path(), FileSystem::Default()).ok());
  EXPECT_EQ(*NamesIn(dir.path()), (std::vector<std::string>{".other", "finished"}));
}

// Refuses to remove files.
class Keeping : public FileSystem {
 public:
  absl::Status Remove(const std::string& path) override { return absl::InternalError(path); }
};

TEST(DirectoryFilesTest, WhatCannotBeRemovedIsLeft) {
  const TempDir dir;
  dir.Write(".unfinished-abc", "");
  Keeping changes;
  EXPECT_TRUE(RemoveUnfinishedFiles(dir.path(), changes).ok());
  EXPECT_EQ(*NamesIn(dir.path()), std::vector<std::string>{".unfinished-abc"});
}

TEST(DirectoryFilesTest, WhereOthersMayWriteIsSaidWithWhatHelps) {
  const TempDir dir;
  const std::string others_may =
      dir.path() + ": others may write to it, and so change what is counted and sent; ";
  ASSERT_EQ(chmod(dir.path().c_str(), 0755), 0);
  EXPECT_EQ(CheckWriters(dir.path()), absl::OkStatus());
  ASSERT_EQ(chmod(dir.path().c_str(), 0757), 0);
  EXPECT_EQ(CheckWriters(dir.path()),
            absl::FailedPreconditionError(others_may + "chmod go-w " + ShellWord(dir.path())));
  // As /tmp is, of which everybody needs a part.
  ASSERT_EQ(chmod(dir.path().c_str(), 01777), 0);
  EXPECT_EQ(CheckWriters(dir.path()),
            absl::FailedPreconditionError(
                others_may + "use a directory of its own for the store, such as one below it"));
  EXPECT_EQ(CheckWriters(dir.Path("none")), absl::OkStatus());
}

TEST(DirectoryFilesTest, TheGroupOfTheOwnersOwnMayWrite) {
  const TempDir dir;
  // An id without an account, for whoever may give the directory away.
  constexpr uid_t kUser = 12'345;
  const bool is_given = chown(dir.path().c_str(), kUser, kUser) == 0;
  struct stat info;
  ASSERT_EQ(stat(dir.path().c_str(), &info), 0);
  if (info.st_uid != info.st_gid || info.st_uid == 0) {
    GTEST_SKIP() << "no directory can have a user and a group of one number here";
  }
  ASSERT_EQ(chmod(dir.path().c_str(), 0770), 0);
  EXPECT_EQ(CheckWriters(dir.path()), absl::OkStatus());
  if (!is_given || chown(dir.path().c_str(), kUser, kUser + 1) != 0) return;
  EXPECT_EQ(CheckWriters(dir.path()).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace cpuagg::acct
