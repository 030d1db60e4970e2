// Formats the progress of reading as one line for a terminal:
//
//   reading pacct.1.gz  [##########........]  59%  1.2 GiB of 2.0 GiB, 3 s left
//   reading standard input  1.2 GiB, 340 MiB/s

#ifndef CPUAGG_TOOLS_TERMINAL_PROGRESS_LINE_H_
#define CPUAGG_TOOLS_TERMINAL_PROGRESS_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace cpuagg::tools {

struct ProgressState {
  absl::string_view input;  // the path of the current input; its last component is shown
  uint64_t bytes = 0;
  uint64_t total_bytes = 0;  // zero if unknown
  absl::Duration elapsed;    // more than zero
};

// The line, printable and shorter than `columns` columns, because some terminals wrap after the
// last column. If there is not enough room, the bar is left out first, then the name.
std::string RenderProgress(const ProgressState& state, size_t columns);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_PROGRESS_LINE_H_
