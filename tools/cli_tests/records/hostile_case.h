// HostileCases: the built binary on a file of every kind that an accounting file should not be.
// Each case has its number in docs/hostile_cases.md.
//
//   const Reported report = Report(alice_ + std::string(4096, '\0') + bob_);
//   EXPECT_EQ(report.rows, "1001 alice 1 3.25\n1002 bob 1 2\n");

#ifndef CPUAGG_TOOLS_CLI_TESTS_RECORDS_HOSTILE_CASE_H_
#define CPUAGG_TOOLS_CLI_TESTS_RECORDS_HOSTILE_CASE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "acct/testing/record_builder.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {

inline constexpr char kNothing[] =
    "CPU by user on lab01, all time\nfrom %\n\nNo CPU usage.\n\nThere are no records in %.\n";
inline constexpr char kAliceLine[] =
    "alice      3.25 cpu        0k mem      0 io true            \n";
inline constexpr char kBobLine[] = "bob        2.00 cpu        0k mem      0 io gcc             \n";

// Follows the warnings of `cpuagg sa`.
inline constexpr char kSaNote[] =
    "cpuagg: GNU sa reads such bytes as records, and so does `cpuagg sa`; `cpuagg report` and "
    "`cpuagg records` leave them out\n";

// The warning about bytes that were skipped.
std::string Skipped(absl::string_view bytes, int offset, absl::string_view why);
inline constexpr char kTorn[] = "a torn record or stray bytes; reading resumed at the next record";

class HostileCases : public testing::CliTest {
 protected:
  // In messages and output, "%" replaces the path of the file.
  testing::Finished RunMasked(Strings arguments) const;

  // Runs a shell command, in which $cpuagg is the program and $file the file.
  testing::Finished RunInShell(const std::string& command) const;

  testing::Finished Masked(testing::Finished run) const;

  // `cpuagg COMMAND ... FILE` with a file of `content`, and names for the uids 1001 to 1003.
  testing::Finished RunOn(absl::string_view content, Strings arguments) const;

  testing::Finished SaLines(absl::string_view content) const {
    return RunOn(content, {"sa", "-u"});
  }

  struct Reported {
    int exit_code;
    std::string err;
    std::string rows;     // "uid name processes cpu_seconds" per line, most CPU time first
    std::string skipped;  // "offset+bytes reason" per line
    nlohmann::json whole;
    std::string text;
  };

  Reported Report(absl::string_view content, Strings arguments = {}) const;

  static Reported Read(const testing::Finished& run);

  // The records: "offset version uid command" per line.
  std::string Records(absl::string_view content) const;

  std::string passwd_ = dir_.Write("passwd",
                                   "root:x:0:0::/root:/bin/sh\n"
                                   "alice:x:1001:1001::/home/alice:/bin/sh\n"
                                   "bob:x:1002:1002::/home/bob:/bin/sh\n"
                                   "carol:x:1003:1003::/home/carol:/bin/sh\n");
  // An ordinary process. Torn or shifted data does not look like one by chance.
  static acct::testing::RecordBuilder Process(uint32_t uid);
  // 3.25, 2 and 1 seconds of CPU time.
  std::string alice_ = Process(1001).UserTime(258).SystemTime(67).Bytes();
  std::string bob_ = Process(1002).UserTime(200).Command("gcc").Bytes();
  std::string carol_ = Process(1003).SystemTime(100).Command("xz").Bytes();
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CLI_TESTS_RECORDS_HOSTILE_CASE_H_
