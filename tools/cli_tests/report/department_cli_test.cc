// The built binary, `cpuagg report --by department`: each department has exactly what its users
// have, whatever the report is of.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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

// It is noon of Wednesday, 2026-11-25. The records are of 2026-06-01 to 2026-11-25; 1001 is alice,
// 1002 bob, 1003 carol, and 1004 has no account.
class DepartmentCliTest : public testing::ClockCliTest {
 protected:
  DepartmentCliTest() {
    now_ = absl::FromCivil(absl::CivilHour(2026, 11, 25, 12), absl::UTCTimeZone());
    std::string records;
    for (uint32_t i = 0; i < 4 * 178; ++i) {
      const absl::Time end =
          absl::FromCivil(absl::CivilHour(2026, 6, 1, 9), absl::UTCTimeZone()) + i * absl::Hours(6);
      if (end >= now_) break;
      records += EndedAt(end)
                     .Uid(1001 + i % 7 % 4)
                     .Pid(100 + i)
                     .Command(i % 3 == 0 ? "gcc" : "make")
                     .UserTime(static_cast<uint16_t>(1 + 37 * i % 8000))
                     .Memory(static_cast<uint16_t>(i % 512))
                     .Bytes();
    }
    dir_.Write("pacct", records);
  }

  json Report(Strings arguments) const {
    arguments.insert(arguments.begin(), {"report", "--json", "--passwd", passwd_});
    return json::parse(OutputOf(std::move(arguments)));
  }

  static std::string DepartmentOf(const json& row) {
    static const std::map<int, std::string> kDepartments = {
        {1001, "Physics"}, {1002, "Physics"}, {1004, "Life, and more"}};
    const auto found = kDepartments.find(row["uid"].get<int>());
    return found == kDepartments.end() ? "null" : found->second;
  }

  // Compares the rows by department and `more` with the sums of those by user and `more`.
  void ExpectSumsOfUsers(const std::string& more, const Strings& arguments) const {
    SCOPED_TRACE(absl::StrCat(more, " ", ::testing::PrintToString(arguments)));
    Strings by_user = {absl::StrCat("--by=user", more)};
    Strings by_department = {absl::StrCat("--by=department", more), "--group-file", list_};
    for (Strings* const all : {&by_user, &by_department}) {
      all->insert(all->end(), arguments.begin(), arguments.end());
    }
    using Sums = std::map<std::string, std::array<int64_t, 3>>;
    const auto sums_of = [&](const json& report, auto department) {
      Sums sums;
      for (const json& row : report["rows"]) {
        std::string place = department(row);
        for (const char* const name : {"command", "month", "day", "week"}) {
          if (row.contains(name)) absl::StrAppend(&place, " ", row[name].dump());
        }
        std::array<int64_t, 3>& sum = sums[place];
        const auto hundredths = [&](const char* name) {
          return static_cast<int64_t>(row.value(name, 0.0) * 100 + 0.5);
        };
        sum[0] += row["processes"].get<int64_t>();
        sum[1] += hundredths("cpu_seconds");
        sum[2] += hundredths("previous_cpu_seconds");
      }
      return sums;
    };
    const json users = Report(by_user);
    const json departments = Report(by_department);
    const Sums expected = sums_of(users, DepartmentOf);
    EXPECT_GE(expected.size(), 3u);
    EXPECT_EQ(sums_of(departments,
                      [](const json& row) {
                        const json& department = row["department"];
                        return department.is_null() ? "null" : department.get<std::string>();
                      }),
              expected);
    EXPECT_EQ(departments["rows"].size(), expected.size());
    EXPECT_EQ(departments["totals"]["cpu_seconds"], users["totals"]["cpu_seconds"]);
  }

  const std::string passwd_ = dir_.Write(
      "passwd", "alice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\ncarol:x:1003:1::/:/bin/sh\n");
  const std::string list_ =
      dir_.Write("list", "# who pays\nalice Physics\nbob: Physics\n1004,\"Life, and more\"\n");
};

TEST_F(DepartmentCliTest, ADepartmentHasWhatItsUsersHave) {
  Collect({"--passwd", passwd_, "--keep-hours=30d"});
  for (const std::string& from : {pacct_, std::string("--store=" + store_)}) {
    for (const char* const more : {"", ",command", ",month", ",day", ",command,week"}) {
      ExpectSumsOfUsers(more, {from});
      ExpectSumsOfUsers(more, {"--period=2026-10", from});
    }
    ExpectSumsOfUsers("", {"--period=last-week", "--compare", from});
    ExpectSumsOfUsers(",command", {"--command=gcc", "--ignore-user=bob", from});
  }
}

TEST_F(DepartmentCliTest, ATableAndAChartHaveDepartments) {
  const std::string chart = dir_.Path("chart.svg");
  const std::string table = OutputOf({"report", "--by=department,user", "-n2", "--passwd", passwd_,
                                      "--group-file", list_, "--chart", chart, pacct_});
  EXPECT_TRUE(absl::StrContains(table, "\nDEPARTMENT  USER ")) << table;
  EXPECT_TRUE(absl::StrContains(table, "\nPhysics     alice  ")) << table;
  const Finished lines =
      Run({"report", "--by=department", "--csv", "--columns=department,processes", "--passwd",
           passwd_, "--group-file", list_, "-sname", pacct_});
  EXPECT_EQ(lines.err, "cpuagg: 1 user has no department: carol.\n");
  const std::string& csv = lines.out;
  EXPECT_TRUE(absl::StartsWith(csv, "department,processes\n\"Life, and more\",")) << csv;
  EXPECT_TRUE(absl::StrContains(csv, "\nPhysics,")) << csv;
  EXPECT_TRUE(absl::StrContains(csv, "\n,")) << csv;
  EXPECT_TRUE(absl::StrContains(
      OutputOf({"report", "--by=department", "--passwd", passwd_, "--group-file", list_, pacct_}),
      "\n(none)  "));
}

TEST_F(DepartmentCliTest, AMessageMayHaveDepartments) {
  Collect({"--passwd", passwd_});
  const std::string message = OutputOf(
      {"send", "--dry-run", "--by=department", "--group-file", list_, "--period=this-week"},
      {"CPUAGG_CHAT_ID=1"});
  EXPECT_TRUE(absl::StrContains(message, "Physics")) << message;
  const Finished run = Run({"send", "--alerts", "--group-file", list_});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_TRUE(absl::StrContains(run.err, "--group-file: applies to a report")) << run.err;
}

TEST_F(DepartmentCliTest, TheFlagAndTheDimensionNeedEachOther) {
  const auto error_of = [&](Strings arguments) {
    arguments.insert(arguments.begin(), "report");
    arguments.push_back(pacct_);
    const Finished run = Run(std::move(arguments));
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  EXPECT_EQ(error_of({"--by=department"}),
            "cpuagg: --by: department needs --group-file FILE, which has a line for each user: "
            "alice Physics\n");
  EXPECT_EQ(error_of({"--group-file", list_}),
            "cpuagg: --group-file: has no effect without --by department; add that, or leave the "
            "file out\n");
  EXPECT_EQ(error_of({"--by=department", "--group-file", dir_.Path("none")}),
            absl::StrCat("cpuagg: --group-file: ", dir_.Path("none"),
                         ": cannot open: No such file or directory\n"));
  EXPECT_EQ(error_of({"--by=department", "--group-file", dir_.Path("")}),
            absl::StrCat("cpuagg: --group-file: ", dir_.Path(""),
                         ": is a directory; name a file with a user and a department in each "
                         "line\n"));
  const std::string wrong = dir_.Write("wrong", "alice Physics\nalice Biology\n");
  EXPECT_EQ(error_of({"--by=department", "--group-file", wrong}),
            absl::StrCat("cpuagg: --group-file: ", wrong,
                         ":2: 'alice' is in Biology here, and in Physics in line 1; a user has one "
                         "department, so leave one of the lines out\n"));
  EXPECT_TRUE(absl::StrContains(error_of({"--by=departement", "--group-file", list_}),
                                "did you mean department?"));
}

TEST_F(DepartmentCliTest, WhatTheListLacksIsNamed) {
  const std::string list =
      dir_.Write("misspelt", "alice Physics\nbob physics\ncarl Math\nzoe Math\n");
  const Strings notes = Report({"--by=department", "--group-file", list, pacct_})["notes"];
  const Strings expected = {
      "2 users have no department: ",
      "The list of departments has users without account and usage: carl (did you mean carol?), "
      "zoe.",
      "The departments Physics and physics differ in upper and lower case only."};
  ASSERT_EQ(notes.size(), expected.size()) << ::testing::PrintToString(notes);
  for (size_t i = 0; i < notes.size(); ++i) {
    EXPECT_TRUE(absl::StartsWith(notes[i], expected[i])) << notes[i];
  }
  // Whom the report leaves out is not missing.
  EXPECT_EQ(Report({"--by=department", "--group-file", list, "--user=alice", pacct_})["notes"],
            json(Strings{expected[2]}));
  // bob used nothing then, and has an account.
  const std::string two = dir_.Write("two", "alice Physics\nbob Physics\n");
  const json one = Report({"--by=department", "--group-file", two, "--since=2026-06-03 02:00",
                           "--until=2026-06-03 04:00", pacct_});
  EXPECT_EQ(one["notes"], json::array()) << one;
}

TEST_F(DepartmentCliTest, AListOfOtherUsersGetsAWarning) {
  const std::string others = dir_.Write("others", "Physics alice\nBiology bob\n");
  const Finished run = Run({"report", "--by=department", "--passwd", passwd_, "--group-file",
                            others, "--csv", "--columns=department", pacct_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: --group-file: no user of this report is among the 2 "
                                  "users of ",
                                  others, "; a line begins with the user: alice Physics\n"));
  EXPECT_EQ(run.out, "department\n\"\"\n");
}

}  // namespace
}  // namespace cpuagg::tools
