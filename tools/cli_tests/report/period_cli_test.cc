// The built binary, `cpuagg report` and `cpuagg send` from a store: which period a name means by
// the system's clock, and what is reported about the previous period.
//
// The clock goes on while a test runs, even over a full hour or midnight. So the expected values
// are computed from the ends that the program itself prints, which are checked to be right for some
// time during the test. Two outputs are compared only if nothing changed in between.

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;

struct Process {
  uint32_t uid;
  absl::Time end;
  uint16_t hundredths;  // of CPU time; at most 8191, which a record stores exactly
};

absl::Time TimeOf(const json& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text.get<std::string>(), &time, nullptr)) << text;
  return time;
}

int64_t HundredthsOf(const json& seconds) { return std::llround(seconds.get<double>() * 100); }

// By uid, in hundredths of a second.
using CpuByUser = std::map<uint32_t, int64_t>;

int64_t SumOf(const CpuByUser& cpu) {
  int64_t sum = 0;
  for (const auto& [uid, hundredths] : cpu) sum += hundredths;
  return sum;
}

// The CPU of the processes that ended in an hour which begins in [begin, end). The hours of the
// zones used here are those of UTC.
CpuByUser CpuIn(const std::vector<Process>& processes, absl::Time begin, absl::Time end) {
  CpuByUser cpu;
  for (const Process& process : processes) {
    const absl::Time hour =
        process.end - absl::Seconds(absl::ToUnixSeconds(process.end) % int64_t{3600});
    if (begin <= hour && hour < end) cpu[process.uid] += process.hundredths;
  }
  return cpu;
}

class PeriodCliTest : public testing::CliTest, public ::testing::WithParamInterface<const char*> {
 protected:
  PeriodCliTest() { zone_ = GetParam(); }

  Finished RunQuietly(Strings arguments, const Strings& environment = {}) const {
    const bool is_csv =
        std::find(arguments.begin(), arguments.end(), "--format=csv") != arguments.end();
    Finished run = Run(std::move(arguments), environment);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    // Notes of the other outputs appear on standard error with CSV: that /proc was not read, and
    // that months and the compared periods begin before these stores.
    constexpr absl::string_view kPrevious =
        "cpuagg: The period that this is compared with is not fully known: ";
    constexpr absl::string_view kNote = "cpuagg: Not all processes that still run are included.\n";
    constexpr absl::string_view kBegin = "cpuagg: The records begin at ";
    absl::string_view said = run.err;
    const auto skip_line = [&](absl::string_view beginning) {
      if (absl::StartsWith(said, beginning)) said.remove_prefix(said.find('\n') + 1);
    };
    if (is_csv) {
      skip_line(kPrevious);
      EXPECT_TRUE(absl::ConsumePrefix(&said, kNote)) << run.err;
      skip_line(kBegin);
    }
    EXPECT_EQ(said, "");
    return run;
  }

  std::string Report(Strings arguments) const {
    arguments.insert(arguments.begin(), "report");
    return RunQuietly(std::move(arguments)).out;
  }

  json JsonReport(Strings arguments) const {
    arguments.emplace_back("--format=json");
    return json::parse(Report(std::move(arguments)));
  }

  void Collect(const std::vector<Process>& processes) {
    std::string records;
    for (const auto& [uid, end, hundredths] : processes) {
      records += EndedAt(end).Uid(uid).UserTime(hundredths).Bytes();
    }
    RunQuietly({"collect", "--no-running", "--accounting-file", dir_.Write("pacct", records),
                "--passwd", passwd_});
  }

  std::string Shown(absl::Time time) const {
    return absl::FormatTime("%Y-%m-%d %H:%M", time, time_zone_);
  }

  absl::Time Midnight(absl::CivilDay day) const { return absl::FromCivil(day, time_zone_); }
  absl::CivilDay DayOf(absl::Time time) const { return absl::ToCivilDay(time, time_zone_); }

  static absl::TimeZone Zone() {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(GetParam(), &zone));
    return zone;
  }

  const absl::TimeZone time_zone_ = Zone();
  const std::string passwd_ = dir_.Write("passwd",
                                         "alice:x:1001:1001::/:/bin/sh\n"
                                         "bob:x:1002:1002::/:/bin/sh\n"
                                         "carol:x:1003:1003::/:/bin/sh\n"
                                         "dave:x:1004:1004::/:/bin/sh\n");
};

const auto kZones = ::testing::Values("UTC", "Europe/Berlin");

std::string NameOf(const ::testing::TestParamInfo<const char*>& test) {
  return absl::StrReplaceAll(test.param, {{"/", ""}});
}

// Six hours of a past day, and the six hours before: a period given by its ends does not depend on
// the clock.
class EndsCliTest : public PeriodCliTest {
 protected:
  void SetUp() override {
    const absl::Time before = evening_ - absl::Hours(7);
    const absl::Time then = evening_ - absl::Hours(1);
    Collect({{1001, before, 6000},
             {1001, before, 4000},
             {1002, before, 8000},
             {1004, before, 2000},
             {1001, then, 8000},
             {1001, then, 3200},
             {1002, then, 4000},
             {1003, then, 500},
             {1004, then, 3000}});
  }

  Strings SixHoursTo(absl::Time end) const {
    return {"--since", Shown(end - absl::Hours(6)), "--until", Shown(end)};
  }

  // Six in the evening: changes of the clock are over in the morning.
  const absl::Time evening_ =
      absl::FromCivil(absl::CivilHour(DayOf(absl::Now()) - 2) + 18, time_zone_);
};

INSTANTIATE_TEST_SUITE_P(Zones, EndsCliTest, kZones, NameOf);

TEST_P(EndsCliTest, TheTableHasAColumnForTheChange) {
  const std::string date = absl::FormatTime("%Y-%m-%d ", evening_, time_zone_);
  const std::string zone = absl::FormatTime(" %Z\n", evening_, time_zone_);
  EXPECT_EQ(Report(SixHoursTo(evening_)),
            "CPU by user on lab01, " + date + "12:00 – 18:00" + zone + "from the store " + store_ +
                "\ncompared with " + date + "06:00 – 12:00" + zone +
                "\n"
                "USER     CPU TIME  SHARE  CHANGE  PROCESSES     LARGEST     RUNNING\n"
                "alice  0:01:52.00    60%    +12%          2  0:01:20.00  0:00:00.00\n"
                "bob    0:00:40.00    21%    -50%          1  0:00:40.00  0:00:00.00\n"
                "dave   0:00:30.00    16%    +50%          1  0:00:30.00  0:00:00.00\n"
                "carol  0:00:05.00     3%     new          1  0:00:05.00  0:00:00.00\n"
                "total  0:03:07.00   100%     -7%          5  0:01:20.00  0:00:00.00\n"
                "\nThe period that this is compared with is not fully known: " +
                date + "06:00 – 11:00" + zone.substr(0, zone.size() - 1) +
                " is missing.\nNot all processes that still run are included.\n");
}

TEST_P(EndsCliTest, CsvAndJsonHaveWhatWasUsedBefore) {
  Strings arguments = SixHoursTo(evening_);
  const json report = JsonReport(arguments);
  EXPECT_EQ(TimeOf(report["previous"]["start"]), evening_ - absl::Hours(12));
  EXPECT_EQ(TimeOf(report["previous"]["end"]), evening_ - absl::Hours(6));
  EXPECT_EQ(report["previous"]["cpu_seconds"], 200.00);
  EXPECT_EQ(report["totals"]["previous_cpu_seconds"], 200.00);

  arguments.emplace_back("--format=csv");
  const CsvRows rows = ParseCsv(Report(arguments));
  ASSERT_EQ(rows.size(), 4u);
  const Strings expected = {"100.00", "80.00", "20.00", "0.00"};
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].at("previous_cpu_seconds"), expected[i]);
    EXPECT_EQ(absl::StrCat(HundredthsOf(report["rows"][i]["previous_cpu_seconds"]) / 100, ".00"),
              expected[i]);
  }
}

TEST_P(EndsCliTest, TheSameUsersAreComparedAndNotTheSameHours) {
  Strings arguments = SixHoursTo(evening_);
  arguments.insert(arguments.end(), {"--ignore-user", "alice", "--top=1"});
  const json report = JsonReport(arguments);
  EXPECT_EQ(report["previous"]["cpu_seconds"], 100.00);
  EXPECT_EQ(report["rows"][0]["previous_cpu_seconds"], 80.00);
  EXPECT_EQ(report["others"]["previous_cpu_seconds"], 20.00);

  arguments = SixHoursTo(evening_);
  arguments.emplace_back("--by=user,day");
  const json by_day = JsonReport(arguments);
  EXPECT_TRUE(by_day["previous"].is_null());
  EXPECT_FALSE(by_day["rows"][0].contains("previous_cpu_seconds"));
  EXPECT_FALSE(absl::StrContains(Report(arguments), "CHANGE"));
}

TEST_P(EndsCliTest, AStoreThatBeganLaterIsNotComparedWithWhatItDoesNotKnow) {
  // The compared period would end when the store begins; in the second case, an hour later.
  const Strings arguments = SixHoursTo(evening_ - absl::Hours(1));
  EXPECT_TRUE(JsonReport(arguments)["previous"].is_null());
  const std::string table = Report(arguments);
  // A file has the column whatever the store knows.
  EXPECT_TRUE(absl::StrContains(table, "  CHANGE  ")) << table;
  EXPECT_TRUE(absl::StrContains(table, "%       -  ")) << table;
  EXPECT_TRUE(absl::StrContains(table, "\nalice ")) << table;
  EXPECT_FALSE(absl::StrContains(table, "compared with")) << table;
  EXPECT_FALSE(JsonReport(SixHoursTo(evening_))["previous"].is_null());
}

TEST_P(EndsCliTest, FilesAreNotCompared) {
  Strings arguments = SixHoursTo(evening_);
  arguments.push_back(dir_.Path("pacct"));
  EXPECT_TRUE(JsonReport(arguments)["previous"].is_null());
}

// A process that ends now, and one in each earlier hour, for four days.
class NamesCliTest : public PeriodCliTest {
 protected:
  void SetUp() override {
    for (uint32_t i = 0; i < 24 * 4; ++i) {
      processes_.push_back({.uid = 1001 + i % 3,
                            .end = begin_ - absl::Hours(i),
                            .hundredths = static_cast<uint16_t>(4000 + i * 389 % 4000)});
    }
    processes_.push_back({.uid = 1004, .end = begin_ - absl::Hours(30), .hundredths = 700});
    Collect(processes_);
  }

  // The report, and the output for `arguments` while the report stays the same.
  std::pair<json, std::string> ReportAnd(const char* period, Strings arguments) {
    arguments.insert(arguments.end(), {"--period", period});
    json report;
    std::string output;
    for (;;) {
      report = JsonReport({"--period", period});
      output = Report(arguments);
      if (JsonReport({"--period", period}) == report) return {report, output};
    }
  }

  // Checks all sums of `report` for the ends that it prints.
  void ExpectSumsOf(const json& report) const {
    const CpuByUser now =
        CpuIn(processes_, TimeOf(report["period"]["start"]), TimeOf(report["period"]["end"]));
    EXPECT_EQ(HundredthsOf(report["totals"]["cpu_seconds"]), SumOf(now));
    const json& previous = report["previous"];
    CpuByUser before;
    if (!previous.is_null()) {
      before = CpuIn(processes_, TimeOf(previous["start"]), TimeOf(previous["end"]));
      EXPECT_EQ(HundredthsOf(previous["cpu_seconds"]), SumOf(before));
      EXPECT_EQ(HundredthsOf(report["totals"]["previous_cpu_seconds"]), SumOf(before));
    }
    // A user with usage only in the previous period has a row too, unless nobody used anything now.
    CpuByUser shown = now;
    if (!now.empty()) {
      for (const auto& [uid, cpu] : before) shown.try_emplace(uid, 0);
    }
    EXPECT_EQ(report["rows"].size(), shown.size());
    for (const json& row : report["rows"]) {
      const auto uid = row["uid"].get<uint32_t>();
      ASSERT_TRUE(shown.contains(uid)) << uid;
      EXPECT_EQ(HundredthsOf(row["cpu_seconds"]), shown.at(uid));
      ASSERT_EQ(row.contains("previous_cpu_seconds"), !previous.is_null());
      if (previous.is_null()) continue;
      const auto found = before.find(uid);
      EXPECT_EQ(HundredthsOf(row["previous_cpu_seconds"]),
                found == before.end() ? 0 : found->second);
    }
  }

  // Checks that the table and the CSV agree with `report`.
  void ExpectTableAndCsv(const char* period) {
    const auto [report, table] = ReportAnd(period, {});
    const json& previous = report["previous"];
    const bool is_compared = !previous.is_null() && !report["rows"].empty();
    EXPECT_EQ(absl::StrContains(table, "\ncompared with "), is_compared) << table;
    EXPECT_EQ(absl::StrContains(table, " CHANGE "), !report["rows"].empty()) << table;
    if (is_compared) {
      const std::string line =
          absl::StrCat("\ncompared with ", Shown(TimeOf(previous["start"])), " – ");
      EXPECT_TRUE(absl::StrContains(table, line)) << table;
    }
    const auto [same, csv] = ReportAnd(period, {"--format=csv"});
    const CsvRows rows = ParseCsv(csv);
    ASSERT_EQ(rows.size(), same["rows"].size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const json& row = same["rows"][i];
      const std::string& before = rows[i].at("previous_cpu_seconds");
      ASSERT_EQ(before.empty(), same["previous"].is_null());
      if (before.empty()) continue;
      EXPECT_EQ(HundredthsOf(json::parse(before)), HundredthsOf(row["previous_cpu_seconds"]));
    }
  }

  const absl::Time begin_ = absl::Now();
  std::vector<Process> processes_;
};

INSTANTIATE_TEST_SUITE_P(Zones, NamesCliTest, kZones, NameOf);

TEST_P(NamesCliTest, LastDayIsYesterdayComparedWithTheDayBefore) {
  const json report = JsonReport({"--period=last-day"});
  const absl::Time start = TimeOf(report["period"]["start"]);
  const absl::Time end = TimeOf(report["period"]["end"]);
  EXPECT_GE(end, Midnight(DayOf(begin_)));
  EXPECT_LE(end, Midnight(DayOf(absl::Now())));
  EXPECT_EQ(end, Midnight(DayOf(end)));
  EXPECT_EQ(start, Midnight(DayOf(end) - 1));
  ASSERT_FALSE(report["previous"].is_null());
  EXPECT_EQ(TimeOf(report["previous"]["start"]), Midnight(DayOf(end) - 2));
  EXPECT_EQ(TimeOf(report["previous"]["end"]), start);
  EXPECT_GE(report["rows"].size(), 3u);
  ExpectSumsOf(report);
  ExpectTableAndCsv("last-day");
}

TEST_P(NamesCliTest, DayIsTodaySoFarComparedWithAsMuchOfYesterday) {
  const json report = JsonReport({"--period=day"});
  const absl::Time now = absl::Now();
  const absl::Time start = TimeOf(report["period"]["start"]);
  EXPECT_GE(start, Midnight(DayOf(begin_)));
  EXPECT_LE(start, Midnight(DayOf(now)));
  EXPECT_EQ(start, Midnight(DayOf(start)));
  EXPECT_EQ(TimeOf(report["period"]["end"]), Midnight(DayOf(start) + 1));
  const absl::Duration half_an_hour = absl::Minutes(30);
  if (report["previous"].is_null()) {
    EXPECT_LT(begin_ - start, half_an_hour);
  } else {
    const absl::Time previous_start = TimeOf(report["previous"]["start"]);
    const absl::Time previous_end = TimeOf(report["previous"]["end"]);
    EXPECT_EQ(previous_start, Midnight(DayOf(start) - 1));
    const absl::Duration compared = previous_end - previous_start;
    // Up to the same time of day; the clock may have changed by an hour.
    const absl::Duration change = absl::Hours(1);
    EXPECT_LE(compared, now - start + half_an_hour + change);
    EXPECT_GE(compared, begin_ - start - half_an_hour - change);
    EXPECT_EQ(compared % absl::Hours(1), absl::ZeroDuration());
  }
  ExpectSumsOf(report);
  ExpectTableAndCsv("day");
}

TEST_P(NamesCliTest, EveryOtherPeriodAddsUpToo) {
  for (const char* period : {"hour", "week", "month", "last-hour", "last-week", "last-month"}) {
    SCOPED_TRACE(period);
    ExpectSumsOf(JsonReport({"--period", period}));
    ExpectTableAndCsv(period);
  }
  EXPECT_TRUE(JsonReport({"--period=all"})["previous"].is_null());
  EXPECT_TRUE(JsonReport({"--period=since-last"})["previous"].is_null());
}

TEST_P(NamesCliTest, AMessageSaysTheChangeOfTheTotal) {
  const auto message = [&](const std::string& period) {
    return RunQuietly({"send", "--dry-run"},
                      {"CPUAGG_SEND_AS=text", "CPUAGG_REPORT_PERIOD=" + period})
        .out;
  };
  const std::string last_day = message("last-day");
  EXPECT_TRUE(absl::StrContains(last_day, " % against the day before\n")) << last_day;
  EXPECT_FALSE(absl::StrContains(message("all"), "before\n"));
}

}  // namespace
}  // namespace cpuagg::tools
