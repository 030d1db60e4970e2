// Writes the output of --chart: to a file, standard output, a device or a pipe.

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

// OK if `path` is standard output, a device, a pipe, or a file with the ending of a picture.
// InvalidArgument otherwise, and for a terminal.
absl::Status CheckChartPath(const std::string& path);

// SVG if the name ends in that, else PNG.
notify::PictureForm ChartFormOf(absl::string_view path);

// Writes `content` to `path`. Replaces a file atomically; if `path` is a link, replaces its target.
// Writes directly to a device or a pipe. The status names the path.
absl::Status WriteOutput(const std::string& path, absl::string_view content, Console& console);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_TERMINAL_OUTPUT_FILE_H_
