// The built binary, `cpuagg report --compare`: of files, as of a store, and `--sort change`.

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::Finished;

// It is noon of Wednesday, 2026-11-25.
class ComparisonCliTest : public testing::ClockCliTest {
 protected:
  ComparisonCliTest() {
    now_ = absl::FromCivil(absl::CivilHour(2026, 11, 25, 12), absl::UTCTimeZone());
    std::string records;
    const auto used = [&](int day, uint32_t uid, uint16_t seconds) {
      records += EndedAt(absl::FromCivil(absl::CivilHour(2026, 11, day, 9), absl::UTCTimeZone()))
                     .Uid(uid)
                     .Pid(static_cast<uint32_t>(100 * day) + uid)
                     .UserTime(static_cast<uint16_t>(seconds * 100))
                     .Bytes();
    };
    used(22, 1001, 1);
    used(23, 1001, 40);
    used(23, 1002, 5);
    used(23, 1003, 7);
    used(24, 1001, 30);
    used(24, 1002, 20);
    used(25, 1002, 3);
    dir_.Write("pacct", records);
  }

  json OfFile(Strings arguments) const {
    arguments.insert(arguments.begin(), {"report", "--json"});
    arguments.push_back(pacct_);
    const Finished run = Run(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    return json::parse(run.out);
  }

  // "1002 20 5" for a user with 20 seconds, and 5 before.
  static Strings ChangesOf(const json& report) {
    Strings changes;
    for (const json& row : report["rows"]) {
      changes.push_back(absl::StrCat(row["uid"].get<int>(), " ", row["cpu_seconds"].get<double>(),
                                     " ", row["previous_cpu_seconds"].get<double>()));
    }
    return changes;
  }
};

TEST_F(ComparisonCliTest, FilesAreComparedIfThatIsAskedFor) {
  EXPECT_TRUE(OfFile({"--period=yesterday"})["previous"].is_null());
  const json report = OfFile({"--period=yesterday", "--compare"});
  EXPECT_EQ(report["previous"]["start"], "2026-11-23T00:00:00Z");
  EXPECT_EQ(report["previous"]["end"], "2026-11-24T00:00:00Z");
  EXPECT_EQ(report["previous"]["cpu_seconds"], 52.0);
  EXPECT_EQ(ChangesOf(report), (Strings{"1001 30 40", "1002 20 5", "1003 0 7"}));
}

TEST_F(ComparisonCliTest, StoreAndFileAgree) {
  Collect();
  for (const Strings& period : {Strings{"--period=yesterday"},
                                {"--since=2026-11-24", "--until=2026-11-25"},
                                {"--period=yesterday", "--people", "--min-cpu=1s"},
                                {"--period=today", "-u", "1002"}}) {
    Strings arguments = period;
    arguments.emplace_back("--compare");
    const json store = JsonReport(arguments);
    const json file = OfFile(arguments);
    EXPECT_EQ(store["rows"], file["rows"]) << period[0];
    EXPECT_EQ(store["previous"], file["previous"]) << period[0];
    // It is what a store's report has anyway.
    EXPECT_EQ(JsonReport(period)["rows"], store["rows"]);
  }
}

// None of the chosen users used anything in the period.
TEST_F(ComparisonCliTest, WhoUsedSomethingOnlyBeforeIsARowAlsoIfNobodyUsesAnything) {
  Collect();
  const Strings flags = {"--period=yesterday", "--user=1003", "--compare"};
  EXPECT_EQ(ChangesOf(OfFile(flags)), (Strings{"1003 0 7"}));
  EXPECT_EQ(ChangesOf(JsonReport(flags)), (Strings{"1003 0 7"}));
  const std::string table =
      OutputOf({"report", "--period=yesterday", "--user=1003", "--compare", pacct_});
  EXPECT_NE(table.find("-100%"), std::string::npos) << table;
  const std::string passwd = dir_.Write("passwd", "carol:x:1003:1003::/:\n");
  const std::string message =
      OutputOf({"send", "--dry-run", "--period=yesterday", "--user=1003", "--passwd", passwd});
  EXPECT_NE(message.find("\ncarol             0s   0%    -7s\n"), std::string::npos) << message;
}

TEST_F(ComparisonCliTest, FilesAreComparedToTheSecond) {
  const json report =
      OfFile({"--since=2026-11-24 09:00", "--until=2026-11-25 09:00:00", "--compare"});
  EXPECT_EQ(report["previous"]["start"], "2026-11-23T09:00:00Z");
  EXPECT_EQ(report["previous"]["end"], "2026-11-24T09:00:00Z");
}

TEST_F(ComparisonCliTest, ChosenProcessesAreComparedWithSuchProcesses) {
  dir_.Append("pacct",
              EndedAt(now_ - absl::Hours(2)).Uid(1002).Pid(7).ExitCode(9).UserTime(200).Bytes());
  const json report = OfFile({"--period=today", "--compare", "--signal"});
  EXPECT_EQ(ChangesOf(report), (Strings{"1002 2 0"}));
  EXPECT_EQ(report["previous"]["cpu_seconds"], 0.0);
}

TEST_F(ComparisonCliTest, TheLargestGrowthComesFirst) {
  // It is a comparison by itself.
  EXPECT_EQ(ChangesOf(OfFile({"--period=yesterday", "--sort=change"})),
            (Strings{"1002 20 5", "1003 0 7", "1001 30 40"}));
  Collect();
  EXPECT_EQ(ChangesOf(JsonReport({"--period=yesterday", "--sort=change", "-n2"})),
            (Strings{"1002 20 5", "1003 0 7"}));
  const std::string table = OutputOf({"report", "--period=yesterday", "-s", "change", pacct_});
  EXPECT_NE(table.find("\nsorted by change of CPU time\n"), std::string::npos) << table;
}

TEST_F(ComparisonCliTest, WhatCannotBeComparedIsReported) {
  const std::pair<Strings, const char*> cases[] = {
      {{"--compare"},
       "cpuagg: --compare: there is no time before this period; give one with a beginning, such as "
       "--period last-week or --since monday\n"},
      {{"--sort=change", "--until=2026-11-24"},
       "cpuagg: --sort change: there is no time before this period; give one with a beginning, "
       "such as --period last-week or --since monday\n"},
      {{"--compare", "--period=today", "--by=user,hour"},
       "cpuagg: --compare: hours, days, weeks and months are not compared with others; leave them "
       "out of --by, and give the time with --period or --since\n"}};
  for (const auto& [flags, error] : cases) {
    Strings arguments = {"report", pacct_};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Finished run = Run(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err, error);
  }
}

TEST_F(ComparisonCliTest, ATimeBeforeOfWhichNothingIsKnownIsReported) {
  const Finished run = Run(
      {"report", "--json", "--since=2026-11-22", "--until=2026-11-23", "--sort=change", pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "cpuagg: --compare: there is no comparison: nothing is known of 2026-11-21 00:00 – "
            "2026-11-22 00:00 UTC\n");
  EXPECT_TRUE(json::parse(run.out)["previous"].is_null());
  // A part of it is.
  const json partly = OfFile({"--since=2026-11-23", "--until=2026-11-25", "--compare"});
  EXPECT_EQ(partly["previous"]["cpu_seconds"], 1.0);
  EXPECT_EQ(partly["notes"],
            json({"The period that this is compared with is not fully known: 2026-11-21 00:00 – "
                  "2026-11-22 09:00 UTC is missing."}));
}

// A file that was last written before the period is read for the comparison, and one that was last
// written before that shows that the time before is known.
TEST_F(ComparisonCliTest, TheAccountingFileHasItsGenerations) {
  const auto write = [&](const char* name, const std::string& records, absl::CivilHour written) {
    const std::string path = dir_.Write(name, records);
    const timespec time = absl::ToTimespec(absl::FromCivil(written, absl::UTCTimeZone()));
    const timespec times[] = {time, time};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  };
  const auto at = [](int day, int hour) { return absl::CivilHour(2026, 11, day, hour); };
  const auto used = [&](absl::CivilHour hour, uint16_t seconds) {
    return EndedAt(absl::FromCivil(hour, absl::UTCTimeZone()))
        .Uid(1001)
        .UserTime(static_cast<uint16_t>(seconds * 100))
        .Bytes();
  };
  write("pacct.2", used(at(20, 9), 1), at(20, 10));
  write("pacct.1", used(at(24, 9), 30), at(24, 10));
  write("pacct", used(at(25, 9), 4), at(25, 12));
  const Finished alone = Run({"report", "--period=today", "--accounting-file", pacct_});
  EXPECT_NE(alone.out.find("(2 older files left out, written last before the period)"),
            std::string::npos)
      << alone.out;
  const Finished run =
      Run({"report", "--json", "--period=today", "--compare", "--accounting-file", pacct_});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(ChangesOf(report), (Strings{"1001 4 30"}));
  EXPECT_EQ(report["notes"].dump().find("not fully known"), std::string::npos) << report["notes"];
}

}  // namespace
}  // namespace cpuagg::tools
