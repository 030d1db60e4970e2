#include "tools/check/accounting/file_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/record/plausibility.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/testing/collector_fixture.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using aggregate::testing::Gzipped;
using Strings = std::vector<std::string>;

constexpr uint32_t kBegin = 1'700'000'000;  // 2023-11-14 22:13:20 UTC

class FileCheckTest : public ::testing::Test {
 protected:
  // `count` records of one user, of processes that ended in successive seconds.
  std::string Records(int count, uint32_t user = 1001) {
    std::string records;
    for (int i = 0; i < count; ++i) {
      records += RecordBuilder().Uid(user).Pid(++pid_).BeginTime(kBegin + seconds_++).Bytes();
    }
    return records;
  }

  std::vector<Finding> Check(const std::string& path) const {
    Findings findings;
    CheckFile(path, format_, zone_, findings);
    return findings.Get();
  }
  std::vector<Finding> CheckContent(const std::string& content) const {
    return Check(dir_.Write("pacct", content));
  }
  std::vector<Finding> CheckAll(const std::string& folder) const {
    Findings findings;
    CheckFolder(folder, format_, zone_, findings);
    return findings.Get();
  }
  // Expects one critical finding with this text.
  static void ExpectRefused(const std::vector<Finding>& findings, const std::string& subject,
                            const std::string& text) {
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].id, "file");
    EXPECT_EQ(findings[0].level, Level::kCritical);
    EXPECT_EQ(findings[0].subject, subject);
    EXPECT_EQ(findings[0].text, text);
  }
  static Strings TextsOf(const std::vector<Finding>& findings) {
    Strings texts;
    for (const Finding& finding : findings) texts.push_back(finding.text);
    return texts;
  }

  const acct::testing::TempDir dir_;
  acct::RecordFormat format_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  uint32_t pid_ = 100;
  uint32_t seconds_ = 0;
};

TEST_F(FileCheckTest, AWholeFileIsSummarised) {
  const std::vector<Finding> findings = CheckContent(Records(2) + Records(1, 1002));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].id, "file");
  EXPECT_EQ(findings[0].level, Level::kOk);
  EXPECT_EQ(findings[0].subject, dir_.Path("pacct"));
  EXPECT_EQ(findings[0].text,
            "whole: 192 bytes; 3 records of version 3, ended 2023-11-14 22:13:20 – 22:13:22 UTC, "
            "of 2 users");
  Strings numbers;
  for (const Number& number : findings[0].numbers) {
    numbers.push_back(absl::StrCat(number.name, "=", number.value, number.unit));
  }
  EXPECT_EQ(numbers, (Strings{"bytes=192B", "records=3", "skipped_bytes=0B", "trailing_bytes=0B"}));
}

TEST_F(FileCheckTest, TheEndsAreThoseOfAllProcessesWhateverTheirOrder) {
  zone_ = absl::FixedTimeZone(3600);
  const std::string later = RecordBuilder().Pid(8).BeginTime(kBegin + 100).Elapsed(50).Bytes();
  const std::string sooner = RecordBuilder().Pid(9).BeginTime(kBegin).Bytes();
  EXPECT_EQ(CheckContent(later + sooner)[0].text,
            "whole: 128 bytes; 2 records of version 3, ended 2023-11-14 23:13:20 – 23:15:00 "
            "+01, of 1 user");
}

TEST_F(FileCheckTest, RecordsOfSeveralKindsAreCountedByKind) {
  const std::string big = Repeat(RecordBuilder(3, RecordBuilder::kBigEndian).Bytes(), 2);
  EXPECT_EQ(CheckContent(big)[0].text,
            "whole: 128 bytes; 2 records of version 3 (big-endian), ended 2023-11-14 22:13:20 – "
            "22:13:20 UTC, of 1 user");
  EXPECT_TRUE(absl::StrContains(
      CheckContent(Records(3) + Repeat(RecordBuilder(2).Bytes(), 4) + Repeat(big, 2))[0].text,
      "; 11 records of version 2: 4, version 3: 3, version 3 (big-endian): 4, ended "));
}

TEST_F(FileCheckTest, AnEmptyFileIsWhole) {
  const std::vector<Finding> findings = CheckContent("");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].level, Level::kOk);
  EXPECT_EQ(findings[0].text, "whole, and empty");
}

TEST_F(FileCheckTest, EachDamagedPlaceIsAWarningOfItsOwn) {
  const std::vector<Finding> findings =
      CheckContent(Records(3) + std::string(128, 'x') + Records(3) + "torn");
  EXPECT_EQ(TextsOf(findings),
            (Strings{"damaged: 516 bytes, of which 132 are not records; 6 records of version 3, "
                     "ended 2023-11-14 22:13:20 – 22:13:25 UTC, of 1 user",
                     "128 bytes at offset 192: not an accounting record",
                     "the last 4 bytes, from offset 512, are not a whole record: the file was cut "
                     "off, or is being written"}));
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.level, Level::kWarning);
    EXPECT_EQ(finding.subject, dir_.Path("pacct"));
    EXPECT_EQ(finding.id, &finding == &findings[0] ? "file" : "file_damage");
  }
}

TEST_F(FileCheckTest, ASingleByteAtTheEndIsNotBytes) {
  const std::vector<Finding> findings = CheckContent(Records(3) + "t");
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_TRUE(absl::StartsWith(findings[1].text, "the last 1 byte, from offset 192, "))
      << findings[1].text;
}

TEST_F(FileCheckTest, OfManyDamagedPlacesTwentyAreListed) {
  std::string content = Records(3);
  for (size_t places = 1; places <= 22; ++places) {
    content += std::string(64, 'x') + Records(3);
    if (places < 20) continue;
    const std::vector<Finding> findings = CheckContent(content);
    ASSERT_EQ(findings.size(), places == 20 ? 21u : 22u);
    EXPECT_EQ(findings[20].text, "64 bytes at offset 5056: not an accounting record");
    if (places == 20) continue;
    EXPECT_EQ(findings[21].text, places == 21 ? "and 1 more place" : "and 2 more places");
  }
}

TEST_F(FileCheckTest, WithoutARecordItIsNotAnAccountingFile) {
  const std::string path = dir_.Path("pacct");
  ExpectRefused(CheckContent(std::string(1000, 'x')), path,
                "nothing in it is an accounting record: 1,000 bytes");
  ExpectRefused(CheckContent("x"), path, "nothing in it is an accounting record: 1 byte");
}

TEST_F(FileCheckTest, TheFormatOfAnotherSystemIsNamed) {
  std::string content;
  for (const std::string name : {"sh", "cc1plus"}) {
    std::string record(40, '\0');
    record.replace(0, name.size(), name);
    record.replace(16, 4, {'\x80', '\xa1', '\xcf', '\x58'});  // a second of 2017
    content += record;
  }
  ExpectRefused(CheckContent(content), dir_.Path("pacct"),
                "nothing in it is an accounting record: 80 bytes; it looks like one of macOS");
}

TEST_F(FileCheckTest, OfACompressedFileTheContentCounts) {
  EXPECT_EQ(CheckContent(Gzipped(Records(2)))[0].text,
            "whole: 128 bytes (as decompressed from gzip); 2 records of version 3, ended "
            "2023-11-14 22:13:20 – 22:13:21 UTC, of 1 user");
  EXPECT_EQ(CheckContent(Gzipped(""))[0].text, "whole, and empty");
}

TEST_F(FileCheckTest, ACompressedFileThatIsCutShortIsDamagedEvenIfAllThatIsLeftIsRecords) {
  const std::string whole = Gzipped(Records(500));
  const std::vector<Finding> findings = CheckContent(whole.substr(0, whole.size() - 8));
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].level, Level::kWarning);
  EXPECT_TRUE(absl::StartsWith(
      findings[0].text,
      "damaged: 32,000 bytes (as decompressed from gzip), of which 0 are not records; 500 records"))
      << findings[0].text;
  EXPECT_EQ(findings[1].id, "file_damage");
  EXPECT_FALSE(findings[1].text.empty());
  // Of this nothing is left.
  const std::vector<Finding> nothing = CheckContent(whole.substr(0, 10));
  ExpectRefused(nothing, dir_.Path("pacct"),
                "nothing in it is an accounting record: 0 bytes (as decompressed from gzip)");
}

TEST_F(FileCheckTest, WhatCannotBeOpenedIsSaidWithoutItsNameTwice) {
  const std::string gone = dir_.Path("gone");
  ExpectRefused(Check(gone), gone, "cannot open: No such file or directory");
  const std::string listener = dir_.Path("socket");
  ASSERT_EQ(mknod(listener.c_str(), S_IFSOCK | 0600, 0), 0);
  ExpectRefused(Check(listener), listener,
                "is a socket, and accounting files are regular files, or pipes");
  ExpectRefused(Check("/dev/null"), "/dev/null",
                "is a device, and accounting files are regular files, or pipes");
  ExpectRefused(Check(dir_.path()), dir_.path(), "is a directory; name an accounting file in it");
}

TEST_F(FileCheckTest, APipeIsReadAsItComes) {
  const std::string path = dir_.Path("pipe");
  for (const bool is_compressed : {false, true}) {
    std::filesystem::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    // As long as somebody may read, what was written stays in it.
    const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(writer, 0);
    seconds_ = 0;
    const std::string content = is_compressed ? Gzipped(Records(2)) : Records(2);
    EXPECT_EQ(write(writer, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    close(writer);
    const std::vector<Finding> findings = Check(path);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].text,
              "whole: 128 bytes; 2 records of version 3, ended 2023-11-14 22:13:20 – 22:13:21 "
              "UTC, of 1 user");
    close(reader);
  }
}

TEST_F(FileCheckTest, AFolderIsCheckedOldestFileFirst) {
  dir_.Write("pacct", Records(1));
  dir_.Write("pacct.1", Records(3) + "torn");
  dir_.Write("notes", "copied by hand\n");
  const std::vector<Finding> findings = CheckAll(dir_.path());
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[0].subject, dir_.path() + "/pacct.1");
  EXPECT_EQ(findings[0].level, Level::kWarning);
  EXPECT_EQ(findings[1].id, "file_damage");
  EXPECT_EQ(findings[2].subject, dir_.path() + "/pacct");
  EXPECT_EQ(findings[2].level, Level::kOk);
  EXPECT_EQ(findings[3].id, "file_passed_over");
  EXPECT_EQ(findings[3].level, Level::kNote);
  EXPECT_EQ(findings[3].subject, dir_.path() + "/notes");
  EXPECT_EQ(findings[3].text, "not checked: holds no accounting records");
}

TEST_F(FileCheckTest, AFolderWithoutAccountingFilesIsCritical) {
  dir_.Write("notes", "copied by hand\n");
  ExpectRefused(CheckAll(dir_.path()), dir_.path(), "there are no accounting files in this folder");
}

}  // namespace
}  // namespace cpuagg::tools::check
