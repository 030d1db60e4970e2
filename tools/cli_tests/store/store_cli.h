// StoreCliTest: a store into which `cpuagg collect` has put what processes used, over weeks of a
// clock that the test sets.
//
//   Work(1000);
//   Collect();
//   ExpectEverythingOnce();

#ifndef CPUAGG_TOOLS_CLI_TESTS_STORE_STORE_CLI_H_
#define CPUAGG_TOOLS_CLI_TESTS_STORE_STORE_CLI_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {

class StoreCliTest : public testing::ClockCliTest {
 protected:
  StoreCliTest();

  // A process that ends now.
  void Work(uint32_t uid, const std::string& command = "make", uint16_t hundredths = 100);
  void WorkAt(absl::Time end, uint32_t uid, const std::string& command = "make",
              uint16_t hundredths = 100);

  // `cpuagg collect`, however it ends.
  testing::Finished RunCollect(const Strings& flags = {}) const;
  void Collect(Strings flags = {}) const;
  testing::Finished Report(const Strings& flags = {}) const;
  // UsersOf() a report: uid, name ("-" for none) and processes of each row.
  Strings Users(Strings flags = {}) const;

  // The names in snapshots/, in order of time and runs.
  Strings Names() const;
  std::string PathOf(const std::string& name) const { return store_ + "/snapshots/" + name; }
  void WriteSnapshot(const std::string& name, const std::string& bytes) const;

  // Three runs at noon; each finds a user of its own and one that all have.
  void CollectThreeRuns();

  void ExpectEverythingOnce() const;

  const std::string passwd_ = dir_.Write("passwd", "alice:x:1000:1000::/:/bin/sh\n");
  // What the records of Work() are.
  Processes written_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_STORE_STORE_CLI_H_
