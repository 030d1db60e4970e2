// The built binary, `cpuagg report`: which files it reads, what of them counts, and what it says
// about the others.

#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_run.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

class ReportFilesCliTest : public ReportRunTest {};

// Several files have the same records: how often each of the 40 records counts, and the messages.
TEST_F(ReportFilesCliTest, Case27_RecordsThatSeveralFilesHaveCountOnceWithAWarning) {
  const auto history = [](uint32_t from, uint32_t to) {
    std::string records;
    for (uint32_t i = from; i < to; ++i) {
      records += RecordBuilder().Uid(1001).Pid(100 + i).UserTime(100).Bytes();
    }
    return records;
  };
  const std::string all = dir_.Write("all", history(0, 40));
  const std::string early = dir_.Write("early", history(0, 15));
  const std::string late = dir_.Write("late", history(10, 40));
  const std::string link = dir_.Path("link");
  ASSERT_EQ(::link(all.c_str(), link.c_str()), 0);
  const std::string compressed = dir_.Path("all.gz");
  ASSERT_EQ(std::system(("gzip -c " + all + " > " + compressed).c_str()), 0);

  struct Case {
    Strings files;
    std::string warning;
  };
  for (const Case& c :
       {Case{{all, all}, all + ": is named twice and counted once"},
        Case{{all, link},
             link + ": all its records are in " + all + " as well and are counted once"},
        Case{{compressed, all},
             all + ": all its records are in " + compressed + " as well and are counted once"},
        Case{{early, all},
             early + ": all its records are in " + all + " as well and are counted once"},
        Case{{late, all},
             late + ": all its records are in " + all + " as well and are counted once"},
        Case{{early, late},
             late + ": its first 320 bytes are in " + early + " as well and are counted once"},
        Case{{late, early},
             late + ": its first 320 bytes are in " + early + " as well and are counted once"}}) {
    SCOPED_TRACE(c.warning);
    Strings arguments = {"--format=json", "--passwd", passwd_};
    arguments.insert(arguments.end(), c.files.begin(), c.files.end());
    const Finished run = RunReport(arguments);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "cpuagg: " + c.warning + "\n");
    const json report = json::parse(run.out);
    EXPECT_EQ(report["totals"]["processes"], 40);
    EXPECT_EQ(report["totals"]["cpu_seconds"], 40.00);
    EXPECT_EQ(report["input"]["bytes"], 40 * 64);
    EXPECT_EQ(report["input"]["repeated"].size(), 1u);
  }
}

TEST_F(ReportFilesCliTest, Case27_WhatACopyHasBesidesTheRecordsIsAnsweredFor) {
  std::string records;
  for (uint32_t i = 0; i < 400; ++i) {
    records +=
        RecordBuilder().Uid(1001).Pid(100 + i).UserTime(static_cast<uint16_t>(i % 90)).Bytes();
  }
  const std::string all = dir_.Write("all", records);
  const std::string torn =
      dir_.Write("torn", records.substr(0, 64 * 300) + std::string(30, '\x77'));
  const std::string packed = dir_.Path("all.gz");
  ASSERT_EQ(std::system(("gzip -c " + all + " > " + packed).c_str()), 0);
  const std::string cut = dir_.Path("cut.gz");
  ASSERT_EQ(std::system(("head -c 1000 " + packed + " > " + cut).c_str()), 0);
  const std::string inside = dir_.Write("inside", records.substr(0, 64 * 300 + 30));

  Finished run = RunReport({"--format=json", "--passwd", passwd_, torn, all});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.err, "cpuagg: " + torn + ": all its records are in " + all +
                         " as well and are counted once\ncpuagg: " + torn +
                         ": the last 30 bytes, from offset 19200, are not a whole record and were "
                         "not counted\n");
  json input = json::parse(run.out)["input"];
  EXPECT_EQ(input["bytes"], 400 * 64 + 30);
  EXPECT_EQ(input["records"], 400);
  EXPECT_EQ(input["trailing_bytes"], 30);

  run = RunReport({"--format=json", "--passwd", passwd_, all, cut});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find(cut + ": the gzip data is cut off at offset 1000"), std::string::npos)
      << run.err;
  input = json::parse(run.out)["input"];
  EXPECT_EQ(input["records"], 400);
  EXPECT_EQ(input["cut_short"].size(), 1u);

  // The beginning of a record that is whole in the other file is not lost.
  run = RunReport({"--format=json", "--passwd", passwd_, all, inside});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out)["input"]["repeated"][0]["bytes"], 64 * 300 + 30);
}

// Bad input, one case per line, with all messages of the program.
struct BadInput {
  const char* name;
  std::string content;
  int exit_code;
  std::string err;  // "%" replaces the path
  uint64_t records;
};

class BadInputTest : public ReportRunTest, public ::testing::WithParamInterface<BadInput> {};

TEST_P(BadInputTest, IsSaidAndAnsweredForToTheByte) {
  const BadInput& c = GetParam();
  const std::string path = dir_.Write("pacct", c.content);
  const Finished run = RunReport({"--format", "json", path});
  std::string err = c.err;
  for (size_t at; (at = err.find('%')) != std::string::npos;) err.replace(at, 1, path);
  EXPECT_EQ(run.exit_code, c.exit_code);
  EXPECT_EQ(run.err, err);
  const json input = json::parse(run.out)["input"];
  EXPECT_EQ(input["bytes"], c.content.size());
  EXPECT_EQ(input["records"], c.records);
  EXPECT_EQ(64 * c.records + input["skipped_bytes"].get<uint64_t>() +
                input["trailing_bytes"].get<uint64_t>(),
            c.content.size());
}

const std::string kRecord = RecordBuilder().Bytes();

INSTANTIATE_TEST_SUITE_P(
    Cases, BadInputTest,
    ::testing::Values(
        BadInput{"Empty", "", 0, "", 0},
        BadInput{"SixtyThreeBytes", kRecord.substr(0, 63), 3,
                 "cpuagg: %: the last 63 bytes, from offset 0, are not a whole record and were not "
                 "counted\n",
                 0},
        BadInput{
            "TenTrailingBytes", kRecord + kRecord + "0123456789", 3,
            "cpuagg: %: the last 10 bytes, from offset 128, are not a whole record and were not "
            "counted\n",
            2},
        BadInput{"APicture", "\x89PNG\r\n\x1a\n" + std::string(56, 'x') + std::string(64, 'y'), 3,
                 "cpuagg: %: none of its 128 bytes is an accounting record; is this an accounting "
                 "file?\n",
                 0},
        BadInput{"AHoleOfZeros", kRecord + std::string(4096, '\0') + kRecord, 3,
                 "cpuagg: %: skipped 4,096 bytes at offset 64: zeros where records should be\n", 2},
        BadInput{"ABitOfTheByteOrder",
                 kRecord + RecordBuilder().VersionByte(0x83).Bytes() + kRecord, 3,
                 "cpuagg: %: skipped 64 bytes at offset 64: an implausible record next to damaged "
                 "data\n",
                 2}),
    [](const auto& test) { return test.param.name; });

TEST_F(ReportFilesCliTest, FilesThatCannotBeReadAreFailuresThatNameThem) {
  const std::string unreadable = dir_.Write("secret", record_);
  ASSERT_EQ(chmod(unreadable.c_str(), 0), 0);
  const std::string listener = dir_.Path("socket");
  ASSERT_EQ(mknod(listener.c_str(), S_IFSOCK | 0600, 0), 0);
  struct Case {
    std::string path;
    std::string err;
  };
  const Case cases[] = {
      {dir_.Path("none"), ": cannot open: No such file or directory\n"},
      {unreadable, ": cannot open: Permission denied\n"},
      {listener, ": is a socket; name an accounting file\n"},
  };
  for (const Case& c : cases) {
    Program program = Report({c.path});
    program.obey_file_modes = true;
    const Finished run = RunProgram(program);
    EXPECT_EQ(run.exit_code, 1) << c.path;
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, "cpuagg: " + c.path + c.err);
  }
}

TEST_F(ReportFilesCliTest, AFileTruncatedWhileMappedIsAnErrorAndNotACrash) {
  if (acct::testing::SanitizerOfProgram() == "tsan")
    GTEST_SKIP() << "ThreadSanitizer maps memory through what is preloaded, before it can";
  const std::string path = dir_.Write("pacct", Repeat(record_, 100'000));
  Program program = Report({path});
  // The sanitizers must be loaded first, but also work if they are not.
  program.environment.push_back("LD_PRELOAD=tools/testing/libtruncate_on_mmap.so");
  program.environment.push_back("TRUNCATE_ON_MMAP=" + path);
  setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.signal, 0);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "cpuagg: " + path +
                         ": truncated by another process while it was read (from 6400000 to 100 "
                         "bytes); nothing of it was counted, run again\n");
}

TEST_F(ReportFilesCliTest, AFolderThatIsRotatedWhileItIsReadIsReadAgain) {
  if (acct::testing::SanitizerOfProgram() == "tsan")
    GTEST_SKIP() << "ThreadSanitizer maps memory through what is preloaded, before it can";
  const std::string folder = dir_.Path("account");
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  const std::string rotated = dir_.Write("account/pacct.1", Repeat(record_, 100'000));
  dir_.Write("account/pacct", RecordBuilder().Uid(1001).Pid(7).Bytes());
  Program program = Report({"--format=json", folder});
  program.environment.push_back("LD_PRELOAD=tools/testing/libtruncate_on_mmap.so");
  program.environment.push_back("TRUNCATE_ON_MMAP=" + rotated);
  program.environment.push_back("MOVE_ON_MMAP_TO=" + folder + "/pacct.2");
  setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  const Finished run = RunProgram(program);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(access(rotated.c_str(), F_OK), -1) << "it was not moved";
  EXPECT_EQ(json::parse(run.out)["input"]["records"], 100'001);
}

TEST_F(ReportFilesCliTest, ACompressedFileThatIsCutOffCountsAsFarAsItGoes) {
  // Stored, not deflated: a gzip header, and one block of 128 bytes without a trailer.
  const std::string header("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x80\0\x7f\xff", 15);
  const std::string path = dir_.Write("pacct.1.gz", header + Repeat(record_, 2));
  const Finished run = RunReport({"--format=json", path});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.err, "cpuagg: " + path +
                         ": the gzip data is cut off at offset 143 of the compressed file; "
                         "counted 2 records before that\n");
  EXPECT_EQ(json::parse(run.out)["rows"][0]["processes"], 2);

  const Finished nothing = RunReport({dir_.Write("pacct.2.gz", header.substr(0, 5))});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_NE(nothing.err.find("the gzip data is cut off at offset 5"), std::string::npos)
      << nothing.err;
}

// Several threads read compressed files at once, in any order.
TEST_F(ReportFilesCliTest, SeveralCompressedFilesAreReadAtOnceAndSayTheSame) {
  Strings plain = {"--format=json", "--passwd", passwd_, "--threads=1"};
  Strings packed = {"--format=json", "--passwd", passwd_, "--threads=3"};
  for (uint32_t n = 0; n < 7; ++n) {
    std::string records;
    for (uint32_t i = 0; i < 1000 * n + 10; ++i) {
      records += RecordBuilder()
                     .Uid(i % 100)
                     .Pid(100'000 * (n + 1) + i)
                     .UserTime(static_cast<uint16_t>(n + 1))
                     .Bytes();
    }
    // Two of them contain damage.
    if (n % 3 == 1) records.insert(64 * 5, "damage");
    const std::string path = dir_.Write("pacct." + std::to_string(n), records);
    plain.push_back(path);
    ASSERT_EQ(std::system(("gzip -c " + path + " > " + path + ".gz").c_str()), 0);
    // One of them is not compressed.
    packed.push_back(n == 4 ? path : path + ".gz");
  }
  const Finished one = RunReport(plain);
  const Finished other = RunReport(packed);
  EXPECT_EQ(one.exit_code, 3) << one.err;
  EXPECT_EQ(other.exit_code, 3) << other.err;
  const json expected = json::parse(one.out);
  const json report = json::parse(other.out);
  EXPECT_EQ(report["rows"], expected["rows"]);
  EXPECT_EQ(report["period"], expected["period"]);
  EXPECT_EQ(report["input"]["records"], 21'070);
  EXPECT_EQ(report["input"]["skipped_bytes"], 12);

  // If several cannot be read, the first is named, whichever thread comes to it first.
  packed[5] = dir_.Path("missing1");
  packed[8] = dir_.Path("missing2");
  EXPECT_NE(RunReport(packed).err.find("missing1"), std::string::npos);
}

TEST_F(ReportFilesCliTest, MoreUsersThanThereIsMemoryForAreAFailureThatSaysSo) {
  if (!acct::testing::SanitizerOfProgram().empty())
    GTEST_SKIP() << "sanitizers need more addresses than the limit leaves";
  std::string records;
  for (uint32_t uid = 0; uid < 1'000'000; ++uid) {
    const std::string_view id(reinterpret_cast<const char*>(&uid), sizeof uid);
    records.append(record_).replace(records.size() - 64 + 8, sizeof uid, id);
  }
  const std::string file = dir_.Write("pacct", records);
  // Half a GiB: enough for the file, the libraries and the sums, but not for a row for each user.
  const Finished run = RunProgram({.argv = {"/bin/sh", "-c",
                                            "ulimit -v 500000; exec tools/cpuagg report --passwd " +
                                                passwd_ + " --threads=1 " + file}});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err.find("cpuagg: out of memory; nothing that was collected"), 0u) << run.err;
}

}  // namespace
}  // namespace cpuagg::tools
