// The built binary, `cpuagg report --sort` and `--top`: in which order rows come, and which of
// them.

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_by.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;

class ReportOrderCliTest : public ReportByTest {};

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

// "9.1 MiB" in bytes.
int64_t SizeOf(const std::string& size) {
  const std::map<std::string, double> units = {
      {"B", 1}, {"KiB", 1024.0}, {"MiB", 1024.0 * 1024}, {"GiB", 1024.0 * 1024 * 1024}};
  const std::vector<std::string> words = absl::StrSplit(size, ' ');
  double count = -1;
  EXPECT_TRUE(absl::SimpleAtod(words.at(0), &count)) << size;
  return static_cast<int64_t>(count * units.at(words.at(1)));
}

TEST_F(ReportOrderCliTest, EveryKeySortsByItsColumn) {
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
      {"mean", "mean_cpu_seconds", false},
      {"memory", "memory_kib", false},
      {"major-faults", "major_faults", false},
      {"time", "day", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.key);
    const json report = ReportOfFiles({"--by=user,day", "--sort", c.key});
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
    const json report = ReportOfFiles({"--sort", key});
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

TEST_F(ReportOrderCliTest, TheTableHasTheColumnThatItIsSortedBy) {
  struct Case {
    const char* key;
    const char* column;
    const char* choice;  // as the heading says it
  };
  const Case cases[] = {
      {"cpu", "CPU TIME", ""},
      {"user-time", "USER TIME", "sorted by user time"},
      {"system-time", "SYSTEM TIME", "sorted by system time"},
      {"processes", "PROCESSES", "sorted by processes"},
      {"elapsed", "ELAPSED", "sorted by elapsed time"},
      {"largest", "LARGEST", "sorted by largest process"},
      {"mean", "MEAN TIME", "sorted by mean CPU time"},
      {"memory", "MEAN SIZE", "sorted by memory"},
      {"major-faults", "MAJOR FAULTS", "sorted by major faults"},
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
      if (key == "memory") return SizeOf(cell(i));
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

TEST_F(ReportOrderCliTest, TopTakesTheBusiestHoursAndShowsThemInTheirOrder) {
  for (const std::string by : {"hour", "user,hour"}) {
    SCOPED_TRACE(by);
    const json all = ReportOfFiles({"--by", by})["rows"];
    ASSERT_GT(all.size(), 20u);
    std::vector<json> busiest(all.begin(), all.end());
    std::stable_sort(busiest.begin(), busiest.end(), [](const json& a, const json& b) {
      return a["cpu_seconds"].get<double>() > b["cpu_seconds"].get<double>();
    });
    ASSERT_NE(busiest[2]["cpu_seconds"], busiest[3]["cpu_seconds"]);
    busiest.resize(3);
    const json top = ReportOfFiles({"--by", by, "--top=3"});
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
    const json first = ReportOfFiles({"--by", by, "--top=3", "--sort=time"})["rows"];
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(first[i], all[i]);
    EXPECT_TRUE(absl::StrContains(OnFiles({"report", "--by", by, "--top=3", "--sort=time"}),
                                  absl::StrCat("\nthe first 3 of ", all.size(), " ", noun, "\n")));
    const json by_cpu = ReportOfFiles({"--by", by, "--top=3", "--sort=cpu"})["rows"];
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(by_cpu[i], busiest[i]);
    EXPECT_EQ(ReportOfFiles({"--by", by, "--top=1000000"})["rows"], all);
    EXPECT_FALSE(absl::StrContains(OnFiles({"report", "--by", by, "--top=1000000"}), "busiest"));
  }
}

}  // namespace
}  // namespace cpuagg::tools
