// Runs programs under strace, which makes single system calls of theirs fail, or writes them down.
//
//   if (!MayTrace()) GTEST_SKIP() << "nothing may be traced here";
//   RunProgram(WithFault({.argv = {"tools/cpuagg", "collect"}}, "getdents64:error=EIO:when=2"));

#ifndef CPUAGG_TOOLS_TESTING_TRACING_H_
#define CPUAGG_TOOLS_TESTING_TRACING_H_

#include <string>

#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

// Whether there is a strace, and it may trace. It takes root: cpuagg is closed to its own user
// (PR_SET_DUMPABLE), so that strace cannot read the paths and strings that it is asked about.
bool MayTrace();

// `program` with this fault, in the words of strace's --inject: only in calls about `path`, unless
// that is empty.
Program WithFault(Program program, const std::string& fault, const std::string& path = "");

// `program` with a trace of these calls, separated by commas, of all its threads and processes in
// the file `output`: whole strings, and what each descriptor is.
Program WithTrace(Program program, const std::string& calls, const std::string& output);

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_TRACING_H_
