#include "acct/io/atomic_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::ReadFile;
using testing::TempDir;

TEST(AtomicFileTest, ReplacesContentAndSetsTheMode) {
  const TempDir dir;
  const std::string path = dir.Write("file", "old");
  ASSERT_TRUE(WriteFileAtomically(path, "new", 0640).ok());
  EXPECT_EQ(ReadFile(path), "new");
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST(AtomicFileTest, AFailureNamesThePathAndLeavesNothing) {
  const TempDir dir;
  const std::string missing = dir.Path("none/file");
  const absl::Status status = WriteFileAtomically(missing, "x", 0600);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(missing), std::string::npos);

  // A directory cannot be replaced by a file. The temporary file must be removed.
  std::filesystem::create_directory(dir.Path("taken"));
  EXPECT_EQ(WriteFileAtomically(dir.Path("taken"), "x", 0600).message(),
            dir.Path("taken") + ": cannot put the new file in its place: Is a directory");
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    ++entries;
  }
  EXPECT_EQ(entries, 1);
}

}  // namespace
}  // namespace cpuagg::acct
