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
  // Of so many users a process each, no two of them alike.
  void Work(uint32_t users);

  testing::Program CollectProgram() const { return Cpuagg({"collect", "--no-running"}); }

  // In a shell that says `before` of itself first.
  testing::Program CollectAfter(const std::string& before) const;

  testing::Program ReportProgram() const { return Cpuagg({"report", "--format=json"}); }

  Processes Reported() const { return ReportedBy(RunProgram(ReportProgram())); }

  static Processes ReportedBy(const testing::Finished& run);

  // The names in snapshots/ and what the files hold.
  std::map<std::string, std::string> Snapshots() const;

  // So many beside the snapshots that to list them all takes several calls.
  void AddForeignFiles() const;

  // What cannot be collected is said on one line, with the path and the reason, and, unless that
  // passes by itself or has its way out, with where to ask.
  void ExpectFailure(const testing::Finished& run, absl::string_view path,
                     absl::string_view reason) const;

  // The fault is gone: everything that was written is there, once.
  void ExpectEverythingOnce() const;

  Processes written_;
  uint32_t next_begin_ = 1'700'000'000;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_FAULTS_STORE_FAULTS_H_
