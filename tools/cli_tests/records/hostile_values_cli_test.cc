// The built binary on records of every version, byte order, rate, number and name: hostile cases 12
// to 25 of docs/hostile_cases.md.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/sanitized.h"
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

constexpr auto kLittle = RecordBuilder::kLittleEndian;
constexpr auto kBig = RecordBuilder::kBigEndian;

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
  // A default rate does not affect records that state their own.
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
                                "looks like big-endian records of version 0; report "
                                "--big-endian-v0 FILE reads them"));
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
    // An odd rate is plausible only next to another record.
    const Reported report = Report(RecordBuilder(2).Uid(0).Rate(100).Bytes() +
                                   RecordBuilder(2).Uid(1001).UserTime(3003).Rate(c.rate).Bytes());
    EXPECT_EQ(report.exit_code, 0) << report.err;
    EXPECT_NE(report.text.find(absl::StrCat("\"user\": \"alice\", \"processes\": 1, "
                                            "\"user_seconds\": ",
                                            c.seconds, ", ")),
              std::string::npos)
        << c.rate << ": " << report.text;
  }
  for (const uint16_t rate : std::initializer_list<uint16_t>{1, 2, 5}) {
    const Reported report =
        Report(Repeat(RecordBuilder(2).Uid(1001).UserTime(10).Rate(rate).Bytes(), 10));
    EXPECT_EQ(report.exit_code, 0) << report.err;
    EXPECT_EQ(report.rows, absl::StrCat("1001 alice 10 ", 100 / rate, "\n"));
  }
  const std::string old = Repeat(RecordBuilder(1).Uid(1001).UserTime(10).Bytes(), 10);
  EXPECT_EQ(Report(old, {"--ahz", "1"}).rows, "1001 alice 10 100\n");
  EXPECT_EQ(Report(old, {"--ahz", "20000"}).rows, "1001 alice 10 0.005\n");
}

TEST_F(HostileCases, Case17_TenMillionTimesTheLargestNumbers) {
  const std::string largest = RecordBuilder()
                                  .Uid(1001)
                                  .UserTime(0xffff)
                                  .SystemTime(0xffff)
                                  .Memory(0xffff)
                                  .Io(0xffff)
                                  .Bytes();
  // Compressed, and made of equal parts, to save disk space and time.
  dir_.Write("part", Repeat(largest, 10'000));
  ASSERT_EQ(
      RunInShell("gzip -9n $dir/part && for i in {1..1000}; do cat $dir/part.gz; done > $file")
          .exit_code,
      0);
  const Finished run = RunMasked({"report", "--format=json", "--passwd", passwd_, pacct_});
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
  // The first line of a uid counts, and two users may have the same name.
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
    for (const Strings& command : {Strings{"records"}, {"report", "--by=command"}}) {
      Strings arguments = command;
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
  const uint32_t users = acct::testing::LessIfProgramIsSanitized(100'000, 10'000);
  std::string file;
  std::string passwd;
  for (uint32_t i = 0; i < users; ++i) {
    file += RecordBuilder().Uid(2'000'000 + i).UserTime(100).Bytes();
    absl::StrAppend(&passwd, "user", i, ":x:", 2'000'000 + i, ":1::/:/bin/sh\n");
  }
  dir_.Write("passwd", passwd);
  const Reported report = Report(file);
  EXPECT_EQ(report.exit_code, 0) << report.err;
  ASSERT_EQ(report.whole["rows"].size(), users);
  EXPECT_EQ(report.whole["rows"][users - 1]["user"], absl::StrCat("user", users - 1));
  EXPECT_EQ(report.whole["totals"]["cpu_seconds"], static_cast<double>(users));

  const Reported top = Report(file, {"--top=2"});
  EXPECT_EQ(top.rows, "2000000 user0 1 1\n2000001 user1 1 1\n");
  EXPECT_EQ(top.whole["others"]["users"], users - 2);
}

}  // namespace
}  // namespace cpuagg::tools
