// FleetCliTest: a store with hours, and a configuration.

#ifndef CPUAGG_TOOLS_CLI_TESTS_FLEET_FLEET_CLI_H_
#define CPUAGG_TOOLS_CLI_TESTS_FLEET_FLEET_CLI_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

class FleetCliTest : public ClockCliTest {
 protected:
  FleetCliTest() {
    now_ = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 14, 5, 0), absl::UTCTimeZone());
    dir_.Write("passwd", "alice:x:1001:1::/:/bin/sh\nbob:x:1002:1::/:/bin/sh\n");
  }

  // A process that ended then, in hours before now_.
  void Work(uint32_t uid, double hours_ago, uint16_t user_ticks, uint16_t system_ticks = 0) {
    dir_.Append("pacct", EndedAt(now_ - absl::Seconds(hours_ago * 3600))
                             .Uid(uid)
                             .Pid(++pid_)
                             .UserTime(user_ticks)
                             .SystemTime(system_ticks)
                             .Bytes());
  }
  void Collect(Strings flags = {}) {
    flags.insert(flags.end(), {"--passwd", dir_.Path("passwd")});
    ClockCliTest::Collect(std::move(flags));
  }

  // Writes a file that only its owner may read, and returns its path.
  std::string Secret(const std::string& name, const std::string& content,
                     mode_t mode = 0600) const {
    std::string path = dir_.Write(name, content);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  // `cpuagg push FLAGS` with settings of the environment: "PUSH_URL=…".
  Finished Push(const Strings& settings, Strings flags = {}) const {
    flags.insert(flags.begin(), "push");
    return Run(std::move(flags), WithSettings(settings));
  }
  // The variables of these settings.
  static Strings WithSettings(const Strings& settings) {
    Strings environment;
    for (const std::string& setting : settings) environment.push_back("CPUAGG_" + setting);
    return environment;
  }

  uint32_t pid_ = 0;
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_CLI_TESTS_FLEET_FLEET_CLI_H_
