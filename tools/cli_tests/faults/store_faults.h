// StoreFaultsTest: `cpuagg collect` on a store that something is wrong with. Whatever the fault,
// the message names the path and the reason, the store is as it was, and once the fault is gone
// everything is counted once.

#ifndef CPUAGG_TOOLS_CLI_TESTS_FAULTS_STORE_FAULTS_H_
#define CPUAGG_TOOLS_CLI_TESTS_FAULTS_STORE_FAULTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {

class StoreFaultsTest : public testing::CliTest {
 protected:
  // Appends one process for each of `users` users, all different.
  void Work(uint32_t users);

  testing::Program CollectProgram() const { return Cpuagg({"collect", "--no-running"}); }

  // Runs collect in a shell, after the commands `before`.
  testing::Program CollectAfter(const std::string& before) const;

  testing::Program ReportProgram() const { return Cpuagg({"report", "--format=json"}); }

  Processes Reported() const { return ReportedBy(RunProgram(ReportProgram())); }

  static Processes ReportedBy(const testing::Finished& run);

  // The names in snapshots/ and the contents of the files.
  std::map<std::string, std::string> Snapshots() const;

  // Adds so many entries that listing them takes several calls.
  void AddForeignFiles() const;

  // Expects a failure with one line that has the path and the reason. Unless the error passes by
  // itself or names a fix, the line refers to `cpuagg check`.
  void ExpectFailure(const testing::Finished& run, absl::string_view path,
                     absl::string_view reason) const;

  // The fault is gone: everything written is there, once.
  void ExpectEverythingOnce() const;

  Processes written_;
  uint32_t next_begin_ = 1'700'000'000;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_FAULTS_STORE_FAULTS_H_
