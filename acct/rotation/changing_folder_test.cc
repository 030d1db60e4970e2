// Files that are rotated while they are listed: between the listing and its check.

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/rotation/rotation.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace {

// Called before each folder is opened, with the number of those before it, while it is not null.
const std::function<void(int)>* before_opening = nullptr;
int opened = 0;

}  // namespace

// Is called in place of that of the C library.
extern "C" DIR* opendir(const char* path) {
  if (before_opening != nullptr) (*before_opening)(opened++);
  const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? nullptr : fdopendir(fd);
}

namespace cpuagg::acct {
namespace {

using testing::TempDir;

using Names = std::vector<std::string>;

// The names of the generations of `dir`, if `change` is called before its second listing.
Names ListedWhile(const TempDir& dir, const std::function<void()>& change) {
  const std::function<void(int)> change_once = [&](int before) {
    if (before == 1) change();
  };
  opened = 0;
  before_opening = &change_once;
  const absl::StatusOr<GenerationListing> listing =
      ListGenerations({.path = dir.Path("pacct")}, {});
  before_opening = nullptr;
  EXPECT_TRUE(listing.ok()) << listing.status();
  EXPECT_GE(opened, 2);
  Names names;
  for (const Generation& generation : listing->generations) {
    names.push_back(generation.path.substr(dir.path().size() + 1));
  }
  return names;
}

TEST(ChangingFolderTest, WhatIsRotatedMeanwhileIsFoundUnderItsNewName) {
  const TempDir dir;
  dir.Write("pacct", "new");
  dir.Write("pacct.0", "old");
  EXPECT_EQ(ListedWhile(
                dir,
                [&] {
                  ASSERT_EQ(std::rename(dir.Path("pacct.0").c_str(), dir.Path("pacct.1").c_str()),
                            0);
                  ASSERT_EQ(std::rename(dir.Path("pacct").c_str(), dir.Path("pacct.0").c_str()), 0);
                  dir.Write("pacct", "");
                }),
            (Names{"pacct", "pacct.0", "pacct.1"}));
}

// As logrotate does with copytruncate.
TEST(ChangingFolderTest, WhatIsCopiedAndTruncatedMeanwhileIsFoundAsItIs) {
  const TempDir dir;
  dir.Write("pacct", "records");
  EXPECT_EQ(ListedWhile(dir,
                        [&] {
                          dir.Write("pacct.1", "records");
                          ASSERT_EQ(truncate(dir.Path("pacct").c_str(), 0), 0);
                        }),
            (Names{"pacct", "pacct.1"}));
}

TEST(ChangingFolderTest, WhatOnlyGrowsIsListedOnce) {
  const TempDir dir;
  dir.Write("pacct", "records");
  EXPECT_EQ(ListedWhile(dir, [&] { dir.Append("pacct", "more"); }), Names{"pacct"});
  EXPECT_EQ(opened, 2);
}

}  // namespace
}  // namespace cpuagg::acct
