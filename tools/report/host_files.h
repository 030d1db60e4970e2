// Reports from accounting files of several hosts: `cpuagg report web1=pacct web2=old/pacct.gz`.

#ifndef CPUAGG_TOOLS_REPORT_HOST_FILES_H_
#define CPUAGG_TOOLS_REPORT_HOST_FILES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "tools/config/command_context.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

struct HostFiles {
  std::string host;
  std::vector<std::string> files;  // files and folders, read as one history
};

// The hosts of `arguments`, or those of them that `asked`, a --host, chooses: each once, in the
// order in which they are named, before the first '=' of HOST=FILE. Empty if no argument names one.
// An argument that is a file, or whose part before the '=' has a '/', names none. InvalidArgument
// if only some name a host, if HOST or FILE is empty or HOST has a comma, if one file is named for
// two hosts, also in a folder, or if a host that is asked for is not among them.
absl::StatusOr<std::vector<HostFiles>> FindHostFiles(const std::vector<std::string>& arguments,
                                                     const std::optional<std::string>& asked);

// The report of `hosts`. Warns as ReportFromNamed() does.
absl::StatusOr<aggregate::Report> ReportFromHostFiles(CommandContext& context,
                                                      const ReportRequest& request,
                                                      std::vector<HostFiles> hosts);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_HOST_FILES_H_
