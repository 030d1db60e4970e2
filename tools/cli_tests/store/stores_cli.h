// StoresCliTest: stores of several hosts in one folder, with a clock that the test sets.
//
//   CollectOnAll({"web1", "web2"});
//   EXPECT_EQ(Report({"--store", folder_})["hosts"].size(), 2u);

#ifndef CPUAGG_TOOLS_CLI_TESTS_STORE_STORES_CLI_H_
#define CPUAGG_TOOLS_CLI_TESTS_STORE_STORES_CLI_H_

#include <cstdint>
#include <string>
#include <vector>

#include "nlohmann/json_fwd.hpp"
#include "tools/testing/cli_test.h"

namespace cpuagg::tools {

class StoresCliTest : public testing::ClockCliTest {
 protected:
  StoresCliTest();

  // A run on `host`, which finds one more process of each of `uids`.
  void CollectOn(const std::string& host, const std::vector<uint32_t>& uids,
                 const std::string& accounts = "");
  // Collects on each, as the host of that name.
  void CollectOnAll(const Strings& hosts);

  Strings Environment() const override;

  std::string StoreOf(const std::string& host) const;

  // A report in JSON that ends with `exit_code`.
  nlohmann::json Report(Strings flags, int exit_code = 0) const;

  const std::string folder_ = dir_.Path("fleet");
  std::string host_;
  uint32_t pid_ = 0;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_STORE_STORES_CLI_H_
