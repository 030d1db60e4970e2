#include "acct/io/file_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

class FileLockTest : public ::testing::Test {
 protected:
  const testing::TempDir dir_;
  const std::string path_ = dir_.Path("lock");
};

TEST_F(FileLockTest, TheSecondLockWaitsThenNamesTheHolder) {
  {
    const absl::StatusOr<FileLock> first = FileLock::Acquire(path_, absl::ZeroDuration());
    ASSERT_TRUE(first.ok()) << first.status();
    const absl::Status second = FileLock::Acquire(path_, absl::Milliseconds(50)).status();
    EXPECT_TRUE(absl::IsUnavailable(second)) << second;
    EXPECT_TRUE(absl::StrContains(second.message(), absl::StrCat("process ", getpid())));
  }
  EXPECT_TRUE(FileLock::Acquire(path_, absl::ZeroDuration()).ok());
}

TEST_F(FileLockTest, AHolderWhoIsNoProcessIsNotNamed) {
  const absl::StatusOr<FileLock> first = FileLock::Acquire(path_, absl::ZeroDuration());
  ASSERT_TRUE(first.ok()) << first.status();
  for (const char* const holder : {"", "nobody", "0", "-1\n", "2147483647\n", "99999999999999"}) {
    dir_.Write("lock", holder);
    const absl::Status second = FileLock::Acquire(path_, absl::ZeroDuration()).status();
    EXPECT_EQ(second.message(),
              absl::StrCat(path_, ": is held by another process, which is still running"));
  }
}

TEST_F(FileLockTest, ALockThatIsReleasedOrMovedAwayFromIsNoMore) {
  absl::StatusOr<FileLock> lock = FileLock::Acquire(path_, absl::ZeroDuration());
  ASSERT_TRUE(lock.ok()) << lock.status();
  FileLock moved = *std::move(lock);
  EXPECT_FALSE(FileLock::Acquire(path_, absl::ZeroDuration()).ok());
  moved.Release();
  EXPECT_TRUE(FileLock::Acquire(path_, absl::ZeroDuration()).ok());
  moved.Release();
}

TEST_F(FileLockTest, TheEndOfAProcessGivesItsLockBack) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Ends without giving it back.
    const absl::StatusOr<FileLock> lock = FileLock::Acquire(path_, absl::ZeroDuration());
    _exit(lock.ok() ? 0 : 1);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(FileLock::Acquire(path_, absl::ZeroDuration()).ok());
}

TEST_F(FileLockTest, WhatSomebodyElseHasPutThereIsNotWrittenTo) {
  const std::string text = "something that is longer than any process id";
  dir_.Write("lock", text);
  EXPECT_TRUE(absl::IsFailedPrecondition(FileLock::Acquire(path_, absl::ZeroDuration()).status()));
  EXPECT_EQ(testing::ReadFile(path_), text);

  const std::string link = dir_.Path("link");
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(FileLock::Acquire(link, absl::ZeroDuration()).status()));

  const std::string hard_link = dir_.Path("hard_link");
  ASSERT_EQ(::link(dir_.Write("other", "1\n").c_str(), hard_link.c_str()), 0);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(FileLock::Acquire(hard_link, absl::ZeroDuration()).status()));

  const std::string pipe = dir_.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(FileLock::Acquire(pipe, absl::ZeroDuration()).status()));
}

TEST_F(FileLockTest, AFolderThatIsMissingIsAnError) {
  const absl::Status status =
      FileLock::Acquire(dir_.Path("missing/lock"), absl::ZeroDuration()).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), dir_.Path("missing/lock")));
}

}  // namespace
}  // namespace cpuagg::acct
