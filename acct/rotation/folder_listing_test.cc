#include "acct/rotation/folder_listing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

using testing::TempDir;

void WriteAt(const TempDir& dir, const char* name, int64_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, dir.Write(name, "x").c_str(), times, 0), 0);
}

std::vector<std::string> NamesOf(const TempDir& dir, const AccountingFiles& files) {
  const absl::StatusOr<FolderListing> listing = ListFolders(files);
  EXPECT_TRUE(listing.ok()) << listing.status();
  std::vector<std::string> names;
  for (const Found& file : listing->files) {
    names.push_back(file.path.substr(dir.path().size() + 1));
  }
  return names;
}

using Names = std::vector<std::string>;

// An admin has linked it to a name that comes before the one that rotation gave.
TEST(FolderListingTest, OfTheNamesOfAFileAUsualOneIsKept) {
  const TempDir dir;
  WriteAt(dir, "pacct", 5000);
  WriteAt(dir, "pacct.1", 4000);
  for (const char* const name : {"pacct-kept", "pacct.kept"}) {
    ASSERT_EQ(link(dir.Path("pacct.1").c_str(), dir.Path(name).c_str()), 0);
  }
  EXPECT_EQ(NamesOf(dir, {.path = dir.Path("pacct")}), (Names{"pacct", "pacct.1"}));
}

TEST(FolderListingTest, OfTheUsualNamesOfAFileTheNewestIsKept) {
  const TempDir dir;
  WriteAt(dir, "pacct.1", 4000);
  ASSERT_EQ(link(dir.Path("pacct.1").c_str(), dir.Path("pacct.2").c_str()), 0);
  EXPECT_EQ(NamesOf(dir, {.path = dir.Path("pacct")}), Names{"pacct.1"});
}

// Its name does not say that it is newer than what rotation has numbered.
TEST(FolderListingTest, TheFilesOwnNameInAnotherFolderTellsNoAge) {
  const TempDir dir;
  ASSERT_EQ(mkdir(dir.Path("old").c_str(), 0700), 0);
  WriteAt(dir, "pacct", 5000);
  WriteAt(dir, "pacct.1", 4000);
  WriteAt(dir, "old/pacct", 3000);
  WriteAt(dir, "old/pacct.2", 2000);
  const AccountingFiles files = {.path = dir.Path("pacct"), .other_folders = {dir.Path("old")}};
  EXPECT_EQ(NamesOf(dir, files), (Names{"pacct", "pacct.1", "old/pacct", "old/pacct.2"}));
  const absl::StatusOr<FolderListing> listing = ListFolders(files);
  ASSERT_TRUE(listing.ok()) << listing.status();
  for (const Found& file : listing->files) {
    EXPECT_EQ(file.age.has_value(), file.path != dir.Path("old/pacct")) << file.path;
    EXPECT_EQ(file.is_current, file.path == dir.Path("pacct")) << file.path;
  }
}

// Otherwise records that the kernel writes meanwhile would be a rotation.
TEST(FolderListingTest, AListingIsUnchangedIfFilesOnlyGrow) {
  const TempDir dir;
  const AccountingFiles files = {.path = dir.Path("pacct")};
  dir.Write("pacct", "12");
  dir.Write("pacct.1", "1");
  const absl::StatusOr<FolderListing> before = ListFolders(files);
  ASSERT_TRUE(before.ok()) << before.status();
  dir.Append("pacct", "3");
  EXPECT_TRUE(IsUnchanged(*before, ListFolders(files).value()));
  ASSERT_EQ(truncate(files.path.c_str(), 1), 0);
  EXPECT_FALSE(IsUnchanged(*before, ListFolders(files).value()));
  dir.Append("pacct", "2");
  EXPECT_TRUE(IsUnchanged(*before, ListFolders(files).value()));
  dir.Write("pacct.2", "");
  EXPECT_FALSE(IsUnchanged(*before, ListFolders(files).value()));
}

}  // namespace
}  // namespace cpuagg::acct
