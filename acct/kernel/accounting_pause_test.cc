#include "acct/kernel/accounting_pause.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

TEST(AccountingPauseTest, TheLimitsAreThoseOfTheKernel) {
  const TempDir dir;
  const std::string file = dir.Write("pacct", "");
  const absl::StatusOr<FreeSpace> space = FreeSpaceOf(file, dir.Write("limits", "4\t2\t30\n"));
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_EQ(space->goes_on_at, 400u);
  EXPECT_EQ(space->pauses_below, 200u);
  EXPECT_LE(space->free, 10'000u);
}

TEST(AccountingPauseTest, WithLessThanItGoesOnAtItMayBePaused) {
  const TempDir dir;
  const std::string file = dir.Write("pacct", "");
  // No file system has this much free space, or less than none.
  EXPECT_TRUE(FreeSpaceOf(file, dir.Write("much", "101 100 30\n"))->may_be_paused());
  EXPECT_FALSE(FreeSpaceOf(file, dir.Write("none", "0 0 30\n"))->may_be_paused());
}

TEST(AccountingPauseTest, OfAFileThatIsNotThereItsFolderIsLookedAt) {
  const TempDir dir;
  const std::string limits = dir.Write("limits", "4 2 30");
  EXPECT_TRUE(FreeSpaceOf(dir.Path("pacct"), limits).ok());
  EXPECT_TRUE(FreeSpaceOf("pacct", limits).ok());
  EXPECT_TRUE(absl::IsNotFound(FreeSpaceOf(dir.Path("none/pacct"), limits).status()));
}

TEST(AccountingPauseTest, WithoutLimitsItIsNotKnown) {
  const TempDir dir;
  const std::string file = dir.Write("pacct", "");
  EXPECT_TRUE(absl::IsNotFound(FreeSpaceOf(file, dir.Path("limits")).status()));
  for (const char* text : {"", "4", "four two thirty", "-1 2 30"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(FreeSpaceOf(file, dir.Write("limits", text)).status()))
        << text;
  }
}

}  // namespace
}  // namespace cpuagg::acct
