#include "aggregate/names/user_directory.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/record/units.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::aggregate {
namespace {

using acct::Uid;
using acct::testing::TempDir;

TEST(PasswdFileDirectoryTest, ReadsNamesInFull) {
  PasswdFileDirectory names(
      "root:x:0:0:root:/root:/bin/sh\n"
      "carolinelongname:x:1003:1003::/home/c:/bin/sh\n"
      "nobody:x:4294967295:0::/:\n");
  EXPECT_EQ(*names.NameOf(Uid(0)), "root");
  EXPECT_EQ(*names.NameOf(Uid(1003)), "carolinelongname");
  EXPECT_EQ(*names.NameOf(Uid(4294967295u)), "nobody");
  EXPECT_EQ(*names.NameOf(Uid(1)), std::nullopt);
}

TEST(PasswdFileDirectoryTest, TheFirstLineOfAnIdCounts) {
  PasswdFileDirectory names("a:x:5:0::/:\nb:x:5:0::/:\n");
  EXPECT_EQ(*names.NameOf(Uid(5)), "a");
}

TEST(PasswdFileDirectoryTest, LinesThatAreNoAccountsAreIgnored) {
  PasswdFileDirectory names(
      "# comment\n\n+::::::\nx\n:x:1:1::/:\nb:x: 2:2::/:\nc:x:-3:3::/:\nd:x:99999999999:4::/:\n"
      "last:x:6:6::/:");
  for (const uint32_t uid : {1u, 2u, 3u, 4294967293u}) {
    EXPECT_EQ(*names.NameOf(Uid(uid)), std::nullopt) << uid;
  }
  EXPECT_EQ(*names.NameOf(Uid(6)), "last");
}

TEST(PasswdFileDirectoryTest, AFileThatIsNoPasswdIsRefusedByName) {
  const TempDir dir;
  const std::string path = dir.Write("notes", "hello\n");
  const absl::Status status = PasswdFileDirectory::Load(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find(path), std::string::npos);
  EXPECT_EQ(PasswdFileDirectory::Load(dir.Path("none")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(PasswdFileDirectory::Load(dir.Write("empty", "")).ok());
}

TEST(UnknownNamesTest, CountWhatIsNotKnownAndEveryReasonOnce) {
  UnknownNames names;
  names.Count("alice");
  names.Count(std::nullopt);
  names.Count(absl::UnavailableError("it failed"));
  names.Count(absl::DeadlineExceededError("too late"));
  names.Count(absl::UnavailableError("it failed"));
  EXPECT_EQ(names.ids, 5u);
  EXPECT_EQ(names.unknown, 3u);
  EXPECT_EQ(names.reasons, (std::vector<std::string>{"it failed", "too late"}));
}

TEST(NssDirectoryTest, KnowsRootAndNotTheLastId) {
  NssDirectory names;
  EXPECT_EQ(*names.NameOf(Uid(0)), "root");
  EXPECT_EQ(*names.NameOf(Uid(4294967294u)), std::nullopt);
  EXPECT_EQ(*names.NameOf(Uid(0)), "root");
}

TEST(NssDirectoryTest, GroupsHaveIds) {
  NssDirectory names;
  EXPECT_EQ(*names.IdOfGroup("root"), "0");
  EXPECT_EQ(*names.IdOfGroup("no such group"), std::nullopt);
  PasswdFileDirectory file("root:x:0:0::/:\n");
  EXPECT_EQ(file.IdOfGroup("root").status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace cpuagg::aggregate
