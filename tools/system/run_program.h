// RunProgram: runs another program, such as systemctl, to its end and returns its output.
//
//   absl::StatusOr<ProgramResult> run =
//       RunProgram({.path = "/usr/bin/systemctl", .arguments = {"show", "cron.service"}});
//   if (run.ok() && run->succeeded()) Use(run->out);
//
// Nothing depends on the environment of cpuagg's caller, who may be root. There is no shell and no
// search for the program. Its environment is fixed, so it contains neither our secrets nor
// LD_PRELOAD. It runs in / and inherits none of our open files.

#ifndef CPUAGG_TOOLS_SYSTEM_RUN_PROGRAM_H_
#define CPUAGG_TOOLS_SYSTEM_RUN_PROGRAM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace cpuagg::tools {

struct ProgramCall {
  std::string path;  // absolute
  std::vector<std::string> arguments;
  // "NAME=value" strings, in addition to PATH and LC_ALL=C.
  std::vector<std::string> more_environment;
  absl::Duration time_limit = absl::Seconds(10);
  // How much is kept of standard output, and of standard error. The rest is read too, so that the
  // program does not block.
  size_t most_bytes = size_t{1} << 20;
  // Both go to this program's standard error instead, for a watching user, and nothing is kept.
  bool shows_output = false;
};

struct ProgramResult {
  int exit_status = -1;  // -1 if a signal ended it
  int signal = 0;        // 0 if none did
  std::string out;
  std::string err;
  bool is_cut = false;  // there were more than `most_bytes` bytes

  bool succeeded() const { return exit_status == 0; }
};

// Standard input is /dev/null. InvalidArgument if the path is not absolute. NotFound,
// FailedPrecondition (no permission) and so on if the program cannot be started. DeadlineExceeded
// if it does not end in time: then it gets SIGTERM and, a second later, SIGKILL. Only the program
// itself is killed, not its children. Does not wait for other processes that keep its output open.
absl::StatusOr<ProgramResult> RunProgram(const ProgramCall& call);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SYSTEM_RUN_PROGRAM_H_
