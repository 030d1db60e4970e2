// The built binary on everything that an accounting file should not be and sometimes is: each case
// by its number in a list of thirty that was drawn up from what writers, rotations, full disks,
// other machines and people do to such files. docs/accounting_format.md says what the records are.

#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using acct::testing::TempDir;
using nlohmann::json;
using testing::Finished;
using testing::Program;
using testing::RunProgram;

constexpr auto kLittle = RecordBuilder::kLittleEndian;
constexpr auto kBig = RecordBuilder::kBigEndian;

class HostileCases : public ::testing::Test {
 protected:
  Program Cpuagg(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "tools/cpuagg");
    return {.argv = std::move(arguments),
            .environment = {"CPUAGG_HOST_NAME=lab01", "TZ=UTC", "CPUAGG_ACCOUNTING_FILE=" + path_,
                            "CPUAGG_STORE=" + dir_.Path("store")}};
  }

  // In messages and output the path of the file is "%".
  Finished Run(std::vector<std::string> arguments) const {
    return Shortened(RunProgram(Cpuagg(std::move(arguments))));
  }

  // Of a command line for the shell, in which $cpuagg is the program and $file the file.
  Finished RunInShell(const std::string& command) const {
    Program program = Cpuagg({});
    program.argv = {"/bin/bash", "-c", command};
    for (const std::string& variable : {std::string("cpuagg=tools/cpuagg"), "file=" + path_,
                                        "dir=" + dir_.path(), "passwd=" + passwd_}) {
      program.environment.push_back(variable);
    }
    return Shortened(RunProgram(program));
  }

  Finished Shortened(Finished run) const {
    run.out = absl::StrReplaceAll(run.out, {{path_, "%"}});
    run.err = absl::StrReplaceAll(run.err, {{path_, "%"}});
    return run;
  }

  // `cpuagg COMMAND ... FILE` on a file of `content`, with names for the uids 1001 to 1003.
  Finished RunOn(absl::string_view content, std::vector<std::string> arguments) const {
    dir_.Write("pacct", content);
    arguments.insert(arguments.end(), {"--passwd", passwd_, path_});
    return Run(std::move(arguments));
  }

  Finished SaLines(absl::string_view content) const { return RunOn(content, {"sa", "-u"}); }

  struct Reported {
    int exit_code;
    std::string err;
    std::string rows;     // "uid name processes cpu_seconds" a line, most CPU time first
    std::string skipped;  // "offset+bytes reason" a line
    json whole;
    std::string text;
  };

  Reported Report(absl::string_view content, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {"report", "--format=json"});
    return Read(RunOn(content, std::move(arguments)));
  }

  static Reported Read(const Finished& run) {
    Reported reported = {.exit_code = run.exit_code, .err = run.err, .text = run.out};
    EXPECT_EQ(run.signal, 0);
    reported.whole = json::parse(run.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_FALSE(reported.whole.is_discarded()) << run.out << run.err;
    if (reported.whole.is_discarded()) return reported;
    for (const json& row : reported.whole["rows"]) {
      const json& user = row["user"];
      absl::StrAppend(&reported.rows, row["uid"].get<uint64_t>(), " ",
                      user.is_null() ? "-" : user.get<std::string>(), " ",
                      row["processes"].get<uint64_t>(), " ", row["cpu_seconds"].get<double>(),
                      "\n");
    }
    const json& input = reported.whole["input"];
    for (const json& region : input["skipped"]) {
      absl::StrAppend(&reported.skipped, region["offset"].get<uint64_t>(), "+",
                      region["bytes"].get<uint64_t>(), " ", region["reason"].get<std::string>(),
                      "\n");
    }
    return reported;
  }

  // The records there are: "offset version uid command" a line.
  std::string Records(absl::string_view content) const {
    const Finished run = RunOn(content, {"records", "--format=json"});
    std::string text;
    for (size_t begin = 0; begin < run.out.size();) {
      const size_t end = run.out.find('\n', begin);
      const json record = json::parse(run.out.substr(begin, end - begin));
      absl::StrAppend(&text, record["offset"].get<uint64_t>(), " ",
                      record["version"].get<uint64_t>(), " ", record["uid"].get<uint64_t>(), " ",
                      record["command"].get<std::string>(), "\n");
      begin = end + 1;
    }
    return text;
  }

  TempDir dir_;
  std::string path_ = dir_.Path("pacct");
  std::string passwd_ = dir_.Write("passwd",
                                   "root:x:0:0::/root:/bin/sh\n"
                                   "alice:x:1001:1001::/home/alice:/bin/sh\n"
                                   "bob:x:1002:1002::/home/bob:/bin/sh\n"
                                   "carol:x:1003:1003::/home/carol:/bin/sh\n");
  // A process as there are many: what is torn or shifted must not be taken for one by chance.
  static RecordBuilder Process(uint32_t uid) {
    return RecordBuilder().Uid(uid).Gid(uid).Flags(2).Pid(700 + uid).ParentPid(700);
  }
  // 3.25, 2 and 1 seconds of CPU time.
  std::string alice_ = Process(1001).UserTime(258).SystemTime(67).Bytes();
  std::string bob_ = Process(1002).UserTime(200).Command("gcc").Bytes();
  std::string carol_ = Process(1003).SystemTime(100).Command("xz").Bytes();
};

constexpr char kNothing[] =
    "CPU by user on lab01, all time\nfrom %\n\nNo CPU usage.\n\nThere are no records in %.\n";
constexpr char kAliceLine[] = "alice      3.25 cpu        0k mem      0 io true            \n";
constexpr char kBobLine[] = "bob        2.00 cpu        0k mem      0 io gcc             \n";

// Behind the warnings of `cpuagg sa`.
constexpr char kSaNote[] =
    "cpuagg: GNU sa reads such bytes as records, and so does `cpuagg sa`; `cpuagg report` and "
    "`cpuagg records` leave them out\n";

std::string Skipped(absl::string_view bytes, int offset, absl::string_view why) {
  return absl::StrCat("cpuagg: %: skipped ", bytes, " bytes at offset ", offset, ": ", why, "\n");
}
constexpr char kTorn[] =
    "a torn record or stray bytes; the records behind it are read where they begin";

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
  const std::vector<std::string> collect = {"collect", "--no-running", "--passwd", passwd_};
  const std::vector<std::string> report = {"report", "--format=json", "--store",
                                           dir_.Path("store")};
  dir_.Write("pacct", alice_ + bob_.substr(0, 40));
  const Finished first = Run(collect);
  EXPECT_EQ(first.exit_code, 0) << "the writer is not done, that is no damage";
  EXPECT_EQ(first.err, "");
  EXPECT_EQ(Read(Run(report)).rows, "1001 alice 1 3.25\n");

  dir_.Append("pacct", bob_.substr(40) + carol_);
  const Finished second = Run(collect);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(second.err, "");
  EXPECT_EQ(Read(Run(report)).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
  EXPECT_EQ(Run(collect).exit_code, 0);
  EXPECT_EQ(Read(Run(report)).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
}

TEST_F(HostileCases, Case05_TruncatedWhileItIsRead) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"report"}, {"records"}, {"sa", "-u"}, {"sa", "-m"}}) {
    dir_.Write("pacct", Repeat(alice_, 100'000));
    Program program = Cpuagg(command);
    program.argv.push_back(path_);
    // The sanitizers want to be loaded first, and do no harm second.
    program.environment.push_back("LD_PRELOAD=tools/testing/libtruncate_on_mmap.so");
    program.environment.push_back("TRUNCATE_ON_MMAP=" + path_);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    const Finished run = Shortened(RunProgram(program));
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
  const std::string warning = Skipped(
      "128", 64, "records of version 4 or 5, a format that is reserved and has no definition");
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
  // FreeBSD's acctv2 of a big-endian machine, whose second byte is that of version 2.
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
  // What GNU sa makes of the same: the fields of one record for those of another.
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

TEST_F(HostileCases, Case12_BothByteOrdersInOneFile) {
  const std::string file =
      alice_ + RecordBuilder(3, kBig).Uid(1002).UserTime(200).Pid(77).Command("gcc").Bytes() +
      RecordBuilder(2, kBig).Uid(1003).SystemTime(100).Rate(100).Bytes() + alice_;
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 2 6.5\n1002 bob 1 2\n1003 carol 1 1\n");
  const Finished lines = SaLines(file);
  EXPECT_EQ(lines.exit_code, 0);
  EXPECT_EQ(
      lines.out,
      absl::StrCat(kAliceLine, kBobLine,
                   "carol      1.00 cpu        0k mem      0 io true            \n", kAliceLine));
}

TEST_F(HostileCases, Case13_VersionsInOneFileEachAtItsRate) {
  const std::string file = RecordBuilder(0).Uid(1002).UserTime(200).Bytes() +
                           RecordBuilder(2).Uid(1003).SystemTime(1024).Rate(1024).Bytes() + alice_;
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
  EXPECT_EQ(Records(file), "0 0 1002 true\n64 2 1003 true\n128 3 1001 true\n");
  // A rate for those who do not tell theirs is for nobody else.
  EXPECT_EQ(Report(file, {"--ahz=50"}).rows, "1002 bob 1 4\n1001 alice 1 3.25\n1003 carol 1 1\n");
}

TEST_F(HostileCases, Case14_Version1PackedAndPadded) {
  for (const auto order : {kLittle, kBig}) {
    const std::string alice = RecordBuilder(1, order).Uid(1001).UserTime(325).Bytes();
    const std::string bob = RecordBuilder(1, order).Uid(1002).UserTime(200).Bytes();
    ASSERT_EQ(alice.size(), 62u);
    const std::string padding(2, '\0');
    for (const std::string& file :
         {alice + bob + alice + bob,
          alice + padding + bob + padding + alice + padding + bob + padding}) {
      const Reported report = Report(file);
      EXPECT_EQ(report.exit_code, 0);
      EXPECT_EQ(report.err, "");
      EXPECT_EQ(report.rows, "1001 alice 2 6.5\n1002 bob 2 4\n");
    }
  }
}

TEST_F(HostileCases, Case15_BigEndianVersion0NeedsToBeTold) {
  const std::string file = RecordBuilder(0, kBig).Uid(1001).UserTime(325).Bytes() +
                           RecordBuilder(0, kBig).Uid(1002).UserTime(200).Bytes() +
                           RecordBuilder(0, kBig).Uid(1003).UserTime(100).Bytes();
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.rows, "");
  EXPECT_EQ(report.skipped, "0+192 big_endian_version_0\n");
  EXPECT_EQ(report.err, Skipped("192", 0,
                                "looks like big-endian records of version 0; --big-endian-v0 reads "
                                "them"));
  const Reported told = Report(file, {"--big-endian-v0"});
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_EQ(told.err, "");
  EXPECT_EQ(told.rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
}

TEST_F(HostileCases, Case16_RatesAreExactAndNothingIsDividedByZero) {
  struct Case {
    uint16_t rate;
    const char* seconds;
  };
  for (const Case& c : {Case{0, "30.03"}, Case{100, "30.03"}, Case{1024, "2.9326171875"},
                        Case{60, "50.05"}, Case{1, "3003.00"}, Case{65535, "0.045822842755779"}}) {
    // An odd rate takes a record beside it that vouches for it.
    const Reported report = Report(RecordBuilder(2).Uid(0).Rate(100).Bytes() +
                                   RecordBuilder(2).Uid(1001).UserTime(3003).Rate(c.rate).Bytes());
    EXPECT_EQ(report.exit_code, 0) << report.err;
    EXPECT_NE(report.text.find(absl::StrCat("\"user\": \"alice\", \"processes\": 1, "
                                            "\"user_seconds\": ",
                                            c.seconds, ", ")),
              std::string::npos)
        << c.rate << ": " << report.text;
  }
}

TEST_F(HostileCases, Case17_TenMillionTimesTheLargestNumbers) {
  const std::string largest = RecordBuilder()
                                  .Uid(1001)
                                  .UserTime(0xffff)
                                  .SystemTime(0xffff)
                                  .Memory(0xffff)
                                  .Io(0xffff)
                                  .Bytes();
  // Compressed, and made of equal parts, for the sake of the disk and of time.
  dir_.Write("part", Repeat(largest, 10'000));
  ASSERT_EQ(
      RunInShell("gzip -9n $dir/part && for i in {1..1000}; do cat $dir/part.gz; done > $file")
          .exit_code,
      0);
  const Finished run = Run({"report", "--format=json", "--passwd", passwd_, path_});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  // 17,177,772,032 ten million times, in ticks.
  for (const char* const text :
       {"\"processes\": 10000000, \"user_seconds\": 1717777203200000.00, \"system_seconds\": "
        "1717777203200000.00, \"cpu_seconds\": 3435554406400000.00",
        "\"memory_kib\": 17177772032, \"io\": 171777720320000000,",
        "\"largest_cpu_seconds\": 343555440.64"}) {
    EXPECT_NE(run.out.find(text), std::string::npos) << run.out;
  }
}

TEST_F(HostileCases, Case18_NumbersThatAreNotWrittenAsTheKernelDoes) {
  const Reported report = Report(RecordBuilder().Uid(1001).UserTime(0x2000).Bytes() +
                                 RecordBuilder().Uid(1001).UserTime(0xe000).Bytes() +
                                 // 1 with an exponent of 1: eight.
                                 RecordBuilder().Uid(1001).UserTime(0x2001).Bytes());
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 3 0.08\n");
}

TEST_F(HostileCases, Case19_ElapsedTimesThatAreNone) {
  using Limits = std::numeric_limits<float>;
  std::string file;
  for (const float ticks : {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::infinity(),
                            -Limits::infinity(), -8.0F, Limits::max()}) {
    file += RecordBuilder().Uid(1001).UserTime(100).Elapsed(ticks).Bytes();
  }
  // These are odd, but times.
  for (const float ticks : {Limits::denorm_min(), 0.5F, 200.0F}) {
    file += RecordBuilder().Uid(1001).UserTime(100).Elapsed(ticks).Bytes();
  }
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0) << "nothing was skipped";
  EXPECT_EQ(report.err,
            "cpuagg: %: 6 records with an impossible elapsed time; their CPU time is counted\n");
  EXPECT_EQ(report.rows, "1001 alice 9 9\n");
  EXPECT_EQ(report.whole["rows"][0]["elapsed_seconds"], 2.0);
  EXPECT_EQ(report.whole["input"]["invalid_elapsed"], 6);
  EXPECT_EQ(report.whole["period"]["end"], "2023-11-14T22:13:23Z");
}

TEST_F(HostileCases, Case20_UidsWithTheHighestBit) {
  const std::string file = RecordBuilder().Uid(4294967295u).UserTime(300).Bytes() +
                           RecordBuilder().Uid(2147483648u).UserTime(200).Bytes() +
                           RecordBuilder(2).Uid(1234567890).UserTime(100).Bytes();
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.rows, "4294967295 - 1 3\n2147483648 - 1 2\n1234567890 - 1 1\n");
  const Finished lines = SaLines(file);
  EXPECT_EQ(lines.exit_code, 0);
  EXPECT_EQ(lines.out,
            "-1         3.00 cpu        0k mem      0 io true            \n"
            "-2147483   2.00 cpu        0k mem      0 io true            \n"
            "12345678   1.00 cpu        0k mem      0 io true            \n");
}

TEST_F(HostileCases, Case21_ANameThatIsAnotherUsersId) {
  dir_.Write("passwd", "5555:x:1001:1001::/:/bin/sh\n");
  const std::string file = RecordBuilder().Uid(1001).UserTime(300).Bytes() +
                           RecordBuilder().Uid(5555).UserTime(200).Bytes();
  EXPECT_EQ(Report(file).rows, "1001 5555 1 3\n5555 - 1 2\n");
  const Finished summary = RunOn(file, {"sa", "-m"});
  EXPECT_EQ(summary.out,
            absl::StrFormat("%-32s        2       0.00re       0.08cp         0avio         0k\n"
                            "%-32s        2       0.00re       0.08cp         0avio         0k\n",
                            "", "5555"));
}

TEST_F(HostileCases, Case22_NamesOfEveryLengthAndKind) {
  const std::string names[] = {"eightch8",
                               "ninechar9",
                               "seven77ü-split",
                               "a b\tc",
                               "thirty-two-bytes-long-name-here-",
                               "thirty-two-bytes-long-name-here-3",
                               "no\xff utf8\"",
                               "twice"};
  std::string passwd;
  std::string file;
  uint32_t uid = 2000;
  for (const std::string& name : names) {
    absl::StrAppend(&passwd, name, ":x:", uid, ":1::/:/bin/sh\n");
    file += RecordBuilder().Uid(uid++).UserTime(100).Bytes();
  }
  // The first line of a uid counts, and a name may be that of two.
  absl::StrAppend(&passwd, "second:x:2000:1::/:/bin/sh\ntwice:x:", uid, ":1::/:/bin/sh\n");
  file += RecordBuilder().Uid(uid).UserTime(100).Bytes();
  dir_.Write("passwd", passwd);

  EXPECT_EQ(Report(file).rows,
            "2000 eightch8 1 1\n2001 ninechar9 1 1\n2002 seven77ü-split 1 1\n2003 a b\tc 1 1\n"
            "2004 thirty-two-bytes-long-name-here- 1 1\n"
            "2005 thirty-two-bytes-long-name-here-3 1 1\n"
            "2006 no\\xff utf8\" 1 1\n2007 twice 1 1\n2008 twice 1 1\n");
  const auto line = [](const char* name) {
    return absl::StrCat(name, "   1.00 cpu        0k mem      0 io true            \n");
  };
  EXPECT_EQ(SaLines(file).out,
            absl::StrCat(line("eightch8"), line("ninechar"), line("seven77\xc3"), line("a b\tc   "),
                         line("thirty-t"), line("thirty-t"), line("no\xff utf8"), line("twice   "),
                         line("twice   ")));
  const Finished summary = RunOn(file, {"sa", "-m"});
  const auto row = [](const char* name, int calls, const char* minutes) {
    return absl::StrFormat("%-32s %8d       0.00re %10scp         0avio         0k\n", name, calls,
                           minutes);
  };
  EXPECT_NE(summary.out.find(row("thirty-two-bytes-long-name-here-", 2, "0.03")), std::string::npos)
      << summary.out;
  EXPECT_NE(summary.out.find(row("twice", 2, "0.03")), std::string::npos);
}

TEST_F(HostileCases, Case23_CommandsOfEveryLength) {
  std::string file;
  for (const std::string& command :
       {std::string("fifteen bytes a"), std::string("sixteen bytes ab"), std::string(),
        std::string("a\0behind", 8), std::string("b")}) {
    file += RecordBuilder().Uid(1001).UserTime(100).Command(command).Bytes();
  }
  EXPECT_EQ(Records(file),
            "0 3 1001 fifteen bytes a\n64 3 1001 sixteen bytes ab\n128 3 1001 \n192 3 1001 a\n"
            "256 3 1001 b\n");
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.rows, "1001 alice 5 5\n");
  std::string expected;
  for (const char* const command : {"fifteen bytes a", "sixteen bytes ab", "", "a", "b"}) {
    absl::StrAppendFormat(&expected, "alice      1.00 cpu        0k mem      0 io %-16s\n",
                          command);
  }
  EXPECT_EQ(SaLines(file).out, expected);
}

TEST_F(HostileCases, Case24_CommandsThatWouldSteerATerminal) {
  std::string file;
  for (const char* const command : {"\x1b[2Jx", "a\nb", "\xff\xfe", "zoë"}) {
    file += RecordBuilder().Uid(1001).UserTime(100).Command(command).Bytes();
  }
  EXPECT_EQ(Records(file),
            "0 3 1001 \x1b[2Jx\n64 3 1001 a\nb\n128 3 1001 \\xff\\xfe\n192 3 1001 zoë\n")
      << "as JSON has them";
  for (const char* const format : {"table", "csv"}) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"records"}, {"report", "--by=command"}}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--format", format});
      const Finished run = RunOn(file, arguments);
      EXPECT_EQ(run.exit_code, 0);
      for (const char* const escaped : {"\\x1b[2Jx", "a\\nb", "\\xff\\xfe", "zoë"}) {
        EXPECT_NE(run.out.find(escaped), std::string::npos) << run.out;
      }
      EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
    }
  }
  EXPECT_EQ(SaLines(file).out,
            "alice      1.00 cpu        0k mem      0 io \x1b[2Jx           \n"
            "alice      1.00 cpu        0k mem      0 io a\nb             \n"
            "alice      1.00 cpu        0k mem      0 io \xff\xfe              \n"
            "alice      1.00 cpu        0k mem      0 io zoë            \n");
}

TEST_F(HostileCases, Case25_AHundredThousandUsers) {
  constexpr uint32_t kUsers = 100'000;
  std::string file;
  std::string passwd;
  for (uint32_t i = 0; i < kUsers; ++i) {
    file += RecordBuilder().Uid(2'000'000 + i).UserTime(100).Bytes();
    absl::StrAppend(&passwd, "user", i, ":x:", 2'000'000 + i, ":1::/:/bin/sh\n");
  }
  dir_.Write("passwd", passwd);
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0) << report.err;
  ASSERT_EQ(report.whole["rows"].size(), kUsers);
  EXPECT_EQ(report.whole["rows"][99'999]["user"], "user99999");
  EXPECT_EQ(report.whole["totals"]["cpu_seconds"], 100'000.0);

  const Reported top = Report(file, {"--top=2"});
  EXPECT_EQ(top.rows, "2000000 user0 1 1\n2000001 user1 1 1\n");
  EXPECT_EQ(top.whole["others"]["users"], kUsers - 2);
}

TEST_F(HostileCases, Case26_CompressedWhateverItIsCalledAndCutOff) {
  struct Case {
    const char* pack;
    const char* kind;
  };
  for (const Case& c : {Case{"gzip -c", "gzip"}, Case{"xz -c", "xz"}, Case{"bzip2 -c", "bzip2"},
                        Case{"zstd -qc", "zstd"}}) {
    SCOPED_TRACE(c.kind);
    dir_.Write("plain", alice_ + bob_ + carol_);
    // By the name it should be another kind, and by the other it should be none.
    ASSERT_EQ(RunInShell(absl::StrCat(c.pack, " < $dir/plain > $file; cp $file $dir/pacct.1.xz"))
                  .exit_code,
              0);
    for (const std::string& path : {path_, dir_.Path("pacct.1.xz")}) {
      const Finished run = Run({"report", "--format=json", "--passwd", passwd_, path});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      EXPECT_EQ(Read(run).rows, "1001 alice 1 3.25\n1002 bob 1 2\n1003 carol 1 1\n");
    }
    const std::string packed = acct::testing::ReadFile(path_);
    const Reported cut = Report(packed.substr(0, packed.size() - 5));
    EXPECT_EQ(cut.exit_code, 3);
    EXPECT_NE(cut.err.find(absl::StrFormat("the %s data is cut off", c.kind)), std::string::npos)
        << cut.err;
    EXPECT_EQ(cut.whole["input"]["cut_short"].size(), 1u);
    const Finished lines = SaLines(packed);
    EXPECT_EQ(lines.exit_code, 0) << "sa cannot; cpuagg sa says what sa says of what is in it";
    EXPECT_EQ(lines.out.find(absl::StrCat(kAliceLine, kBobLine)), 0u);
  }
  // A name proves nothing.
  EXPECT_EQ(Report(alice_).rows, "1001 alice 1 3.25\n");
  const std::string plain = dir_.Write("pacct.2.gz", alice_);
  EXPECT_EQ(Read(Run({"report", "--format=json", "--passwd", passwd_, plain})).rows,
            "1001 alice 1 3.25\n");
}

TEST_F(HostileCases, Case28_WhatCannotBeReadIsAFailureThatNamesIt) {
  const std::string good = dir_.Write("good", alice_);
  ASSERT_EQ(chmod(dir_.Write("secret", alice_).c_str(), 0), 0);
  struct Case {
    std::string path;
    std::string err;
  };
  const Case cases[] = {
      {dir_.Path("none"), ": cannot open: No such file or directory\n"},
      {dir_.Path("secret"), ": cannot open: Permission denied\n"},
      // Nothing is mapped at the beginning of a process's memory.
      {"/proc/self/mem", ": cannot read at offset 0: Input/output error\n"},
  };
  for (const Case& c : cases) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"report", good}, {"records"}, {"sa", "-u"}, {"sa", "-m"}}) {
      Program program = Cpuagg(command);
      program.argv.push_back(c.path);
      program.obey_file_modes = true;
      const Finished run = RunProgram(program);
      EXPECT_EQ(run.exit_code, 1) << c.path;
      EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", c.path, c.err));
      if (command[0] != "records") {
        EXPECT_EQ(run.out, "");
      }
    }
  }
  // A pipe by name is a file like any other.
  const Finished piped =
      RunInShell("$cpuagg report --format=json --passwd $passwd <(cat $dir/good)");
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(Read(piped).rows, "1001 alice 1 3.25\n");
}

TEST_F(HostileCases, Case29_RecordsThatLookAlikeAllCount) {
  // As accounting ends with its namespace, the last process is recorded twice; and a rotation
  // leaves stubs of accton. sa counts them all, and so does cpuagg: nothing tells them from two
  // processes.
  const std::string stub = RecordBuilder().Uid(0).Command("accton").Bytes();
  const std::string file = alice_ + alice_ + stub + stub;
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 2 6.5\n0 root 2 0\n");
  EXPECT_EQ(
      SaLines(file).out,
      absl::StrCat(kAliceLine, kAliceLine,
                   Repeat("root       0.00 cpu        0k mem      0 io accton          \n", 2)));
}

TEST_F(HostileCases, Case30_OutputThatCannotBeWritten) {
  dir_.Write("pacct", alice_);
  for (const char* const command : {"report", "report --format=csv", "report --format=json",
                                    "records", "sa -u", "sa -m", "report --help"}) {
    SCOPED_TRACE(command);
    const Finished full = RunInShell(absl::StrCat("$cpuagg ", command, " $file > /dev/full"));
    EXPECT_EQ(full.exit_code, 1);
    EXPECT_EQ(full.err, "cpuagg: standard output: cannot write: No space left on device\n");
    // A pipe that nobody reads any more.
    const Finished closed = RunInShell(absl::StrCat(
        "rm -f $dir/fifo; mkfifo $dir/fifo; exec 3<>$dir/fifo 4>$dir/fifo 3>&-; $cpuagg ", command,
        " $file >&4"));
    EXPECT_EQ(closed.exit_code, 1);
    EXPECT_EQ(closed.err, "cpuagg: standard output: cannot write: Broken pipe\n");
  }
}

TEST_F(HostileCases, Case30_MoreThanFourGibibytes) {
  // Compressed, since a hole of a sparse file fills the page cache.
  dir_.Write("pacct", "");
  ASSERT_EQ(RunInShell("head -c 64MiB /dev/zero | gzip -1 > $dir/zeros").exit_code, 0);
  dir_.Write("record", bob_);
  ASSERT_EQ(RunInShell("gzip $dir/record; for i in {1..65}; do cat $dir/zeros; done > $file; "
                       "cat $dir/record.gz >> $file")
                .exit_code,
            0);
  const Finished run = Run({"records", "--format=csv", path_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.out.find("\n%,4362076160,3,little,su,1002,"), std::string::npos) << run.out;
  EXPECT_EQ(run.err,
            "cpuagg: %: skipped 4,362,076,160 bytes at offset 0: zeros where records should be\n");
}

TEST_F(HostileCases, Case30_ASparseFile) {
  dir_.Write("pacct", alice_);
  ASSERT_EQ(RunInShell("truncate -s 64MiB $file").exit_code, 0);
  dir_.Append("pacct", bob_);
  const Finished run = Run({"report", "--format=json", "--passwd", passwd_, path_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.err, Skipped("67,108,800", 64, "zeros where records should be"));
  EXPECT_EQ(Read(run).rows, "1001 alice 1 3.25\n1002 bob 1 2\n");
}

TEST_F(HostileCases, Case30_ClocksThatWereNeverSetOrAreFarAhead) {
  const std::string never_set = RecordBuilder().Uid(1002).UserTime(200).BeginTime(0).Bytes();
  const std::string far_ahead =
      RecordBuilder().Uid(1003).UserTime(100).BeginTime(4294967295u).Elapsed(200).Bytes();
  // Records come in the order in which processes end, and clocks are set back: never in that of
  // their times.
  const Reported report = Report(far_ahead + alice_ + never_set + far_ahead + alice_);
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.err, "");
  EXPECT_EQ(report.rows, "1001 alice 2 6.5\n1002 bob 1 2\n1003 carol 2 2\n");
  EXPECT_EQ(report.whole["period"]["start"], "1970-01-01T00:00:00Z");
  EXPECT_EQ(report.whole["period"]["end"], "2106-02-07T06:28:18Z");
}

TEST_F(HostileCases, Case30_WhatCountsForAPeriodIsWhenAProcessEnded) {
  // It began at 22:13:20 and ran for two hours.
  const std::string file = RecordBuilder().Uid(1001).UserTime(100).Elapsed(720'000).Bytes() +
                           RecordBuilder().Uid(1002).UserTime(200).Bytes();
  EXPECT_EQ(Report(file, {"--since", "2023-11-15"}).rows, "1001 alice 1 1\n");
  EXPECT_EQ(Report(file, {"--until", "2023-11-15"}).rows, "1002 bob 1 2\n");
}

}  // namespace
}  // namespace cpuagg::tools
