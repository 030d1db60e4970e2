// Builds one Report from the stores of several hosts, which are read in parallel.
//
//   std::vector<std::string> problems;
//   const std::vector<HostStore> stores = NameHosts({"/srv/cpuagg/web1", ...}, threads, problems);
//   ReportFromStores(stores, period, zone, from, options, threads)->report

#ifndef CPUAGG_AGGREGATE_STORE_STORES_REPORT_H_
#define CPUAGG_AGGREGATE_STORE_STORES_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aggregate/report/host_state.h"
#include "aggregate/report/report.h"
#include "aggregate/store/store_report_builder.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate {

struct HostStore {
  std::string directory;
  std::string host;
  // What the store calls its host, if that is not `host`: other stores say the same.
  std::string recorded = {};
};

// The stores with the names of their hosts, in the order of `directories`. A host has the name that
// the last run recorded, or that of the folder if it recorded none. Hosts with the same name are
// called by their folders; by their whole paths, if those are the same as well. Stores that cannot
// be read are left out, and described in `problems`, each with its path.
std::vector<HostStore> NameHosts(const std::vector<std::string>& directories, size_t threads,
                                 std::vector<std::string>& problems);

struct StoresReport {
  Report report;
  // Snapshots and whole stores that could not be read, and why, each with its path.
  std::vector<std::string> damage;
};

// The report of all `stores`, as ReportFromStore() makes it of one. `from.names` may be asked by
// several threads. Needs memory for `threads` stores and for the rows of the report. Stores that
// cannot be read are left out. Fails if none can be read; and with FailedPrecondition if two stores
// have the same runs or have read the same accounting file, so that usage would count twice.
absl::StatusOr<StoresReport> ReportFromStores(const std::vector<HostStore>& stores,
                                              const Period& period, absl::TimeZone zone,
                                              const StoreOptions& from,
                                              const ReportOptions& options, size_t threads);

// A host with the usual time between its runs.
struct HostPace {
  HostState* state;
  absl::Duration interval;
};

// Marks the hosts that have not reported for at least three of their usual intervals, and two
// hours, before the newest run of all, `until` and `now`; and those whose last run is more than an
// hour after `now`. Those do not make others late.
void MarkLate(const std::vector<HostPace>& hosts, absl::Time until, absl::Time now);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_STORES_REPORT_H_
