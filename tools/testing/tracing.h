// Runs programs under strace, which makes single system calls fail, or records them.
//
//   if (!MayTrace()) GTEST_SKIP() << "nothing may be traced here";
//   RunProgram(WithFault({.argv = {"tools/cpuagg", "collect"}}, "getdents64:error=EIO:when=2"));

#ifndef CPUAGG_TOOLS_TESTING_TRACING_H_
#define CPUAGG_TOOLS_TESTING_TRACING_H_

#include <string>

#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

// Whether strace exists and may trace. It needs root: cpuagg is not dumpable (PR_SET_DUMPABLE), so
// that its own user's strace cannot read the paths and strings of its calls.
bool MayTrace();

// `program` with this fault, in the syntax of strace's --inject; only in calls about `path`, unless
// that is empty.
Program WithFault(Program program, const std::string& fault, const std::string& path = "");

// `program` with a trace of these calls, separated by commas, of all its threads and processes, in
// the file `output`. The trace has whole strings, and the file of each descriptor.
Program WithTrace(Program program, const std::string& calls, const std::string& output);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_TRACING_H_
