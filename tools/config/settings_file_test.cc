#include "tools/config/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

// A user id without an account, other than the test's own.
constexpr uid_t kStranger = 12345;

class SettingsFileTest : public ::testing::Test {
 protected:
  // Creates a directory, without the "//" in the path of the test's own directory.
  static std::string MakeDirectory(const std::string& path) {
    EXPECT_EQ(mkdir(path.c_str(), 0755), 0) << path;
    return std::filesystem::canonical(path).string();
  }
  static void Mode(const std::string& path, mode_t mode) {
    EXPECT_EQ(chmod(path.c_str(), mode), 0) << path;
  }
  void SetUp() override { dir_.Write("etc/env", "A=1\n"); }

  // Whether `path` could be given to another user.
  static bool Give(const std::string& path, uid_t user, gid_t group) {
    return lchown(path.c_str(), user, group) == 0;
  }

  // Expects that the file is refused with this message.
  static void ExpectUnsafe(const std::string& path, const std::string& says,
                           Whose whose = Whose::kOfRootOrCaller) {
    const absl::Status status = ReadSettingsFile(path, whose).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_EQ(status.message(), says);
  }
  static void ExpectRead(const std::string& path, Whose whose = Whose::kOfRootOrCaller) {
    const absl::StatusOr<SettingsFile> file = ReadSettingsFile(path, whose);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->text, "A=1\n");
  }

  const acct::testing::TempDir dir_;
  const std::string etc_ = MakeDirectory(dir_.Path("etc"));
  const std::string path_ = etc_ + "/env";
};

TEST_F(SettingsFileTest, WhatOthersCanWriteIsRefusedWithTheRemedy) {
  Mode(path_, 0644);
  ExpectRead(path_);
  ExpectRead(path_, Whose::kOfCaller);
  Mode(path_, 0646);
  ExpectUnsafe(path_, path_ + ": can be written by others; run chmod go-w " + path_);
  Mode(path_, 0644);
  Mode(etc_, 0757);
  ExpectUnsafe(path_, path_ +
                          ": others can put another file in its place, since they can write "
                          "to " +
                          etc_ + "; run chmod go-w " + etc_);
}

TEST_F(SettingsFileTest, AnyDirectoryOnTheWayCounts) {
  MakeDirectory(dir_.Path("etc/a"));
  MakeDirectory(dir_.Path("etc/a/b"));
  const std::string path = dir_.Write("etc/a/b/env", "A=1\n");
  ExpectRead(path);
  Mode(etc_, 0777);
  ExpectUnsafe(path, path +
                         ": others can put another file in its place, since they can write "
                         "to " +
                         etc_ + "; run chmod go-w " + etc_);
}

TEST_F(SettingsFileTest, AGroupIsOthersUnlessItIsTheOwnersOwn) {
  Mode(path_, 0664);
  if (!Give(path_, getuid(), kStranger)) GTEST_SKIP() << "only root can give files away";
  ExpectUnsafe(path_, path_ + ": can be written by others; run chmod go-w " + path_);
  ASSERT_TRUE(Give(path_, getuid(), getuid()));
  ExpectRead(path_);
  Mode(etc_, 0775);
  ASSERT_TRUE(Give(etc_, getuid(), kStranger));
  ExpectUnsafe(path_, path_ +
                          ": others can put another file in its place, since they can write "
                          "to " +
                          etc_ + "; run chmod go-w " + etc_);
}

TEST_F(SettingsFileTest, WhatBelongsToSomebodyElseIsRefusedWithTheRemedy) {
  if (!Give(path_, kStranger, kStranger)) GTEST_SKIP() << "only root can give files away";
  ExpectUnsafe(
      path_,
      path_ + ": belongs to user 12345, not to root and not to you; run chown root " + path_);
  // Does not suggest commands that would make a file that happens to be there trusted.
  ExpectUnsafe(path_, path_ + ": belongs to user 12345 and not to you", Whose::kOfCaller);
  ASSERT_TRUE(Give(path_, 0, 0));
  ASSERT_TRUE(Give(etc_, kStranger, kStranger));
  ExpectUnsafe(path_, path_ + ": user 12345 can put another file in its place, since " + etc_ +
                          " is theirs; move it, or run chown root " + etc_);
}

// In /tmp everybody may create files, but nobody can replace another user's.
TEST_F(SettingsFileTest, InAStickyDirectoryOnesOwnFileIsSafe) {
  Mode(etc_, 01777);
  ExpectRead(path_);
  // And there is nothing to fix.
  ExpectUnsafe(
      path_, path_ + ": others can put another file in its place, since they can write to " + etc_,
      Whose::kOfCaller);
  const std::string link = etc_ + "/link";
  std::filesystem::create_symlink("env", link);
  ExpectRead(link);
  if (!Give(link, kStranger, kStranger)) GTEST_SKIP() << "only root can give files away";
  ExpectUnsafe(link, link + ": " + link +
                         " belongs to user 12345, in a directory in which everybody may make "
                         "files; run chown root " +
                         link);
}

TEST_F(SettingsFileTest, LinksAreFollowedAndWhatTheyPassCounts) {
  const std::string open = MakeDirectory(dir_.Path("open"));
  std::filesystem::create_symlink(path_, dir_.Path("open/absolute"));
  std::filesystem::create_symlink("../etc/./env", dir_.Path("open/relative"));
  std::filesystem::create_symlink("relative", dir_.Path("open/again"));
  std::filesystem::create_symlink("../etc", dir_.Path("open/folder"));
  std::filesystem::create_symlink("loop", dir_.Path("open/loop"));
  for (const char* name : {"absolute", "relative", "again", "folder/env", "../open/folder//env"}) {
    ExpectRead(open + "/" + name);
  }
  EXPECT_FALSE(ReadSettingsFile(open + "/loop").ok());
  Mode(open, 0777);
  for (const char* name : {"absolute", "relative", "again", "folder/env"}) {
    const absl::Status status = ReadSettingsFile(open + "/" + name).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << name << status;
  }
  Mode(open, 0755);
  Mode(etc_, 0777);
  for (const char* name : {"absolute", "relative", "again", "folder/env"}) {
    const absl::Status status = ReadSettingsFile(open + "/" + name).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << name << status;
  }
}

TEST_F(SettingsFileTest, WhoCanReadItIsTold) {
  Mode(path_, 0640);
  EXPECT_FALSE(ReadSettingsFile(path_)->is_open_to_everybody);
  Mode(path_, 0644);
  EXPECT_TRUE(ReadSettingsFile(path_)->is_open_to_everybody);
}

TEST_F(SettingsFileTest, DescriptorsAreReadAsTheyAre) {
  std::array<int, 2> fds;
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  ASSERT_EQ(write(fds[1], "A=1\n", 4), 4);
  close(fds[1]);
  ExpectRead(absl::StrCat("/dev/fd/", fds[0]));
  close(fds[0]);
  Mode(path_, 0666);
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  ExpectRead(absl::StrCat("/proc/self/fd/", fd));
  close(fd);
  EXPECT_FALSE(ReadSettingsFile(absl::StrCat("/dev/fd/", fd)).ok());
  EXPECT_EQ(ReadSettingsFile("/dev/null")->text, "");
}

TEST_F(SettingsFileTest, NothingIsCutOff) {
  const std::string mebibyte(size_t{1} << 20, '#');
  EXPECT_EQ(ReadSettingsFile(dir_.Write("etc/env", mebibyte))->text, mebibyte);
  dir_.Write("etc/env", mebibyte + "#");
  const absl::Status larger = ReadSettingsFile(path_).status();
  EXPECT_EQ(larger.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(larger.message(), path_ + ": is larger than 1 MiB, so it is not such a file");
  EXPECT_EQ(ReadSettingsFile("/dev/zero").status().code(), absl::StatusCode::kInvalidArgument);
}

// Opening it would block for ever.
TEST_F(SettingsFileTest, ANamedPipeIsRefused) {
  const std::string pipe = dir_.Path("etc/pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const absl::Status status = ReadSettingsFile(pipe).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "is a named pipe")) << status;
}

TEST_F(SettingsFileTest, WhatIsNoFileIsSaid) {
  EXPECT_EQ(ReadSettingsFile(dir_.Path("none")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSettingsFile(etc_).status(),
            absl::InvalidArgumentError(etc_ + ": is a directory; name a file"));
  EXPECT_FALSE(ReadSettingsFile(path_ + "/x").ok());
  EXPECT_FALSE(ReadSettingsFile("/").ok());
}

}  // namespace
}  // namespace cpuagg::tools
