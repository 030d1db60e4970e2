#include "tools/testing/tracing.h"

#include <vector>

namespace cpuagg::tools::testing {

bool MayTrace() {
  return RunProgram({.argv = {"/usr/bin/strace", "-o", "/dev/null", "/bin/true"}}).exit_code == 0;
}

Program WithFault(Program program, const std::string& fault, const std::string& path) {
  std::vector<std::string> strace = {"/usr/bin/strace", "-f", "-o",
                                     "/dev/null",       "-e", "inject=" + fault};
  if (!path.empty()) strace.insert(strace.end(), {"-P", path});
  program.argv.insert(program.argv.begin(), strace.begin(), strace.end());
  // Leaks are looked for by tracing, which strace does already. Of two values the first counts.
  program.environment.push_back("ASAN_OPTIONS=detect_leaks=0");
  return program;
}

}  // namespace cpuagg::tools::testing
