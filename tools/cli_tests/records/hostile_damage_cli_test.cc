// The built binary on accounting files that are empty, torn, shifted, or something else: hostile
// cases 1 to 11 of docs/hostile_cases.md.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/records/hostile_case.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

TEST_F(HostileCases, Case01_AnEmptyFile) {
  const Finished report = RunOn("", {"report"});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.out, kNothing);
  EXPECT_EQ(report.err, "");

  const Finished lines = SaLines("");
  EXPECT_EQ(lines.exit_code, 0);
  EXPECT_EQ(lines.out + lines.err, "");

  const Finished records = RunOn("", {"records", "--format=json"});
  EXPECT_EQ(records.exit_code, 0);
  EXPECT_EQ(records.out, "");
  EXPECT_EQ(records.err, "cpuagg: There are no records in %.\n");
}

TEST_F(HostileCases, Case02_LessThanARecord) {
  for (size_t bytes = 1; bytes < 64; ++bytes) {
    const Finished report = RunOn(alice_.substr(0, bytes), {"report"});
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.err,
              absl::StrCat("cpuagg: %: the last ", bytes, bytes == 1 ? " byte" : " bytes",
                           ", from offset 0, are not a whole record and were not counted\n"));
    EXPECT_EQ(report.out,
              absl::StrCat(kNothing, "Damage: %: ", bytes, bytes == 1 ? " byte" : " bytes", " of ",
                           bytes, " could not be read and are not counted.\n"));
  }
  const Finished summary = RunOn("abc", {"sa", "-m"});
  EXPECT_EQ(summary.exit_code, 1);
  EXPECT_EQ(summary.out, "");
}

TEST_F(HostileCases, Case03_ATornLastRecord) {
  for (const size_t bytes : {1, 54, 63}) {
    const std::string file = alice_ + bob_ + carol_.substr(0, bytes);
    const std::string warning =
        absl::StrCat("cpuagg: %: the last ", bytes, bytes == 1 ? " byte" : " bytes",
                     ", from offset 128, are not a whole record and were not counted\n");
    const Reported report = Report(file);
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.err, warning);
    EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n");
    EXPECT_EQ(report.whole["input"]["trailing_bytes"], bytes);
    EXPECT_EQ(report.whole["input"]["skipped_bytes"], 0);

    const Finished lines = SaLines(file);
    EXPECT_EQ(lines.exit_code, 3);
    EXPECT_EQ(lines.out, absl::StrCat(kAliceLine, kBobLine));
    EXPECT_EQ(lines.err, absl::StrCat(warning, kSaNote));
  }
}

TEST_F(HostileCases, Case04_ATornLastRecordThatIsCompletedCountsOnce) {
  const Strings collect = {"collect", "--no-running", "--passwd", passwd_};
  const Strings report = {"report", "--format=json", "--store", dir_.Path("store")};
  dir_.Write("pacct", alice_ + bob_.substr(0, 40));
  const Finished first = RunMasked(collect);
  EXPECT_EQ(first.exit_code, 0) << "the writer is not done, that is not damage";
  EXPECT_EQ(first.err, "");
  EXPECT_EQ(Read(RunMasked(report)).rows, "1001 alice 1 3.25\n");

  dir_.Append("pacct", bob_.substr(40) + carol_);
  const Finished second = RunMasked(collect);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(Read(RunMasked(report)).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
  EXPECT_EQ(RunMasked(collect).exit_code, 0);
  EXPECT_EQ(Read(RunMasked(report)).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
}

// They are 62 bytes long, or 64, which only the next record shows.
TEST_F(HostileCases, Case04_ATornRecordOfVersion1ThatIsCompletedCountsOnce) {
  for (const std::string& padding : {std::string(), std::string(2, '\0')}) {
    const auto record = [&](uint32_t uid) {
      return RecordBuilder(1).Uid(uid).UserTime(100).Command("job").Bytes() + padding;
    };
    const std::string before = record(1001) + record(1002) + record(1002);
    const std::string torn = record(1003);
    for (const size_t bytes : {size_t{1}, size_t{2}, size_t{3}, size_t{30}, torn.size() - 1}) {
      SCOPED_TRACE(absl::StrCat(torn.size(), " bytes, cut after ", bytes));
      const std::string store = dir_.Path(absl::StrCat("store.", torn.size(), ".", bytes));
      const Strings collect = {"collect", "--no-running", "--passwd", passwd_, "--store", store};
      dir_.Write("pacct", before + torn.substr(0, bytes));
      EXPECT_EQ(RunMasked(collect).exit_code, 0);
      dir_.Append("pacct", torn.substr(bytes));
      const Finished second = RunMasked(collect);
      EXPECT_EQ(second.exit_code, 0);
      EXPECT_EQ(second.err, "");
      EXPECT_EQ(Read(RunMasked({"report", "--format=json", "--store", store})).rows,
                "1002 bob 2 2\n1001 alice 1 1\n1003 carol 1 1\n");
    }
  }
}

// Stray bytes and the head of a good record fill a slot.
TEST_F(HostileCases, Case11_DamageInAFileThatGrowsWaitsForWhatFollows) {
  const Strings collect = {"collect", "--no-running", "--passwd", passwd_};
  const Strings report = {"report", "--format=json", "--store", dir_.Path("store")};
  dir_.Write("pacct", alice_ + bob_ + std::string(20, '\x7f') + carol_.substr(0, 44));
  const Finished first = RunMasked(collect);
  EXPECT_EQ(first.exit_code, 3);
  EXPECT_EQ(first.err,
            "cpuagg: %: the last 64 bytes, from offset 128, are damaged or incomplete, and are not "
            "counted yet; a run reads them once more has followed or the file is rotated\n");
  EXPECT_EQ(Read(RunMasked(report)).rows, "1001 alice 1 3.25\n1002 bob 1 2\n");

  dir_.Append("pacct", carol_.substr(44) + alice_ + alice_);
  const Finished second = RunMasked(collect);
  EXPECT_EQ(second.exit_code, 3);
  EXPECT_EQ(second.err,
            "cpuagg: %: skipped 20 bytes at offset 128: a torn record or stray bytes; reading "
            "resumed at the next record\n");
  EXPECT_EQ(Read(RunMasked(report)).rows, "1001 alice 3 9.75\n1002 bob 1 2\n1003 carol 1 1\n");
  EXPECT_EQ(RunMasked(collect).exit_code, 0);
}

TEST_F(HostileCases, Case11_ARecordThatMayBeDamageWaitsForAUsualOneAndCollectSaysSo) {
  const Strings collect = {"collect", "--no-running", "--passwd", passwd_};
  const std::string odd = RecordBuilder().Uid(1003).BeginTime(1).Command("").Bytes();
  dir_.Write("pacct", alice_ + bob_ + odd);
  for (int run = 0; run < 2; ++run) {
    const Finished waits = RunMasked(collect);
    EXPECT_EQ(waits.exit_code, 0);
    EXPECT_EQ(
        waits.err,
        "cpuagg: %: the last 64 bytes, from offset 128, are unlike a usual record, and are not "
        "counted yet; a run counts them once a usual one has followed or the file is rotated\n");
  }
  dir_.Append("pacct", alice_);
  const Finished last = RunMasked(collect);
  EXPECT_EQ(last.exit_code, 0);
  EXPECT_EQ(last.err, "");
  const Finished report = RunMasked({"report", "--format=json", "--store", dir_.Path("store")});
  EXPECT_EQ(nlohmann::json::parse(report.out)["totals"]["processes"], 4);
}

TEST_F(HostileCases, Case05_TruncatedWhileItIsRead) {
  for (const Strings& command : {Strings{"report"}, {"records"}, {"sa", "-u"}, {"sa", "-m"}}) {
    dir_.Write("pacct", Repeat(alice_, 100'000));
    Program program = Cpuagg(command);
    program.argv.push_back(pacct_);
    // The sanitizers must be loaded first, but also work if they are not.
    program.environment.push_back("LD_PRELOAD=tools/testing/libtruncate_on_mmap.so");
    program.environment.push_back("TRUNCATE_ON_MMAP=" + pacct_);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    const Finished run = Masked(RunProgram(program));
    EXPECT_EQ(run.signal, 0);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.err.find("cpuagg: %: truncated by another process while it was read (from "
                           "6400000 to 100 bytes)"),
              0u)
        << run.err;
  }
}

TEST_F(HostileCases, Case06_VersionsThatDoNotExistAreToldOnceWithTheirNumber) {
  std::string unknown;
  int count = 0;
  for (int version = 6; version <= 127; ++version) {
    for (const int order : {0, 0x80}) {
      unknown += RecordBuilder().VersionByte(static_cast<uint8_t>(version | order)).Bytes();
      ++count;
    }
  }
  const Reported report = Report(alice_ + unknown + bob_);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.err, Skipped("15,616", 64, "not an accounting record"));
  EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n");
  EXPECT_EQ(report.skipped, absl::StrCat("64+", count * 64, " no_record\n"));

  const Finished lines = SaLines(alice_ + unknown + bob_);
  EXPECT_EQ(lines.exit_code, 3);
  EXPECT_EQ(lines.out, absl::StrCat(kAliceLine, kBobLine));
}

TEST_F(HostileCases, Case07_ReservedVersions) {
  const std::string file = alice_ + RecordBuilder().VersionByte(4).Uid(1002).UserTime(300).Bytes() +
                           RecordBuilder().VersionByte(5).Uid(1002).UserTime(400).Bytes() + carol_;
  const std::string warning =
      Skipped("128", 64, "records of version 4 or 5, which are reserved and not defined");
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.err, warning);
  EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1003 carol 1 1\n");
  EXPECT_EQ(report.skipped, "64+128 reserved_version\n");

  const Finished lines = SaLines(file);
  EXPECT_EQ(lines.exit_code, 3);
  EXPECT_EQ(lines.out,
            absl::StrCat(kAliceLine,
                         "bob        3.00 cpu        0k mem      0 io true            \n"
                         "carol      1.00 cpu        0k mem      0 io xz              \n"));
  EXPECT_EQ(lines.err, absl::StrCat(warning, kSaNote));
}

TEST_F(HostileCases, Case08_AHoleIsNobodysAndRootsToSa) {
  const std::string file = alice_ + std::string(4096, '\0') + bob_;
  const std::string warning = Skipped("4,096", 64, "zeros where records should be");
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.err, warning);
  EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n");
  EXPECT_EQ(report.skipped, "64+4096 zeros\n");
  EXPECT_EQ(Records(file), "0 3 1001 true\n4160 3 1002 gcc\n");

  const std::string root = "root       0.00 cpu        0k mem      0 io                 \n";
  const Finished lines = SaLines(file);
  EXPECT_EQ(lines.exit_code, 3);
  EXPECT_EQ(lines.out, absl::StrCat(kAliceLine, Repeat(root, 64), kBobLine));
  EXPECT_EQ(lines.err, absl::StrCat(warning, kSaNote));
}

TEST_F(HostileCases, Case09_AllOnes) {
  const std::string file(640, '\xff');
  const std::string warning =
      "cpuagg: %: none of its 640 bytes is an accounting record; is this an accounting file?\n";
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.err, warning);
  EXPECT_EQ(report.rows, "");
  EXPECT_EQ(report.skipped, "0+640 no_record\n");

  const Finished lines = SaLines(file);
  EXPECT_EQ(lines.exit_code, 3);
  EXPECT_EQ(lines.out, "");
  const Finished summary = RunOn(file, {"sa", "-m"});
  EXPECT_EQ(summary.exit_code, 1);
  EXPECT_EQ(summary.out, "");
  EXPECT_EQ(summary.err, absl::StrCat(warning, "cpuagg: %: has no records to sum up\n"));
}

TEST_F(HostileCases, Case09_FilesOfOtherKinds) {
  // FreeBSD's acctv2 from a big-endian machine, whose second byte looks like version 2.
  std::string foreign;
  for (int i = 0; i < 3; ++i) {
    std::string record(64, '\0');
    record.replace(0, 4, std::string("\0\2\0\x40", 4));
    record.replace(4, 15, "long_command_na");
    record.replace(32, 4, "\x58\xcf\xbb\x80");
    foreign += record;
  }
  const std::string prose =
      "\x08\x02lorem ipsum dolor sit amet, consectetur adipiscing elit sed do";
  std::string terminfo("\x1a\1\x28\0\0\0\0\0\0\0\0\0demo+host|Demo terminal for a host", 45);
  terminfo.resize(116);
  for (const std::string& file : {foreign, prose.substr(0, 64), terminfo}) {
    const Reported report = Report(file);
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.rows, "");
    EXPECT_NE(report.err.find(file == foreign ? "; this looks like an accounting file of FreeBSD "
                                                "(acctv2); cpuagg reads those of Linux\n"
                                              : "; is this an accounting file?\n"),
              std::string::npos)
        << report.err;
  }
}

TEST_F(HostileCases, Case10_SixteenByteShift) {
  const std::string records = alice_ + bob_ + carol_;
  for (const std::string& shift :
       {std::string(16, 'x'), std::string(16, '\0'), records.substr(48, 16), std::string("odd")}) {
    const Reported report = Report(shift + records);
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.err, Skipped(absl::StrCat(shift.size()), 0, kTorn));
    EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
    EXPECT_EQ(report.skipped, absl::StrCat("0+", shift.size(), " misaligned\n"));
  }
  // GNU sa's output for the same: it takes the fields of one record for those of another.
  const Finished lines = SaLines(records.substr(48));
  EXPECT_EQ(lines.exit_code, 3);
  EXPECT_EQ(lines.err, absl::StrCat(Skipped("16", 0, kTorn), kSaNote));
  EXPECT_EQ(lines.out.find("gcc"), std::string::npos) << lines.out;
}

TEST_F(HostileCases, Case11_ATornRecordInTheMiddle) {
  const std::string behind = carol_ + alice_ + carol_;
  for (size_t kept = 1; kept < 64; ++kept) {
    SCOPED_TRACE(kept);
    const Reported report = Report(alice_ + bob_.substr(0, kept) + behind);
    EXPECT_EQ(report.exit_code, 3);
    EXPECT_EQ(report.rows, "1001 alice 2 6.5\n1003 carol 2 2\n");
    EXPECT_EQ(report.skipped, absl::StrCat("64+", kept, " misaligned\n"));
    EXPECT_EQ(report.err, absl::StrReplaceAll(Skipped(absl::StrCat(kept), 64, kTorn),
                                              {{"skipped 1 bytes", "skipped 1 byte"}}));
  }
}

}  // namespace
}  // namespace cpuagg::tools
