// `cpuagg check FILE`: accounting files, folders of them, pipes, and other files.

#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/check/finding.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using testing::Finished;
using testing::RunProgram;

class CheckFilesCliTest : public testing::CliTest {
 protected:
  CheckFilesCliTest() { pacct_ = absl::StrCat(kLab, "pacct"); }
  Strings Environment() const override { return {"TZ=UTC"}; }
};

TEST_F(CheckFilesCliTest, AWholeFileIsStatusZero) {
  const Finished run = Run({"check", absl::StrCat(kLab, "pacct.1.gz")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out,
            "OK - 1 thing in order | bytes=33664B records=526 skipped_bytes=0B trailing_bytes=0B\n"
            "ok testdata/lab/pacct.1.gz: whole: 33,664 bytes (as decompressed from gzip); 526 "
            "records of version 3, ended 2026-11-22 19:35:01 – 19:35:45 UTC, of 11 users\n");
  EXPECT_EQ(run.err, "");
}

TEST_F(CheckFilesCliTest, ADamagedFileIsStatusOneWithItsPlaces) {
  const std::string record = RecordBuilder().Uid(1001).Bytes();
  const std::string path =
      dir_.Write("pacct", acct::testing::Repeat(record, 3) + std::string(128, 'x') +
                              acct::testing::Repeat(record, 3) + record.substr(0, 10));
  const Finished run = Run({"check", path, "--json"});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_EQ(FindingOf(run, "file")["numbers"]["records"], 6);
  EXPECT_EQ(FindingOf(run, "file")["numbers"]["skipped_bytes"], 128);
  EXPECT_EQ(FindingOf(run, "file_damage")["text"],
            "128 bytes at offset 192: not an accounting record");
}

TEST_F(CheckFilesCliTest, RecordsOfSeveralVersionsAreToldApart) {
  const std::string path = dir_.Write(
      "pacct", acct::testing::Repeat(RecordBuilder(3).Bytes(), 4) +
                   acct::testing::Repeat(RecordBuilder(2, RecordBuilder::kBigEndian).Bytes(), 3));
  const Finished run = Run({"check", path});
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_TRUE(absl::StrContains(run.out, "7 records of version 2 (big-endian): 3, version 3: 4,"))
      << run.out;
}

TEST_F(CheckFilesCliTest, WhatIsNoAccountingFileIsStatusTwo) {
  for (const std::string& path :
       {dir_.Write("text", std::string(1000, 'x')), dir_.Path("gone"), dir_.path()}) {
    const Finished run = Run({"check", path});
    EXPECT_EQ(run.exit_code, 2) << run.out;
    EXPECT_TRUE(absl::StartsWith(run.out, "CRITICAL - ")) << run.out;
  }
  // The worst one counts.
  EXPECT_EQ(Run({"check", pacct_, dir_.Path("gone")}).exit_code, 2);
  EXPECT_EQ(Run({"check", dir_.Write("empty", "")}).exit_code, 0);
}

TEST_F(CheckFilesCliTest, AFolderStandsForTheAccountingFilesInIt) {
  const std::string folder = dir_.Path("folder");
  std::filesystem::create_directory(folder);
  EXPECT_EQ(Run({"check", folder}).exit_code, 2);
  EXPECT_TRUE(absl::StrContains(Run({"check", folder}).out,
                                folder + ": there are no accounting files in this folder"));
  std::filesystem::copy(pacct_, folder + "/pacct");
  std::filesystem::copy(pacct_, folder + "/pacct.1");
  dir_.Write("folder/notes", std::string(1000, 'x'));
  const Finished whole = Run({"check", folder});
  EXPECT_EQ(whole.exit_code, 0) << whole.out;
  for (const char* name : {"/pacct: whole", "/pacct.1: whole", "/notes: not checked: "}) {
    EXPECT_TRUE(absl::StrContains(whole.out, folder + name)) << whole.out;
  }
  // In performance data each name may appear only once.
  EXPECT_FALSE(absl::StrContains(whole.out, "|")) << whole.out;
  std::ofstream(folder + "/pacct.1", std::ios::app) << "torn";
  EXPECT_EQ(Run({"check", folder}).exit_code, 1);
  EXPECT_EQ(Run({"check", folder, dir_.Path("gone")}).exit_code, 2);
}

TEST_F(CheckFilesCliTest, WhatIsNoFileIsNamedAndNotWaitedFor) {
  const std::string pipe = dir_.Path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string listener = dir_.Path("socket");
  ASSERT_EQ(mknod(listener.c_str(), S_IFSOCK | 0600, 0), 0);
  for (const auto& [path, kind] :
       {std::pair(pipe, "is a named pipe, to which nobody has written"),
        std::pair(listener, "is a socket"), std::pair(std::string("/dev/zero"), "is a device"),
        std::pair(std::string("/dev/null"), "is a device")}) {
    const Finished run = Run({"check", path});
    EXPECT_EQ(run.exit_code, 2) << run.out;
    EXPECT_TRUE(absl::StrContains(run.out, absl::StrCat("X  ", path, ": ", kind))) << run.out;
  }
}

TEST_F(CheckFilesCliTest, PipesThatSomebodyWritesToAreRead) {
  const std::string whole = ": whole: 33,664 bytes";
  for (const char* script :
       {"mkfifo pipe; cat pacct.1.gz >pipe & \"$0\" check pipe",
        "mkfifo late; (sleep 0.3; cat pacct.1.gz >late) & \"$0\" check late",
        "cat pacct.1.gz | \"$0\" check /dev/stdin", "cat pacct.1.gz | \"$0\" check -",
        // A pipe whose first byte comes late.
        "(sleep 0.3; cat pacct.1.gz) | \"$0\" check /dev/fd/0"}) {
    const TempDir here;
    std::filesystem::copy(absl::StrCat(kLab, "pacct.1.gz"), here.Path("pacct.1.gz"));
    const Finished run = RunProgram(
        {.argv = {"/bin/sh", "-c", script, std::filesystem::absolute("tools/cpuagg").string()},
         .environment = {"TZ=UTC"},
         .directory = here.path()});
    EXPECT_EQ(run.exit_code, 0) << script << "\n" << run.out << run.err;
    EXPECT_TRUE(absl::StrContains(run.out, whole)) << script << "\n" << run.out;
  }
}

}  // namespace
}  // namespace cpuagg::tools
