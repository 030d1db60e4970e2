// AskedStyle: how a table is to be written, by flags, terminal and environment.

#ifndef CPUAGG_TOOLS_REPORT_ASKED_STYLE_H_
#define CPUAGG_TOOLS_REPORT_ASKED_STYLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "notify/words/table_style.h"
#include "tools/config/flags.h"

namespace cpuagg::tools {

// For standard output. --columns may be of `of_table` or, with --format csv, of `of_csv`; with
// another format there are none. InvalidArgument names the flag.
//
// NO_COLOR and TERM decide about color unless --color does, and LC_ALL, LC_CTYPE and LANG whether
// the terminal understands UTF-8. Where none of them is set, as in a service, it does.
absl::StatusOr<notify::TableStyle> AskedStyle(const Flags& flags,
                                              const std::vector<std::string>& of_table,
                                              const std::vector<std::string>& of_csv);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ASKED_STYLE_H_
