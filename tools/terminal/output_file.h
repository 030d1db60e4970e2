// Where --chart goes: a file, standard output, a device or a pipe.

#ifndef CPUAGG_TOOLS_TERMINAL_OUTPUT_FILE_H_
#define CPUAGG_TOOLS_TERMINAL_OUTPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "notify/chart/canvas.h"
#include "tools/terminal/console.h"

namespace cpuagg::tools {

// Whether `path` names standard output.
inline bool IsStandardOutput(absl::string_view path) { return path == "-"; }

// InvalidArgument if `path` is neither standard output, nor a device or a pipe, nor a file whose
// name ends as that of a picture does; or if it is a terminal.
absl::Status CheckChartPath(const std::string& path);

// An SVG for a name that ends so, else a PNG.
notify::PictureForm ChartFormOf(absl::string_view path);

// Writes `content` to `path`. A file is replaced as a whole, or stays as it was; the file that a
// link leads to is replaced, and not the link. What is not a file (a device, a pipe) is written to.
// The status names the path.
absl::Status WriteOutput(const std::string& path, absl::string_view content, Console& console);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_OUTPUT_FILE_H_
