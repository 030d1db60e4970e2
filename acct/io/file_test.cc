#include "acct/io/file.h"

#include <cerrno>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

// Whoever is refused has to give rights, not to look for the file.
TEST(FileTest, AnErrorSaysWhatCannotBeDoneWithWhichPathAndWhy) {
  EXPECT_EQ(
      ErrnoStatus(EACCES, "/var/log/account/pacct", "open"),
      absl::FailedPreconditionError("/var/log/account/pacct: cannot open: Permission denied"));
  EXPECT_EQ(ErrnoStatus(EPERM, "pacct", "remove"),
            absl::FailedPreconditionError("pacct: cannot remove: Operation not permitted"));
  EXPECT_EQ(ErrnoStatus(ENOENT, "pacct", "open"),
            absl::NotFoundError("pacct: cannot open: No such file or directory"));
}

TEST(FileTest, AFolderInPlaceOfAFileIsRefused) {
  const TempDir dir;
  EXPECT_EQ(
      File::OpenForReading(dir.path()).status(),
      absl::InvalidArgumentError(dir.path() + ": is a directory; name an accounting file in it"));
  EXPECT_TRUE(File::OpenForReading(dir.Write("file", "")).ok());
}

TEST(FileTest, APartOfAFileIsReadAsFarAsItGoes) {
  const TempDir dir;
  const absl::StatusOr<File> file = File::OpenForReading(dir.Write("file", "0123456789"));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->ReadAt(2, 3).value(), "234");
  EXPECT_EQ(file->ReadAt(8, 3).value(), "89");
  EXPECT_EQ(file->ReadAt(10, 3).value(), "");
}

}  // namespace
}  // namespace cpuagg::acct
