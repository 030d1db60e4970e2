#include "tools/testing/csv.h"

#include <cstddef>
#include <utility>

#include "gtest/gtest.h"

namespace cpuagg::tools::testing {
namespace {

// Takes the first cell from `text`, with the comma or newline after it, and returns both.
std::pair<std::string, char> TakeCell(absl::string_view& text) {
  std::string cell;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_quote = c == '"';
    if (is_quote && quoted && i + 1 < text.size() && text[i + 1] == '"') {
      cell += text[++i];
    } else if (is_quote) {
      EXPECT_TRUE(quoted || cell.empty()) << "a quote within " << cell;
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\n')) {
      text.remove_prefix(i + 1);
      return {cell, c};
    } else {
      cell += c;
    }
  }
  ADD_FAILURE() << "the last line does not end: " << text;
  text = absl::string_view();
  return {cell, '\n'};
}

std::vector<std::string> TakeLine(absl::string_view& text) {
  std::vector<std::string> cells;
  for (char end = ','; end == ',';) {
    auto [cell, behind] = TakeCell(text);
    cells.push_back(std::move(cell));
    end = behind;
  }
  return cells;
}

}  // namespace

CsvRows ParseCsv(absl::string_view text) {
  const std::vector<std::string> columns = TakeLine(text);
  CsvRows rows;
  while (!text.empty()) {
    const std::vector<std::string> cells = TakeLine(text);
    EXPECT_EQ(cells.size(), columns.size());
    if (cells.size() != columns.size()) return rows;
    std::map<std::string, std::string>& row = rows.emplace_back();
    for (size_t i = 0; i < cells.size(); ++i) row[columns[i]] = cells[i];
  }
  return rows;
}

}  // namespace cpuagg::tools::testing
