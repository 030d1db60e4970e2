// `cpuagg collect` on file systems that are full, without inodes, or read-only, and under a limit
// of file sizes. File systems are mounted where only this test sees them; what needs root for that
// says so and is skipped otherwise.

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/cli_tests/faults/store_faults.h"
#include "tools/testing/process.h"
#include "tools/testing/tracing.h"

namespace cpuagg::tools {
namespace {

using testing::Finished;
using testing::RunProgram;

// A file system in memory, mounted on a directory for this test only. It disappears with the test.
class SmallFileSystem {
 public:
  SmallFileSystem(std::string path, const std::string& options)
      : path_(std::move(path)), options_(options), problem_(Mount()) {}
  ~SmallFileSystem() {
    if (problem_.empty()) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  // Why there is none; empty if there is.
  const std::string& problem() const { return problem_; }

  // Fills it except for `free_pages` pages.
  void Fill(off_t free_pages) const {
    const int fd = Make("pages");
    ASSERT_GE(fd, 0) << strerror(errno);
    const std::string page(kPage, 'x');
    off_t pages = 0;
    while (write(fd, page.data(), page.size()) == kPage) ++pages;
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_GE(pages, free_pages);
    EXPECT_EQ(ftruncate(fd, (pages - free_pages) * kPage), 0);
    close(fd);
  }
  // Uses up all inodes.
  void FillWithFiles() const {
    int fd;
    for (int i = 0; (fd = Make(absl::StrCat(i))) >= 0; ++i) close(fd);
    EXPECT_EQ(errno, ENOSPC);
  }
  void MakeRoom() const {
    for (const auto& entry : std::filesystem::directory_iterator(Filler())) {
      std::filesystem::remove(entry);
    }
  }

  void SetReadOnly(bool is_read_only) const {
    const unsigned long flags = MS_REMOUNT | (is_read_only ? MS_RDONLY : 0);
    EXPECT_EQ(mount("tmpfs", path_.c_str(), "tmpfs", flags, options_.c_str()), 0)
        << strerror(errno);
  }

 private:
  static constexpr off_t kPage = 4096;

  std::string Filler() const { return path_ + "/filler"; }

  int Make(const std::string& name) const {
    return open((Filler() + "/" + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }

  std::string Mount() const {
    std::filesystem::create_directory(path_);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", path_.c_str(), "tmpfs", 0, options_.c_str()) != 0) {
      return absl::StrCat("mount(2) is refused here: ", strerror(errno));
    }
    std::filesystem::create_directory(Filler());
    return "";
  }

  const std::string path_;
  const std::string options_;
  const std::string problem_;
};

class FullDiskCliTest : public StoreFaultsTest {};

// Enough for a snapshot of several pages.
constexpr uint32_t kManyUsers = 3000;

TEST_F(FullDiskCliTest, AFullFileSystemFailsBeforeAnythingChanges) {
  const SmallFileSystem small(dir_.Path("small"), "size=8m");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(kManyUsers);
  ExpectEverythingOnce();
  int failures = 0;
  int successes = 0;
  // From no free space to enough.
  for (off_t free_pages = 0; successes == 0; free_pages = 2 * free_pages + 1) {
    SCOPED_TRACE(free_pages);
    Work(kManyUsers);
    const auto snapshots = Snapshots();
    const Processes reported = Reported();
    small.Fill(free_pages);
    const Finished run = RunProgram(CollectProgram());
    if (run.exit_code == 0) {
      ++successes;
    } else {
      ++failures;
      ExpectFailure(run, store_ + "/", "cannot write: No space left on device");
      EXPECT_EQ(Snapshots(), snapshots);
      EXPECT_EQ(Reported(), reported);
    }
    small.MakeRoom();
    ExpectEverythingOnce();
  }
  EXPECT_GE(failures, 3);
}

TEST_F(FullDiskCliTest, OnAFullFileSystemNoStoreBegins) {
  const SmallFileSystem small(dir_.Path("small"), "size=64k");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(3);
  small.Fill(0);
  ExpectFailure(RunProgram(CollectProgram()), store_ + "/lock",
                "cannot write: No space left on device");
  EXPECT_TRUE(Snapshots().empty());
  small.MakeRoom();
  ExpectEverythingOnce();
}

TEST_F(FullDiskCliTest, AFileSystemWithoutInodesFailsBeforeAnythingChanges) {
  const SmallFileSystem small(dir_.Path("small"), "size=1m,nr_inodes=64");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/store");
  Work(3);
  ExpectEverythingOnce();
  Work(3);
  const auto snapshots = Snapshots();
  const Processes reported = Reported();
  small.FillWithFiles();
  ExpectFailure(RunProgram(CollectProgram()), store_ + "/",
                "cannot create: No space left on device");
  EXPECT_EQ(Snapshots(), snapshots);
  EXPECT_EQ(Reported(), reported);
  small.MakeRoom();
  ExpectEverythingOnce();
}

TEST_F(FullDiskCliTest, AReadOnlyFileSystemIsReportedFromAndNotCollectedInto) {
  const SmallFileSystem small(dir_.Path("small"), "size=1m");
  if (!small.problem().empty()) GTEST_SKIP() << small.problem();
  store_ = dir_.Path("small/new");
  Work(3);
  small.SetReadOnly(true);
  ExpectFailure(RunProgram(CollectProgram()), store_ + ": ",
                "cannot create the directory: Read-only file system");
  small.SetReadOnly(false);
  ExpectEverythingOnce();
  Work(3);
  const auto snapshots = Snapshots();
  const Processes reported = Reported();
  small.SetReadOnly(true);
  ExpectFailure(RunProgram(CollectProgram()), store_ + "/lock",
                "cannot open: Read-only file system");
  EXPECT_EQ(Snapshots(), snapshots);
  EXPECT_EQ(Reported(), reported);
  small.SetReadOnly(false);
  ExpectEverythingOnce();
}

TEST_F(FullDiskCliTest, ALimitOfFileSizesFailsBeforeAnythingChanges) {
  Work(kManyUsers);
  ExpectEverythingOnce();
  for (const char* const blocks : {"0", "1"}) {
    SCOPED_TRACE(blocks);
    Work(kManyUsers);
    const auto snapshots = Snapshots();
    const Processes reported = Reported();
    ExpectFailure(RunProgram(CollectAfter(absl::StrCat("ulimit -f ", blocks))), store_ + "/",
                  "cannot write: File too large");
    EXPECT_EQ(Snapshots(), snapshots);
    EXPECT_EQ(Reported(), reported);
    ExpectEverythingOnce();
  }
}

}  // namespace
}  // namespace cpuagg::tools
