// ReportRunTest: runs `cpuagg report`, with a record and a name of its user.

#ifndef CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_RUN_H_
#define CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_RUN_H_

#include <string>
#include <utility>

#include "acct/testing/record_builder.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {

class ReportRunTest : public testing::CliTest {
 protected:
  testing::Program Report(Strings arguments) const {
    arguments.insert(arguments.begin(), "report");
    return Cpuagg(std::move(arguments));
  }
  testing::Finished RunReport(Strings arguments) const {
    return testing::RunProgram(Report(std::move(arguments)));
  }

  std::string record_ =
      acct::testing::RecordBuilder().Uid(1001).UserTime(258).SystemTime(67).Bytes();
  std::string passwd_ = dir_.Write("passwd", "alice:x:1001:1001::/home/alice:/bin/sh\n");
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_REPORT_REPORT_RUN_H_
