#include "tools/installation/context/setup_record.h"

#include <unistd.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using acct::testing::TempDir;

TEST(SetupRecordTest, WhatIsSavedIsReadBackWhateverIsInIt) {
  if (geteuid() != 0) GTEST_SKIP() << "the record is root's";
  const TempDir dir;
  const std::string path = dir.Path("setup_record");
  for (const char* value : {"",
                            "/var/log/account/pacct",
                            "/var/log/q\"x/pacct",
                            "/var/log/q'x/pacct",
                            "/q\"'x/pacct",
                            "\"/in quotes\"",
                            "'/in quotes'",
                            "/ends in a quote\"",
                            "/has # a comment",
                            "#none",
                            "/${HOME}/pacct",
                            "/$(id)/pacct",
                            "/back\\slash",
                            "/ends in one\\",
                            " /blanks ",
                            "\t",
                            "/=KEY=",
                            "/über/pacct",
                            "@lab_bot 42,-1001234567890/7",
                            "@l\"b 42",
                            "export X"}) {
    const SetupRecord record = {
        .accounting_file = value, .accounting_unit = value, .greeted = value, .user = value};
    const absl::Status saved = record.Save(path);
    EXPECT_TRUE(saved.ok()) << saved;
    const absl::StatusOr<SetupRecord> loaded = SetupRecord::Load(path);
    ASSERT_TRUE(loaded.ok()) << value << ": " << loaded.status();
    EXPECT_EQ(*loaded, record) << value;
    // Reads it like the package when it is purged: '^ACCOUNTING_FILE=.*/' in debian/postrm.
    const std::string text = ReadFile(path);
    const size_t begin = text.find("\nACCOUNTING_FILE=") + 1;
    const std::string line = text.substr(begin, text.find('\n', begin) - begin);
    EXPECT_EQ(absl::StrContains(line, "/"), absl::StrContains(value, "/")) << value;
  }
}

TEST(SetupRecordTest, WhatCouldNotBeReadBackIsNotSaved) {
  if (geteuid() != 0) GTEST_SKIP() << "the record is root's";
  const TempDir dir;
  const std::string path = dir.Path("setup_record");
  ASSERT_TRUE((SetupRecord{.greeted = "@lab_bot 42"}).Save(path).ok());
  const std::string before = ReadFile(path);
  for (const char* value : {"/one\n/two", "/\r", "/'\" # both", "'\"", "/\x01"}) {
    const absl::Status saved = SetupRecord{.accounting_file = value}.Save(path);
    EXPECT_TRUE(absl::IsInvalidArgument(saved)) << value << ": " << saved;
    EXPECT_TRUE(absl::StartsWith(saved.message(), "ACCOUNTING_FILE: ")) << saved;
    EXPECT_EQ(ReadFile(path), before);
  }
}

TEST(SetupRecordTest, OneThatCannotBeReadSaysWhatToDo) {
  if (geteuid() != 0) GTEST_SKIP() << "the record is root's";
  const TempDir dir;
  const std::string path = dir.Write("setup_record", "ACCOUNTING_FILE=\"/var/log/q\"x/pacct\"\n");
  const absl::Status status = SetupRecord::Load(path).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "setup_record:1: ACCOUNTING_FILE")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("rm ", path))) << status;
  // In the format from before values were quoted only if necessary.
  dir.Write("setup_record", "ACCOUNTING_FILE=\"/var/log/pacct\"\nACCOUNTING_UNIT=\"\"\n");
  EXPECT_EQ(SetupRecord::Load(path).value(), SetupRecord{.accounting_file = "/var/log/pacct"});
}

}  // namespace
}  // namespace cpuagg::tools
