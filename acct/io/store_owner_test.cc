#include "acct/io/store_owner.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

// Ids without accounts.
constexpr uid_t kService = 12'345;
constexpr gid_t kServices = 23'456;
constexpr gid_t kReaders = 34'567;

using Groups = std::vector<gid_t>;

// Uses relative paths, because other users than root may not enter the folders above.
class StoreOwnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_GE(started_in_, 0);
    ASSERT_EQ(chmod(dir_.path().c_str(), 0755), 0);
    ASSERT_EQ(chdir(dir_.path().c_str()), 0);
    ASSERT_EQ(mkdir("store", 0755), 0);
    ASSERT_EQ(mkdir("another", 0755), 0);
  }
  void TearDown() override {
    EXPECT_EQ(fchdir(started_in_), 0);
    close(started_in_);
  }

  // Whether `path` could be given to another user.
  static bool Give(const std::string& path, uid_t user, gid_t group) {
    return lchown(path.c_str(), user, group) == 0;
  }

  // The user with whose rights this thread accesses files. A user -1 changes nothing.
  static uid_t UserNow() { return static_cast<uid_t>(setfsuid(static_cast<uid_t>(-1))); }
  static gid_t GroupNow() { return static_cast<gid_t>(setfsgid(static_cast<gid_t>(-1))); }
  static Groups GroupsNow() {
    Groups groups(static_cast<size_t>(getgroups(0, nullptr)));
    EXPECT_EQ(getgroups(static_cast<int>(groups.size()), groups.data()),
              static_cast<int>(groups.size()));
    return groups;
  }
  // Changes the groups of this thread alone. Returns whether it may.
  static bool SetGroups(const Groups& groups) {
    return syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
  }

  static struct stat Create(const std::string& path) {
    struct stat info = {};
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    EXPECT_GE(file, 0) << path;
    EXPECT_EQ(fstat(file, &info), 0) << path;
    close(file);
    return info;
  }
  static bool MayRead(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) close(file);
    return file >= 0;
  }

  const testing::TempDir dir_;
  const int started_in_ = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
};

TEST_F(StoreOwnerTest, FilesThatRootCreatesInTheStoreOfAUserBelongToThatUser) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  {
    const AsStoreOwner as_owner("store");
    const struct stat created = Create("store/theirs");
    EXPECT_EQ(created.st_uid, kService);
    EXPECT_EQ(created.st_gid, kServices);
  }
  const struct stat created = Create("store/roots");
  EXPECT_EQ(created.st_uid, geteuid());
  EXPECT_EQ(created.st_gid, getegid());
}

TEST_F(StoreOwnerTest, NoLinkLeadsRootToWhatTheOwnerMayNotRead) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  dir_.Write("secret", "");
  ASSERT_EQ(chmod("secret", 0600), 0);
  std::filesystem::create_symlink("../secret", "store/link");
  EXPECT_TRUE(MayRead("store/link"));
  {
    const AsStoreOwner as_owner("store");
    EXPECT_FALSE(MayRead("store/link"));
    EXPECT_FALSE(MayRead("secret"));
  }
  EXPECT_TRUE(MayRead("store/link"));
}

TEST_F(StoreOwnerTest, OfAllGroupsOnlyThatOfTheStoreOpensFiles) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  const Groups before = GroupsNow();
  if (!SetGroups({kReaders})) GTEST_SKIP() << "the groups cannot be changed here";
  dir_.Write("of services", "");
  dir_.Write("of readers", "");
  ASSERT_TRUE(Give("of services", geteuid(), kServices));
  ASSERT_TRUE(Give("of readers", geteuid(), kReaders));
  ASSERT_EQ(chmod("of services", 0640), 0);
  ASSERT_EQ(chmod("of readers", 0640), 0);
  {
    const AsStoreOwner as_owner("store");
    EXPECT_EQ(GroupsNow(), Groups());
    EXPECT_TRUE(MayRead("of services"));
    EXPECT_FALSE(MayRead("of readers"));
  }
  EXPECT_EQ(GroupsNow(), Groups{kReaders});
  EXPECT_EQ(GroupNow(), getegid());
  EXPECT_TRUE(SetGroups(before));
}

TEST_F(StoreOwnerTest, AnInnerOneChangesNothingAndGivesNothingBack) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  ASSERT_TRUE(Give("another", kService + 1, kServices + 1));
  const AsStoreOwner outer("store");
  {
    const AsStoreOwner inner("another");
    EXPECT_EQ(UserNow(), kService);
    EXPECT_EQ(GroupNow(), kServices);
  }
  EXPECT_EQ(UserNow(), kService);
  EXPECT_EQ(GroupNow(), kServices);
}

TEST_F(StoreOwnerTest, AnotherThreadKeepsItsRights) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  std::promise<void> has_changed;
  std::promise<uid_t> user_of_other;
  // A thread that began later would begin with the rights of the owner.
  std::thread other([&] {
    has_changed.get_future().wait();
    user_of_other.set_value(UserNow());
  });
  {
    const AsStoreOwner as_owner("store");
    EXPECT_EQ(UserNow(), kService);
    has_changed.set_value();
    EXPECT_EQ(user_of_other.get_future().get(), geteuid());
  }
  other.join();
}

// Otherwise a crash would leave nothing to look at.
TEST_F(StoreOwnerTest, TheProcessStaysDumpable) {
  if (!Give("store", kService, kServices)) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
  {
    const AsStoreOwner as_owner("store");
    EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
  }
  EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

TEST_F(StoreOwnerTest, InTheirOwnStoreAndWithoutOneEverybodyKeepsTheirRights) {
  const Groups groups = GroupsNow();
  // Root's store may have a group for its readers.
  (void)Give("another", geteuid(), kServices);
  for (const char* const path : {"store", "another", "not there", ""}) {
    const AsStoreOwner as_owner(path);
    EXPECT_EQ(UserNow(), geteuid()) << path;
    EXPECT_EQ(GroupNow(), getegid()) << path;
    EXPECT_EQ(GroupsNow(), groups) << path;
  }
}

}  // namespace
}  // namespace cpuagg::acct
