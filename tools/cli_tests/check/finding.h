// What `cpuagg check --json` has found.

#ifndef CPUAGG_TOOLS_CLI_TESTS_CHECK_FINDING_H_
#define CPUAGG_TOOLS_CLI_TESTS_CHECK_FINDING_H_

#include <string>
#include <vector>

#include "nlohmann/json_fwd.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools {

// The findings of this id, in order. The test fails if the output is not JSON.
std::vector<nlohmann::json> FindingsOf(const testing::Finished& run, const std::string& id);

// The first of them; an empty object if there is none.
nlohmann::json FindingOf(const testing::Finished& run, const std::string& id);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_CHECK_FINDING_H_
