#include "aggregate/names/account_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::TempDir;

TEST(AccountFilesTest, EachChangeMakesAnotherVersion) {
  const TempDir dir;
  const std::vector<std::string> files = {dir.Path("passwd"), dir.Path("more")};
  std::string before = AccountsVersion(files);
  const auto has_changed = [&] {
    const std::string now = AccountsVersion(files);
    const bool is_another = now != before;
    before = now;
    return is_another;
  };
  EXPECT_FALSE(has_changed());
  dir.Write("passwd", "alice:x:1001:\n");
  EXPECT_TRUE(has_changed());
  EXPECT_FALSE(has_changed());
  // As useradd(8) does it: another file gets the name, here with the same size and time.
  dir.Write("passwd+", "bobby:x:1001:\n");
  struct stat info;
  ASSERT_EQ(stat(files[0].c_str(), &info), 0);
  const timespec times[2] = {info.st_mtim, info.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, dir.Path("passwd+").c_str(), times, 0), 0);
  ASSERT_EQ(std::rename(dir.Path("passwd+").c_str(), files[0].c_str()), 0);
  EXPECT_TRUE(has_changed());
  // As an editor may do it: in place, and again with the same size and time. The kernel's clock for
  // this may be ten milliseconds coarse.
  absl::SleepFor(absl::Milliseconds(30));
  dir.Write("passwd", "carol:x:1001:\n");
  ASSERT_EQ(utimensat(AT_FDCWD, files[0].c_str(), times, 0), 0);
  EXPECT_TRUE(has_changed());
  dir.Write("more", "");
  EXPECT_TRUE(has_changed());
  EXPECT_FALSE(has_changed());
}

TEST(AccountFilesTest, ThoseOfThisHostAreKnown) {
  EXPECT_EQ(AccountFiles()[0], "/etc/passwd");
  EXPECT_NE(AccountsVersion(AccountFiles()), "none;none;none;");
}

}  // namespace
}  // namespace cpuagg::aggregate
