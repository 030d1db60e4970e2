#include "acct/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace {

// The system calls of this program while it is not null.
std::vector<std::string>* calls = nullptr;

void Note(const char* call) {
  if (calls != nullptr) calls->emplace_back(call);
}

bool IsDirectory(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

// These are called in place of those of the C library.
extern "C" ssize_t write(int fd, const void* bytes, size_t count) {
  Note("write");
  return syscall(SYS_write, fd, bytes, count);
}
extern "C" int fsync(int fd) {
  Note(IsDirectory(fd) ? "fsync of the directory" : "fsync");
  return static_cast<int>(syscall(SYS_fsync, fd));
}
extern "C" int rename(const char* from, const char* to) noexcept {
  Note("rename");
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

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

// Otherwise a power failure could leave an empty file under the name, or the old one.
TEST(AtomicFileTest, ContentIsOnDiskBeforeItsNameAndThenTheName) {
  const TempDir dir;
  std::vector<std::string> made;
  calls = &made;
  const absl::Status status = WriteFileAtomically(dir.Path("file"), "new", 0640);
  calls = nullptr;
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(made, (std::vector<std::string>{"write", "fsync", "rename", "fsync of the directory"}));
  EXPECT_EQ(ReadFile(dir.Path("file")), "new");
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

// Fails where a file has its name already, but not yet for certain.
class UnsyncedDirectory : public FileSystem {
 public:
  absl::Status SyncDirectory(const std::string& directory) override {
    return absl::UnavailableError(directory + ": cannot sync: Input/output error");
  }
};

class Unrenamed : public FileSystem {
 public:
  absl::Status Rename(const std::string& /*from*/, const std::string& to) override {
    return absl::UnavailableError(to + ": cannot put the new file in its place");
  }
};

// What everybody sees is not written again, even if a crash may undo it.
TEST(AtomicFileTest, AFailureSaysWhetherTheNewFileIsVisible) {
  const TempDir dir;
  const std::string path = dir.Write("file", "old");
  EXPECT_FALSE(WasPublished(absl::OkStatus()));

  Unrenamed unrenamed;
  const absl::Status before = WriteFileAtomically(path, "new", 0640, unrenamed);
  EXPECT_EQ(before.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(WasPublished(before));
  EXPECT_EQ(ReadFile(path), "old");

  UnsyncedDirectory unsynced;
  const absl::Status after = WriteFileAtomically(path, "new", 0640, unsynced);
  EXPECT_EQ(after.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(after.message(), path + ": is written, but a crash may undo it: " + dir.path() +
                                 "/: cannot sync: Input/output error");
  EXPECT_TRUE(WasPublished(after));
  EXPECT_EQ(ReadFile(path), "new");
}

// A link would let others choose what is read, and opening a pipe would wait for its other end.
TEST(ReadWholeFileTest, OnlyARegularFileIsRead) {
  const TempDir dir;
  const std::string file = dir.Write("file", "content");
  EXPECT_EQ(ReadWholeFile(file).value(), "content");
  const std::string link = dir.Path("link");
  std::filesystem::create_symlink(file, link);
  const std::string pipe = dir.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& other : {link, pipe, dir.path()}) {
    EXPECT_EQ(ReadWholeFile(other).status().message(), other + ": is not a regular file");
  }
}

// Two GiB are the most that protobuf reads.
TEST(ReadWholeFileTest, AFileOfTwoGibibytesIsRefusedBeforeItIsRead) {
  const TempDir dir;
  const std::string path = dir.Write("large", "");
  std::filesystem::resize_file(path, uintmax_t{1} << 31);
  const absl::Status status = ReadWholeFile(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(), path + ": too large");
}

}  // namespace
}  // namespace cpuagg::acct
