#include "tools/system/cron_daemon.h"

#include <filesystem>
#include <optional>

#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

class CronDaemonTest : public ::testing::Test {
 protected:
  CronDaemonTest() {
    for (const char* process : {"proc/1", "proc/27"}) {
      std::filesystem::create_directories(dir_.Path(process));
    }
    dir_.Write("proc/1/stat", "1 (init) S 0 1 1\n");
  }
  std::optional<bool> Running() const { return IsCronRunning(dir_.path()); }

  const acct::testing::TempDir dir_;
};

TEST_F(CronDaemonTest, CronIsFoundAmongTheProcesses) {
  EXPECT_EQ(Running(), std::optional<bool>(false));
  for (const char* name : {"cron", "crond", "fcron", "bcron-start"}) {
    dir_.Write("proc/27/stat", std::string("27 (") + name + ") S 1 27 27\n");
    EXPECT_EQ(Running(), std::optional<bool>(true)) << name;
  }
  dir_.Write("proc/27/stat", "27 (sh) S 1 27 27\n");
  EXPECT_EQ(Running(), std::optional<bool>(false));
}

TEST_F(CronDaemonTest, WithoutTheFirstProcessNobodyKnows) {
  std::filesystem::remove_all(dir_.Path("proc"));
  EXPECT_EQ(Running(), std::nullopt);
}

// For example under a first process that does not wait for children.
TEST_F(CronDaemonTest, OneThatHasEndedRunsNothing) {
  for (const char* state : {"Z", "X"}) {
    dir_.Write("proc/27/stat", std::string("27 (cron) ") + state + " 1 27 27\n");
    EXPECT_EQ(Running(), std::optional<bool>(false)) << state;
  }
  dir_.Write("proc/27/stat", "27 (cron) Z) S 1 27 27\n");
  EXPECT_EQ(Running(), std::optional<bool>(true));
}

TEST_F(CronDaemonTest, OneOfOutsideObeysOtherCrontabs) {
  dir_.Write("proc/27/stat", "27 (cron) S 1 27 27\n");
  std::filesystem::create_directory_symlink(dir_.Path("proc"), dir_.Path("proc/27/root"));
  EXPECT_EQ(Running(), std::optional<bool>(false));
  std::filesystem::remove(dir_.Path("proc/27/root"));
  std::filesystem::create_directory_symlink(dir_.path(), dir_.Path("proc/27/root"));
  EXPECT_EQ(Running(), std::optional<bool>(true));
}

}  // namespace
}  // namespace cpuagg::tools::check
