#include "tools/report/running_processes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/kernel/process_table.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/running_report.h"
#include "aggregate/usage/grouping.h"
#include "tools/report/asked_processes.h"
#include "tools/report/unknown_names.h"

namespace cpuagg::tools {

using aggregate::Report;
using aggregate::SortOrder;

absl::Status CheckRunningFlags(const CommandContext& context, const ReportRequest& request) {
  const Flags& flags = context.flags;
  if (!flags.running) return absl::OkStatus();
  const std::pair<absl::string_view, bool> others[] = {
      {"FILE", !flags.files.empty()},
      {"--store", flags.store.has_value()},
      {"--accounting-file", flags.accounting_file.has_value()},
      {"--rotated-dir", !flags.rotated_directories.empty()},
      {"--period", flags.period.has_value()},
      {"--since", flags.since.has_value()},
      {"--until", flags.until.has_value()},
      {"--compare", flags.compare},
      {"--ahz", flags.default_rate > 0},
      {"--big-endian-v0", flags.big_endian_version0},
      {"--threads", flags.threads > 0},
      {"--sort change", request.options.sort == SortOrder::kChange},
      {"--sort memory", request.options.sort == SortOrder::kMemory},
      {"--sort major-faults", request.options.sort == SortOrder::kMajorFaults}};
  for (const auto& [flag, is_given] : others) {
    if (!is_given) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(flag,
                     ": is of processes that ended, and --running shows those that run now, with "
                     "what they have used since they began; leave one of the two out"));
  }
  if (const std::string given = GivenFlags(flags); !given.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        given,
        ": chooses processes by their records, which running ones do not have yet; leave it or "
        "--running out"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Report> ReportOfRunning(CommandContext& context, const ReportRequest& request) {
  std::string proc = context.config.GetOr("PROC", "");
  if (proc.empty()) proc = "/proc";
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesOfReports);
  if (!names.ok()) return names.status();
  const absl::StatusOr<acct::ProcessTable> table = acct::ReadProcessTable(proc);
  if (!table.ok()) return table.status();
  absl::StatusOr<Report> report =
      aggregate::ReportFromProcesses(*table, context.now, **names, request.options);
  if (!report.ok()) return report.status();
  WarnOfUnknownNames(**names, context.console,
                     Has(request.options.by, aggregate::Dimension::kDepartment));
  if (!table->is_complete) context.console.Warn(table->hidden);
  FillHeading(context, request, *report);
  report->host = context.flags.host.value_or(context.HostName());
  report->source = absl::StrCat("the processes in ", proc);
  return report;
}

}  // namespace cpuagg::tools
