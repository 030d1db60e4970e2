// The built binary, `cpuagg report --by`: every dimension and pair of dimensions, compared with
// sums that the test computes from the output of `cpuagg records`.

#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/csv.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;
using nlohmann::json;
using testing::CsvRows;
using testing::Finished;
using testing::ParseCsv;
using testing::RunProgram;

constexpr char kZone[] = "Europe/Berlin";

// "1.25" -> 125: all records here have whole hundredths of a second.
int64_t Hundredths(const std::string& seconds) {
  int64_t hundredths = -1;
  EXPECT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(seconds, {{".", ""}}), &hundredths)) << seconds;
  return hundredths;
}

int64_t Hundredths(const json& seconds) { return std::llround(seconds.get<double>() * 100); }

int64_t Number(const std::string& digits) {
  int64_t number = -1;
  EXPECT_TRUE(absl::SimpleAtoi(digits, &number)) << digits;
  return number;
}

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
                .Command(commands[below(std::size(commands))])
                .Bytes();
  }
  return file;
}

class ReportByCliTest : public ::testing::Test {
 protected:
  Finished Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "tools/cpuagg");
    return RunProgram(
        {.argv = std::move(arguments),
         .environment = {std::string("TZ=") + kZone, "CPUAGG_STORE=" + dir_.Path("store"),
                         "CPUAGG_ACCOUNTING_FILE=testdata/lab/pacct.0"}});
  }

  std::string OnFiles(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--passwd", "testdata/lab/passwd"});
    arguments.insert(arguments.end(), files_.begin(), files_.end());
    const Finished run = Run(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, "");
    return run.out;
  }

  CsvRows Records() const { return ParseCsv(OnFiles({"records", "--format=csv"})); }

  json Report(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"report", "--format=json"});
    return json::parse(OnFiles(std::move(arguments)));
  }

  // The value of a record in a dimension.
  std::string PlaceOf(const std::map<std::string, std::string>& record,
                      const std::string& dimension) const {
    if (dimension == "user") return record.at("uid");
    if (dimension == "group") return record.at("gid");
    if (dimension == "command" || dimension == "tty") return record.at(dimension);
    absl::Time end;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, record.at("end"), &end, nullptr));
    if (dimension == "day") return absl::FormatTime("%Y-%m-%d", end, zone_);
    const absl::CivilSecond clock = absl::ToCivilSecond(end, zone_);
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez",
                            end - absl::Minutes(clock.minute()) - absl::Seconds(clock.second()),
                            zone_);
  }

  // The same for a row of a report.
  static std::string PlaceOf(const json& row, const std::string& dimension) {
    if (dimension == "user") return absl::StrCat(row["uid"].get<uint64_t>());
    if (dimension == "group") return absl::StrCat(row["gid"].get<uint64_t>());
    const json& place = row[dimension];
    if (place.is_null()) return "";
    // JSON has unprintable characters as they are, CSV does not.
    return absl::StrReplaceAll(place.get<std::string>(), {{"\t", "\\t"}});
  }

  template <typename Row>
  std::string PlacesOf(const Row& row, const std::vector<std::string>& by) const {
    return absl::StrJoin(by, " · ", [&](std::string* text, const std::string& dimension) {
      absl::StrAppend(text, PlaceOf(row, dimension));
    });
  }

  // Checks the report by `by` of the records that `chosen` selects, as `arguments` should.
  void ExpectReport(
      const CsvRows& records, const std::vector<std::string>& by,
      std::vector<std::string> arguments = {},
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
    const json report = Report(std::move(arguments));
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

  TempDir dir_;
  const absl::TimeZone zone_ = Zone();
  const std::vector<std::string> files_ = {"testdata/lab/pacct.2.gz", "testdata/lab/pacct.1.gz",
                                           "testdata/lab/pacct.0", "testdata/lab/pacct",
                                           dir_.Write("autumn", DaysOfAutumn())};
};

TEST_F(ReportByCliTest, EveryDimensionAndPairSumsUpItsRecords) {
  const std::vector<std::string> dimensions = {"user", "group", "command", "tty", "hour", "day"};
  const CsvRows records = Records();
  ASSERT_EQ(records.size(), 2005u + 3000u);
  for (const std::string& first : dimensions) {
    ExpectReport(records, {first});
    for (const std::string& second : dimensions) {
      if (first != second) ExpectReport(records, {first, second});
    }
  }
  ExpectReport(records, {"day", "user", "command", "tty", "group"});
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

TEST_F(ReportByCliTest, EveryKeySortsByItsColumn) {
  struct Case {
    const char* key;
    const char* column;
    bool ascending;
  };
  const Case cases[] = {
      {"cpu", "cpu_seconds", false},
      {"user-time", "user_seconds", false},
      {"system-time", "system_seconds", false},
      {"processes", "processes", false},
      {"elapsed", "elapsed_seconds", false},
      {"largest", "largest_cpu_seconds", false},
      {"memory", "memory_kib", false},
      {"time", "day", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.key);
    const json report = Report({"--by=user,day", "--sort", c.key});
    const json& rows = report["rows"];
    ASSERT_GT(rows.size(), 20u);
    for (size_t i = 1; i < rows.size(); ++i) {
      const json& above = rows[i - 1][c.column];
      const json& below = rows[i][c.column];
      EXPECT_TRUE(c.ascending ? above <= below : above >= below) << above << ", " << below;
    }
  }
  for (const char* const key : {"uid", "name"}) {
    SCOPED_TRACE(key);
    const json report = Report({"--sort", key});
    const json& rows = report["rows"];
    ASSERT_GT(rows.size(), 10u);
    for (size_t i = 1; i < rows.size(); ++i) {
      const json& above = rows[i - 1];
      const json& below = rows[i];
      if (std::string(key) == "uid") {
        EXPECT_LT(above["uid"], below["uid"]);
      } else if (below["user"].is_null()) {
        EXPECT_TRUE(!above["user"].is_null() || above["uid"] < below["uid"]) << "without a name";
      } else {
        EXPECT_LT(above["user"], below["user"]);
      }
    }
  }
}

// The cells of a table's rows, by heading.
std::vector<std::map<std::string, std::string>> TableRows(const std::string& table) {
  const std::vector<std::string> lines = absl::StrSplit(table, '\n');
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    for (const absl::string_view cell : absl::StrSplit(line, "  ", absl::SkipWhitespace())) {
      cells.emplace_back(absl::StripAsciiWhitespace(cell));
    }
    return cells;
  };
  size_t line = 0;
  while (line < lines.size() && !absl::StrContains(lines[line], "CPU TIME")) ++line;
  std::vector<std::map<std::string, std::string>> rows;
  if (line == lines.size()) return rows;
  const std::vector<std::string> headings = cells_of(lines[line]);
  while (++line < lines.size()) {
    const std::vector<std::string> cells = cells_of(lines[line]);
    // The lines of the others and of the total have fewer.
    if (cells.size() != headings.size()) break;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i == 0) rows.emplace_back();
      rows.back()[headings[i]] = cells[i];
    }
  }
  return rows;
}

TEST_F(ReportByCliTest, TheTableHasTheColumnThatItIsSortedBy) {
  struct Case {
    const char* key;
    const char* column;
    const char* choice;  // as in the heading
  };
  const Case cases[] = {
      {"cpu", "CPU TIME", ""},
      {"user-time", "USER SECS", "sorted by user time"},
      {"system-time", "SYSTEM SECS", "sorted by system time"},
      {"processes", "PROCESSES", "sorted by processes"},
      {"elapsed", "ELAPSED SECS", "sorted by elapsed time"},
      {"largest", "LARGEST", "sorted by largest process"},
      {"memory", "MEAN MEMORY KIB", "sorted by memory"},
      {"name", "USER", "sorted by name"},
      {"uid", "UID", "sorted by id"},
      {"time", "DAY", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.key);
    const std::string table = OnFiles({"report", "--by=user,day", "--sort", c.key});
    const auto rows = TableRows(table);
    ASSERT_GT(rows.size(), 20u) << table;
    EXPECT_TRUE(absl::StrContains(
        table, absl::StrCat(*c.choice == '\0' ? "" : "\n", c.choice, "\n\nUSER ")))
        << table;
    const std::string key = c.key;
    const auto cell = [&](size_t i) { return rows[i].at(c.column); };
    const auto number = [&](size_t i) {
      return Number(absl::StrReplaceAll(cell(i), {{",", ""}, {":", ""}, {".", ""}}));
    };
    std::set<std::string> different;
    for (size_t i = 0; i < rows.size(); ++i) {
      different.insert(cell(i));
      if (i == 0) continue;
      if (key == "uid") {
        EXPECT_LE(number(i - 1), number(i));
      } else if (key == "time") {
        EXPECT_LE(cell(i - 1), cell(i));
      } else if (key == "name") {
        // Users without a name come last, as numbers.
        const auto name = [&](size_t place) {
          const bool is_id = absl::ascii_isdigit(cell(place)[0]);
          return std::tuple(is_id, is_id ? cell(place).size() : 0, cell(place));
        };
        EXPECT_LE(name(i - 1), name(i));
      } else {
        EXPECT_GE(number(i - 1), number(i));
      }
    }
    EXPECT_GT(different.size(), 2u) << "is it the column?";
  }
}

TEST_F(ReportByCliTest, TopTakesTheBusiestHoursAndShowsThemInTheirOrder) {
  for (const std::string by : {"hour", "user,hour"}) {
    SCOPED_TRACE(by);
    const json all = Report({"--by", by})["rows"];
    ASSERT_GT(all.size(), 20u);
    std::vector<json> busiest(all.begin(), all.end());
    std::stable_sort(busiest.begin(), busiest.end(), [](const json& a, const json& b) {
      return a["cpu_seconds"].get<double>() > b["cpu_seconds"].get<double>();
    });
    ASSERT_NE(busiest[2]["cpu_seconds"], busiest[3]["cpu_seconds"]);
    busiest.resize(3);
    const json top = Report({"--by", by, "--top=3"});
    ASSERT_EQ(top["rows"].size(), 3u);
    EXPECT_EQ(top["others"]["rows"], all.size() - 3);
    size_t shown = 0;
    for (const json& row : all) {
      if (std::find(busiest.begin(), busiest.end(), row) == busiest.end()) continue;
      EXPECT_EQ(top["rows"][shown++], row);
    }
    EXPECT_EQ(shown, 3u);
    const std::string noun = by == "hour" ? "hours" : "rows";
    EXPECT_TRUE(
        absl::StrContains(OnFiles({"report", "--by", by, "--top=3"}),
                          absl::StrCat("\nthe 3 busiest of ", all.size(), " ", noun, "\n")));
    // An explicit key determines both the choice and the order.
    const json first = Report({"--by", by, "--top=3", "--sort=time"})["rows"];
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(first[i], all[i]);
    EXPECT_TRUE(absl::StrContains(OnFiles({"report", "--by", by, "--top=3", "--sort=time"}),
                                  absl::StrCat("\nthe first 3 of ", all.size(), " ", noun, "\n")));
    const json by_cpu = Report({"--by", by, "--top=3", "--sort=cpu"})["rows"];
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(by_cpu[i], busiest[i]);
    EXPECT_EQ(Report({"--by", by, "--top=1000000"})["rows"], all);
    EXPECT_FALSE(absl::StrContains(OnFiles({"report", "--by", by, "--top=1000000"}), "busiest"));
  }
}

TEST_F(ReportByCliTest, WhatIsNotShownIsInOneLine) {
  const json all = Report({"--by=command"});
  const json top = Report({"--by=command", "--top=3"});
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
  const json report = Report({"--by=command,user"});
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
    std::vector<std::string> arguments;
    const char* err;
  };
  const Case cases[] = {
      {{"--by", "colour"},
       "cpuagg: --by: 'colour' is not one of user, command, group, tty, hour and day\n"},
      {{"--by", "user,"}, ""},
      {{"--sort", "colour"},
       "cpuagg: --sort: 'colour' is not one of cpu, user-time, system-time, processes, elapsed, "
       "largest, memory, name, uid and time\n"},
      {{"--sort", "time"},
       "cpuagg: --sort: the rows have no time; add hour or day to --by, or sort by another key\n"},
      {{"--top", "0"}, "cpuagg: --top: '0' is not a number from 1 to 1000000\n"},
      {{"--top", "-3"}, "cpuagg: --top: '-3' is not a number from 1 to 1000000\n"},
      {{"--top", "many"}, "cpuagg: --top: 'many' is not a number from 1 to 1000000\n"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = c.arguments;
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
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--by", "user,group"}, {"--by", "tty"}}) {
    std::vector<std::string> report = arguments;
    report.insert(report.begin(), "report");
    const Finished run = Run(report);
    EXPECT_EQ(run.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.err,
              "cpuagg: --by: the store knows users, commands, hours and days; name the accounting "
              "files to ask them for groups or terminals\n");
  }
  // What the store knows agrees with the file.
  for (const char* const by : {"user", "hour", "day", "user,hour", "day,user", "day,hour"}) {
    const Finished store = Run({"report", "--format=json", "--by", by});
    const Finished file = Run({"report", "--format=json", "--by", by, "testdata/lab/pacct.0"});
    EXPECT_EQ(store.exit_code, 0) << store.err;
    EXPECT_EQ(json::parse(store.out)["rows"], json::parse(file.out)["rows"]) << by;
  }
}

}  // namespace
}  // namespace cpuagg::tools
