#include "tools/cli_tests/check/finding.h"

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cpuagg::tools {

using nlohmann::json;

std::vector<json> FindingsOf(const testing::Finished& run, const std::string& id) {
  const json all = json::parse(run.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(all.is_object()) << run.out << run.err;
  std::vector<json> found;
  for (const json& finding : all.value("findings", json::array())) {
    if (finding["id"] == id) found.push_back(finding);
  }
  return found;
}

json FindingOf(const testing::Finished& run, const std::string& id) {
  const std::vector<json> found = FindingsOf(run, id);
  return found.empty() ? json::object() : found.front();
}

}  // namespace cpuagg::tools
