// Reports from several stores: --store several times, or a folder with a store for each host.

#ifndef CPUAGG_TOOLS_REPORT_STORE_SOURCES_H_
#define CPUAGG_TOOLS_REPORT_STORE_SOURCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregate/store/stores_report.h"
#include "tools/config/command_context.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {

struct StoreSources {
  // One store, named itself: the usual report. It need not exist.
  bool is_single = true;
  std::vector<std::string> directories;  // of the stores
  // Folders among those of hosts without a store, and why: "/srv/cpuagg/web3: there is no store
  // in it".
  std::vector<std::string> passed_over;
  std::vector<std::string> warnings;
};

// The stores of --store, or of STORE. A folder that is not a store itself stands for the stores in
// it. NotFound if there are none in a folder that has other folders, or in one of several that are
// named; other errors if a folder cannot be listed, or others may write to it.
absl::StatusOr<StoreSources> FindStores(const CommandContext& context);

// The report of all stores, or of the hosts that --host chooses.
absl::StatusOr<aggregate::StoresReport> BuildStoresReport(CommandContext& context,
                                                          const ReportRequest& request,
                                                          const StoreSources& sources);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_STORE_SOURCES_H_
