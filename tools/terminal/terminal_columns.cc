#include "tools/terminal/terminal_columns.h"

#include <sys/ioctl.h>

namespace cpuagg::tools {

size_t TerminalColumns(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace cpuagg::tools
