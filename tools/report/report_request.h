// ReportRequest: the report that the flags and the configuration request.

#ifndef CPUAGG_TOOLS_REPORT_REPORT_REQUEST_H_
#define CPUAGG_TOOLS_REPORT_REPORT_REQUEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/usage/period.h"
#include "notify/outbox/outbox.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

struct ReportRequest {
  aggregate::Period period;
  // As in aggregate::Report.
  std::string period_name;
  // Only what was collected after the last such report: --period since-last.
  bool since_last = false;
  // A comparison is asked for: by --compare or --sort change.
  bool compares = false;
  // What a report from files is compared with then: options.compare_with, exact to the second.
  std::optional<aggregate::Period> before_in_files;
  aggregate::ReportOptions options;
};

// The period from --since and --until, or --period or, for a message, REPORT_PERIOD.
absl::StatusOr<aggregate::Period> RequestedPeriod(const CommandContext& context, bool for_message);

// The request for `cpuagg report`, which shows all users. With `for_message`, the request for a
// message, which leaves out the users that the configuration ignores (by default those of the
// system) and those without an account. InvalidArgument names the wrong flag or key.
absl::StatusOr<ReportRequest> MakeReportRequest(const CommandContext& context, bool for_message);

// NotFound if `collect` has never run for this store.
absl::Status CheckStoreIsThere(const aggregate::SnapshotStore& store);

// The outbox that belongs to `store`.
notify::Outbox OutboxOf(const aggregate::SnapshotStore& store);

// The report from the store. NotFound if there is no store.
absl::StatusOr<aggregate::StoreReport> BuildStoreReport(const CommandContext& context,
                                                        const ReportRequest& request);

// NotFound if `report` is from a store in which `collect` has not stored anything yet: it would
// look like a report of a machine that nobody uses.
absl::Status CheckHasCollected(const CommandContext& context, const aggregate::StoreReport& report);

// Fills in the heading of `report`, except for the host: period, zone.
void FillHeading(const CommandContext& context, const ReportRequest& request,
                 aggregate::Report& report);

// The users whom IGNORED_USERS names, except those that are ignored without it: not every machine
// has their accounts.
std::vector<std::string> NamedIgnoredUsers(const CommandContext& context);

// Adds to the error that a file does not exist, if one of `files` is missing and has the name of a
// period, that it may be meant for --period.
absl::Status OfferPeriod(absl::Status status, const std::vector<std::string>& files,
                         const CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_REPORT_REQUEST_H_
