// CliTest runs the built binary in a directory of the test's own. The environment has nothing of
// the machine's.
//
//   class CollectTest : public CliTest {};
//   dir_.Write("pacct", EndedAt(end).Uid(1001).Bytes());
//   Collect();
//   EXPECT_EQ(UsersOf(JsonReport()), (Strings{"1001 - 1"}));
//
// This header only declares JSON, since many tests include it. A test that reads JSON includes
// nlohmann/json.hpp.

#ifndef CPUAGG_TOOLS_TESTING_CLI_TEST_H_
#define CPUAGG_TOOLS_TESTING_CLI_TEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json_fwd.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

class CliTest : public ::testing::Test {
 protected:
  using Strings = std::vector<std::string>;
  // uid -> processes.
  using Processes = std::map<uint32_t, uint64_t>;

  // The token of the test's bot.
  static constexpr char kToken[] = "123456789:AAE-this-is-the-secret-of-the-bot";
  // Where testdata/lab is.
  static constexpr char kLab[] = "testdata/lab/";

  // `tools/cpuagg ARGV...`. Variables in `environment` replace those of Environment().
  Program Cpuagg(Strings argv, const Strings& environment = {}) const;
  Finished Run(Strings argv, const Strings& environment = {}) const;

  // What a run prints. The test fails unless the run ends with status 0 and an empty standard
  // error.
  std::string OutputOf(Strings argv, const Strings& environment = {}) const;
  // `cpuagg collect --no-running FLAGS`. The test fails unless it ends with status 0 and is silent.
  void Collect(Strings flags = {}) const;
  // `cpuagg report --format=json FLAGS`. The test fails unless it ends with this status, and if it
  // ends with 0 and standard error is not empty.
  nlohmann::json JsonReport(Strings flags = {}, int exit_code = 0) const;

  // Expects that neither the output nor any file of `store_` contains it.
  void ExpectNowhere(const std::string& secret, const Finished& run) const;

  // "uid name processes" of each row of a report; the name is "-" where there is none.
  static Strings UsersOf(const nlohmann::json& report);
  static Processes ProcessesOf(const nlohmann::json& report);

  // A record of a process that ran for a second and ended then.
  static acct::testing::RecordBuilder EndedAt(absl::Time end);

  // The whole environment of a run, unless a subclass says otherwise: `zone_`, a host called lab01,
  // `store_` and `pacct_`.
  virtual Strings Environment() const;

  acct::testing::TempDir dir_;
  std::string store_ = dir_.Path("store");
  std::string pacct_ = dir_.Path("pacct");
  std::string zone_ = "UTC";
  // Libraries of tools/testing that are loaded before the program's own: "libfake_directory.so".
  Strings preloaded_;
};

// A CliTest whose programs see the time `now_`.
class ClockCliTest : public CliTest {
 protected:
  ClockCliTest() { preloaded_ = {"libshifted_clock.so"}; }

  Strings Environment() const override;

  absl::Time now_;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_CLI_TEST_H_
