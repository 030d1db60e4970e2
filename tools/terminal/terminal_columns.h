// The width of a terminal.

#ifndef CPUAGG_TOOLS_TERMINAL_TERMINAL_COLUMNS_H_
#define CPUAGG_TOOLS_TERMINAL_TERMINAL_COLUMNS_H_

#include <cstddef>

namespace cpuagg::tools {

// The columns of the terminal `fd`; 80 if it does not say.
size_t TerminalColumns(int fd);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_TERMINAL_COLUMNS_H_
