// Parses comma-separated values (RFC 4180) in the output of programs.
//
//   const CsvRows rows = ParseCsv("uid,user\n7,\"a,b\"\n");
//   EXPECT_EQ(rows[0].at("user"), "a,b");

#ifndef CPUAGG_TOOLS_TESTING_CSV_H_
#define CPUAGG_TOOLS_TESTING_CSV_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::tools::testing {

// The cells of each row, by the name of their column.
using CsvRows = std::vector<std::map<std::string, std::string>>;

// The rows after the first one, which names the columns. Fails the test if a row has another number
// of cells, or if the text is malformed.
CsvRows ParseCsv(absl::string_view text);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_CSV_H_
