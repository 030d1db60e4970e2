// Runs another program to its end, and keeps what it says: systemctl and the like.
//
//   absl::StatusOr<ProgramResult> run =
//       RunProgram({.path = "/usr/bin/systemctl", .arguments = {"show", "cron.service"}});
//   if (run.ok() && run->succeeded()) Use(run->out);
//
// Nothing of it depends on who runs cpuagg, who may be root: there is no shell, and no search for
// the program; its environment is fixed, so that no secret of ours and no LD_PRELOAD is in it; it
// runs in /, and has no file of ours open.

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
  // "NAME=value" each, besides PATH and LC_ALL=C.
  std::vector<std::string> more_environment;
  absl::Duration time_limit = absl::Seconds(10);
  // How much is kept of standard output and of standard error each. The rest is read as well, so
  // that the program does not wait for anybody to do so.
  size_t most_bytes = size_t{1} << 20;
  // Both go to this program's standard error instead, for who watches, and nothing is kept.
  bool shows_output = false;
};

struct ProgramResult {
  int exit_status = -1;  // -1 if a signal ended it
  int signal = 0;        // 0 if none did
  std::string out;
  std::string err;
  bool is_cut = false;  // there was more than `most_bytes`

  bool succeeded() const { return exit_status == 0; }
};

// Standard input is /dev/null. InvalidArgument if the path is not absolute; NotFound,
// FailedPrecondition (no permission) and so on if the program cannot be started; DeadlineExceeded
// if it does not end in time. Then it is asked to end and, a second later, killed: it alone, not
// what it has begun. What holds its output open after its end is not waited for.
absl::StatusOr<ProgramResult> RunProgram(const ProgramCall& call);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SYSTEM_RUN_PROGRAM_H_
