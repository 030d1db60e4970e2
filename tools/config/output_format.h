// Format: the forms in which `report` and `records` print, by their names in --format.

#ifndef CPUAGG_TOOLS_CONFIG_OUTPUT_FORMAT_H_
#define CPUAGG_TOOLS_CONFIG_OUTPUT_FORMAT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

enum class Format { kTable, kCsv, kTsv, kJson, kJsonLines, kMarkdown, kHtml, kProto };

// The format of this name. Otherwise an error that names --format, all formats, and the nearest.
absl::StatusOr<Format> ParseFormat(absl::string_view name);

// The same for records, which have no page of HTML, but a stream of protobuf messages.
absl::StatusOr<Format> ParseRecordFormat(absl::string_view name);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_OUTPUT_FORMAT_H_
