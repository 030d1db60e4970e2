#include "tools/testing/tracing.h"

#include <unistd.h>

#include <utility>
#include <vector>

namespace cpuagg::tools::testing {

bool MayTrace() {
  return geteuid() == 0 &&
         RunProgram({.argv = {"/usr/bin/strace", "-o", "/dev/null", "/bin/true"}}).exit_code == 0;
}

namespace {

Program Under(std::vector<std::string> strace, Program program) {
  program.argv.insert(program.argv.begin(), strace.begin(), strace.end());
  // LeakSanitizer uses ptrace, which strace already does. The first of two values counts.
  program.environment.push_back("ASAN_OPTIONS=detect_leaks=0");
  return program;
}

}  // namespace

Program WithFault(Program program, const std::string& fault, const std::string& path) {
  std::vector<std::string> strace = {"/usr/bin/strace", "-f", "-o",
                                     "/dev/null",       "-e", "inject=" + fault};
  if (!path.empty()) strace.insert(strace.end(), {"-P", path});
  return Under(std::move(strace), std::move(program));
}

Program WithTrace(Program program, const std::string& calls, const std::string& output) {
  return Under(
      {"/usr/bin/strace", "-f", "-yy", "-s", "16777216", "-o", output, "-e", "trace=" + calls},
      std::move(program));
}

}  // namespace cpuagg::tools::testing
