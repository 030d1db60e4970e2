// WrappedHelp: help for a terminal, whose lines are cut between words.

#ifndef CPUAGG_TOOLS_TERMINAL_WRAPPED_HELP_H_
#define CPUAGG_TOOLS_TERMINAL_WRAPPED_HELP_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::tools {

// `help` in lines of at most `columns` ASCII characters, where words allow it. What is cut from a
// description continues below its beginning, which two blanks precede.
std::string WrappedHelp(absl::string_view help, size_t columns);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_WRAPPED_HELP_H_
