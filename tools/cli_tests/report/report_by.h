// ReportByTest: `cpuagg report --by` on a history of many users, commands and days, in a zone whose
// clocks are set back in it.

#ifndef CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_BY_H_
#define CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_BY_H_

#include <cstdint>
#include <string>

#include "nlohmann/json_fwd.hpp"
#include "tools/testing/cli_test.h"

namespace cpuagg::tools {

int64_t Number(const std::string& digits);
// "1.25" -> 125: all records here have whole hundredths of a second.
int64_t Hundredths(const std::string& seconds);
int64_t Hundredths(const nlohmann::json& seconds);

class ReportByTest : public testing::CliTest {
 protected:
  ReportByTest();

  // What `cpuagg ARGUMENTS` prints of `files_`.
  std::string OnFiles(Strings arguments) const;

  // `cpuagg report ARGUMENTS` of them.
  nlohmann::json ReportOfFiles(Strings arguments) const;

  // Where a row belongs along a dimension.
  static std::string PlaceOf(const nlohmann::json& row, const std::string& dimension);

  // The history of the lab, and processes of the days around the one on which clocks are set back.
  const Strings files_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_BY_H_
