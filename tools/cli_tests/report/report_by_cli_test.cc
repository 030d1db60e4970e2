// The built binary, `cpuagg report --by`: every dimension and pair of dimensions, compared with
// sums that the test computes from the output of `cpuagg records`.

#include <fnmatch.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/sanitized.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_by.h"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;

constexpr char kZone[] = "Europe/Berlin";

struct Sums {
  int64_t processes = 0;
  int64_t user = 0;  // in hundredths of a second, like the next three
  int64_t system = 0;
  int64_t elapsed = 0;
  int64_t largest_cpu = 0;
  int64_t memory = 0;
  int64_t largest_memory = 0;
  int64_t io = 0;
  int64_t minor_faults = 0;
  int64_t major_faults = 0;

  void Add(const std::map<std::string, std::string>& record) {
    ++processes;
    user += Hundredths(record.at("user_seconds"));
    system += Hundredths(record.at("system_seconds"));
    elapsed += Hundredths(record.at("elapsed_seconds"));
    largest_cpu = std::max(largest_cpu, Hundredths(record.at("cpu_seconds")));
    const int64_t kib = Number(record.at("memory_kib"));
    memory += kib;
    largest_memory = std::max(largest_memory, kib);
    io += Number(record.at("io"));
    minor_faults += Number(record.at("minor_faults"));
    major_faults += Number(record.at("major_faults"));
  }
};

void ExpectSums(const json& row, const Sums& sums) {
  const int64_t cpu = sums.user + sums.system;
  EXPECT_EQ(row["processes"], sums.processes);
  EXPECT_EQ(Hundredths(row["user_seconds"]), sums.user);
  EXPECT_EQ(Hundredths(row["system_seconds"]), sums.system);
  EXPECT_EQ(Hundredths(row["cpu_seconds"]), cpu);
  EXPECT_EQ(Hundredths(row["elapsed_seconds"]), sums.elapsed);
  EXPECT_EQ(Hundredths(row["largest_cpu_seconds"]), sums.largest_cpu);
  EXPECT_EQ(Hundredths(row["mean_cpu_seconds"]), (2 * cpu + sums.processes) / (2 * sums.processes));
  EXPECT_EQ(row["memory_kib"], sums.memory / sums.processes);
  EXPECT_EQ(row["largest_memory_kib"], sums.largest_memory);
  EXPECT_EQ(row["io"], sums.io);
  EXPECT_EQ(row["minor_faults"], sums.minor_faults);
  EXPECT_EQ(row["major_faults"], sums.major_faults);
}

class ReportByCliTest : public ReportByTest {
 protected:
  using ReportByTest::PlaceOf;

  CsvRows Records() const { return ParseCsv(OnFiles({"records", "--format=csv"})); }

  // The value of a record in a dimension.
  std::string PlaceOf(const std::map<std::string, std::string>& record,
                      const std::string& dimension) const {
    if (dimension == "user") return record.at("uid");
    if (dimension == "group") return record.at("gid");
    if (dimension == "command" || dimension == "tty") return record.at(dimension);
    if (dimension == "signal") {
      const int64_t number = Number(record.at("signal"));
      return number == 0 ? "" : sigabbrev_np(static_cast<int>(number));
    }
    absl::Time end;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, record.at("end"), &end, nullptr));
    const absl::CivilDay date = absl::ToCivilDay(end, time_zone_);
    if (dimension == "month") return absl::FormatTime("%Y-%m", end, time_zone_);
    if (dimension == "week") {
      return absl::FormatCivilTime(absl::PrevWeekday(date + 1, absl::Weekday::monday));
    }
    if (dimension == "day") return absl::FormatTime("%Y-%m-%d", end, time_zone_);
    const absl::CivilSecond clock = absl::ToCivilSecond(end, time_zone_);
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez",
                            end - absl::Minutes(clock.minute()) - absl::Seconds(clock.second()),
                            time_zone_);
  }

  template <typename Row>
  std::string PlacesOf(const Row& row, const Strings& by) const {
    return absl::StrJoin(by, " · ", [&](std::string* text, const std::string& dimension) {
      absl::StrAppend(text, PlaceOf(row, dimension));
    });
  }

  // Checks the report by `by` of the records that `chosen` selects, as `arguments` should.
  void ExpectReport(
      const CsvRows& records, const Strings& by, Strings arguments = {},
      const std::function<bool(const std::map<std::string, std::string>&)>& chosen =
          [](const auto&) { return true; }) const {
    SCOPED_TRACE(absl::StrJoin(by, ","));
    std::map<std::string, Sums> expected;
    Sums totals;
    for (const auto& record : records) {
      if (!chosen(record)) continue;
      expected[PlacesOf(record, by)].Add(record);
      totals.Add(record);
    }
    arguments.insert(arguments.end(), {"--by", absl::StrJoin(by, ",")});
    const json report = ReportOfFiles(std::move(arguments));
    EXPECT_EQ(report["by"], json(by));
    std::set<std::string> seen;
    for (const json& row : report["rows"]) {
      const std::string places = PlacesOf(row, by);
      SCOPED_TRACE(places);
      EXPECT_TRUE(seen.insert(places).second) << "twice";
      ASSERT_TRUE(expected.contains(places));
      ExpectSums(row, expected[places]);
    }
    EXPECT_EQ(seen.size(), expected.size());
    ExpectSums(report["totals"], totals);
  }

  static absl::TimeZone Zone() {
    absl::TimeZone zone;
    EXPECT_TRUE(absl::LoadTimeZone(kZone, &zone));
    return zone;
  }

  const absl::TimeZone time_zone_ = Zone();
};

TEST_F(ReportByCliTest, EveryDimensionAndPairSumsUpItsRecords) {
  const Strings dimensions = {"user", "group", "command", "tty",  "signal",
                              "hour", "day",   "week",    "month"};
  const CsvRows records = Records();
  ASSERT_EQ(records.size(), 2005u + 3000u);
  for (const std::string& first : dimensions) {
    ExpectReport(records, {first});
    for (const std::string& second : dimensions) {
      const bool is_ambiguous = first == second || (first == "week" && second == "month") ||
                                (first == "month" && second == "week");
      if (is_ambiguous || (!acct::testing::SanitizerOfProgram().empty() && first > second))
        continue;
      ExpectReport(records, {first, second});
    }
  }
  ExpectReport(records, {"day", "user", "command", "tty", "group"});
  ExpectReport(records, {"month", "week", "day", "signal"});
}

TEST_F(ReportByCliTest, ChosenCommandsAndUsersAreThoseOfTheRecords) {
  using Record = std::map<std::string, std::string>;
  const auto matches = [](const char* pattern) {
    return [=](const Record& record) {
      return fnmatch(pattern, record.at("command").c_str(), 0) == 0;
    };
  };
  const CsvRows records = Records();
  ExpectReport(records, {"user"}, {"--command", "py*"}, matches("py*"));
  ExpectReport(records, {"command"}, {"--command", "?c*"}, matches("?c*"));
  ExpectReport(records, {"hour"}, {"--command", "[a-c]*"}, matches("[a-c]*"));
  ExpectReport(records, {"day"}, {"--command", "gcc", "--command", "ld"}, [](const Record& record) {
    return record.at("command") == "gcc" || record.at("command") == "ld";
  });
  ExpectReport(records, {"command"}, {"--user", "alice,1004"}, [](const Record& record) {
    return record.at("user") == "alice" || record.at("uid") == "1004";
  });
  ExpectReport(records, {"group", "day"}, {"--ignore-user", "root,bob,1005"},
               [](const Record& record) {
                 return record.at("user") != "root" && record.at("user") != "bob" &&
                        record.at("uid") != "1005";
               });
  ExpectReport(records, {"command"}, {"--since", "2026-10-25 02:30", "--until", "2026-10-26"},
               [](const Record& record) {
                 // The first of the two times half past two.
                 return record.at("end") >= "2026-10-25T00:30:00Z" &&
                        record.at("end") < "2026-10-25T23:00:00Z";
               });
}

TEST_F(ReportByCliTest, WhatIsNotShownIsInOneLine) {
  const json all = ReportOfFiles({"--by=command"});
  const json top = ReportOfFiles({"--by=command", "--top=3"});
  EXPECT_EQ(top["rows"].size(), 3u);
  EXPECT_EQ(top["totals"], all["totals"]);
  EXPECT_EQ(top["others"]["rows"], all["rows"].size() - 3);
  int64_t shown = Hundredths(top["others"]["cpu_seconds"]);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(top["rows"][i], all["rows"][i]);
    shown += Hundredths(top["rows"][i]["cpu_seconds"]);
  }
  EXPECT_EQ(shown, Hundredths(all["totals"]["cpu_seconds"]));
}

TEST_F(ReportByCliTest, CsvAndTableHaveAColumnForEachDimension) {
  const CsvRows rows = ParseCsv(OnFiles({"report", "--format=csv", "--by=command,user"}));
  const json report = ReportOfFiles({"--by=command,user"});
  ASSERT_EQ(rows.size(), report["rows"].size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const json& row = report["rows"][i];
    EXPECT_EQ(rows[i].at("uid"), absl::StrCat(row["uid"].get<uint64_t>()));
    EXPECT_EQ(rows[i].at("user"), row["user"].is_null() ? "" : row["user"].get<std::string>());
    EXPECT_EQ(rows[i].at("command"), PlaceOf(row, "command"));
    EXPECT_EQ(Hundredths(rows[i].at("cpu_seconds")), Hundredths(row["cpu_seconds"]));
  }
  const std::string table = OnFiles({"report", "--by=command,user"});
  EXPECT_EQ(table.find("CPU by command and user on "), 0u) << table;
  EXPECT_NE(table.find("\nCOMMAND "), std::string::npos);
}

TEST_F(ReportByCliTest, AWrongChoiceNamesTheFlagAndTheFix) {
  struct Case {
    Strings arguments;
    const char* err;
  };
  const Case cases[] = {
      {{"--by", "colour"},
       "cpuagg: --by: 'colour' is not one of user, command, group, department, tty, signal, host, "
       "hour, day, week and month\n"},
      {{"--by", "user,"}, ""},
      {{"--by", "month,user,week"},
       "cpuagg: --by: a week may be of two months; add day, or leave week or month out\n"},
      {{"--sort", "colour"},
       "cpuagg: --sort: 'colour' is not one of cpu, user-time, system-time, processes, elapsed, "
       "largest, mean, memory, major-faults, change, name, uid and time\n"},
      {{"--sort", "time"},
       "cpuagg: --sort: the rows have no time; add day, week or month to --by, or sort by another "
       "key\n"},
      {{"--top", "0"}, "cpuagg: --top: '0' is not a number from 1 to 1000000\n"},
      {{"--top", "-3"}, "cpuagg: --top: '-3' is not a number from 1 to 1000000\n"},
      {{"--top", "many"}, "cpuagg: --top: 'many' is not a number from 1 to 1000000\n"},
  };
  for (const Case& c : cases) {
    Strings arguments = c.arguments;
    arguments.insert(arguments.begin(), "report");
    arguments.push_back(files_[2]);
    const Finished run = Run(arguments);
    EXPECT_EQ(run.exit_code, *c.err == '\0' ? 0 : 2) << run.err;
    EXPECT_EQ(run.err, c.err);
    EXPECT_EQ(run.out.empty(), *c.err != '\0');
  }
}

TEST_F(ReportByCliTest, TheStoreSaysWhatItDoesNotKnow) {
  ASSERT_EQ(Run({"collect", "--no-running"}).exit_code, 0);
  for (const Strings& arguments :
       {Strings{"--by", "user,group"}, {"--by", "tty"}, {"--by", "signal"}}) {
    Strings report = arguments;
    report.insert(report.begin(), "report");
    const Finished run = Run(report);
    EXPECT_EQ(run.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "cpuagg: --by: the store knows users, commands and times; name the accounting files, "
              "or add --accounting-file FILE, to ask them for groups, terminals or signals\n");
  }
  // What the store knows agrees with the file.
  for (const char* const by : {"user", "hour", "day", "week", "month", "user,hour", "day,user",
                               "day,hour", "user,month", "month,week,day"}) {
    const Finished store = Run({"report", "--format=json", "--by", by});
    const Finished file = Run({"report", "--format=json", "--by", by, "testdata/lab/pacct.0"});
    EXPECT_EQ(store.exit_code, 0) << store.err;
    EXPECT_EQ(json::parse(store.out)["rows"], json::parse(file.out)["rows"]) << by;
  }
}

}  // namespace
}  // namespace cpuagg::tools
