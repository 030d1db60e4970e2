#include "tools/cli_tests/report/report_by.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools {

using acct::testing::RecordBuilder;
using nlohmann::json;

namespace {

// Processes of the days around the one on which clocks are set back; some of them ran for a day.
std::string DaysOfAutumn() {
  std::mt19937 random(7);
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  constexpr uint32_t kBegin = 1'792'792'800;  // 2026-10-24 00:00 in Berlin
  constexpr uint32_t kDay = 86'400;
  const char* const commands[] = {"gcc", "cc1", "ld", "python3", "a b", "zoë"};
  std::string file;
  for (int i = 0; i < 3000; ++i) {
    file += RecordBuilder()
                .Uid(1000 + below(6))
                .Gid(below(3) * 1000)
                .Tty(static_cast<uint16_t>(below(2) * (0x8800 + below(3))))
                .Pid(1 + below(30'000))
                .BeginTime(kBegin + below(3 * kDay))
                .Elapsed(static_cast<float>(below(10) == 0 ? below(100 * kDay) : below(1000)))
                .UserTime(static_cast<uint16_t>(below(0x3000)))
                .SystemTime(static_cast<uint16_t>(below(1000)))
                .Memory(static_cast<uint16_t>(below(0x8000)))
                .Io(static_cast<uint16_t>(below(0x4000)))
                .MinorFaults(static_cast<uint16_t>(below(5000)))
                .MajorFaults(static_cast<uint16_t>(below(5)))
                .ExitCode(below(5) == 0 ? below(2) * 0x80 + 9 + 2 * below(3) : below(2) << 8)
                .Command(commands[below(std::size(commands))])
                .Bytes();
  }
  return file;
}

}  // namespace

ReportByTest::ReportByTest()
    : files_({"testdata/lab/pacct.2.gz", "testdata/lab/pacct.1.gz", "testdata/lab/pacct.0",
              "testdata/lab/pacct", dir_.Write("autumn", DaysOfAutumn())}) {
  zone_ = "Europe/Berlin";
  pacct_ = std::string(kLab) + "pacct.0";
}

std::string ReportByTest::OnFiles(Strings arguments) const {
  arguments.insert(arguments.end(), {"--passwd", "testdata/lab/passwd"});
  arguments.insert(arguments.end(), files_.begin(), files_.end());
  return OutputOf(std::move(arguments));
}

json ReportByTest::ReportOfFiles(Strings arguments) const {
  arguments.insert(arguments.begin(), {"report", "--format=json"});
  return json::parse(OnFiles(std::move(arguments)));
}

std::string ReportByTest::PlaceOf(const json& row, const std::string& dimension) {
  if (dimension == "user") return absl::StrCat(row["uid"].get<uint64_t>());
  if (dimension == "group") return absl::StrCat(row["gid"].get<uint64_t>());
  const json& place = row[dimension];
  if (place.is_null()) return "";
  // JSON has unprintable characters as they are, CSV does not.
  return absl::StrReplaceAll(place.get<std::string>(), {{"\t", "\\t"}});
}

int64_t Hundredths(const std::string& seconds) {
  int64_t hundredths = -1;
  EXPECT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(seconds, {{".", ""}}), &hundredths)) << seconds;
  return hundredths;
}

int64_t Number(const std::string& digits) {
  int64_t number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(digits, &number)) << digits;
  return number;
}

int64_t Hundredths(const json& seconds) { return std::llround(seconds.get<double>() * 100); }

}  // namespace cpuagg::tools
