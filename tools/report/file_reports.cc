#include "tools/report/file_reports.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "acct/io/open_source.h"
#include "acct/io/progress.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/input_set.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/file_report.h"
#include "aggregate/report/history.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "tools/report/accounting_history.h"
#include "tools/report/accounting_watch.h"
#include "tools/report/report_host.h"
#include "tools/report/unknown_names.h"
#include "tools/terminal/progress_bar.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;

// "pacct, standard input"
std::string SourceOf(const std::vector<std::string>& files) {
  return absl::StrJoin(files, ", ", [](std::string* text, const std::string& file) {
    text->append(acct::DisplayName(file));
  });
}

// `has_older_files` as in FileOptions.
absl::StatusOr<Report> ReportFromPaths(CommandContext& context, const ReportRequest& request,
                                       const std::vector<std::string>& paths,
                                       bool has_older_files = false) {
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names =
      context.UserNames(kNamesOfReports);
  if (!names.ok()) return names.status();
  std::vector<std::string> inputs;
  inputs.reserve(paths.size());
  for (const std::string& path : paths) inputs.push_back(acct::DisplayName(path));
  acct::Progress progress;
  std::optional<ProgressBar> bar;
  progress.Expect(acct::BytesToRead(paths));
  if (context.console.ShowsProgress()) bar.emplace(inputs, progress);
  absl::StatusOr<Report> report =
      aggregate::ReportFromFiles(paths, request.period, context.zone, **names, request.options,
                                 {.threads = context.Threads(),
                                  .format = context.FileFormat(),
                                  .progress = &progress,
                                  .has_older_files = has_older_files});
  bar.reset();
  WarnOfUnknownNames(**names, context.console,
                     Has(request.options.by, aggregate::Dimension::kDepartment));
  if (!report.ok()) return report.status();
  FillHeading(context, request, *report);
  report->source = SourceOf(paths);
  return report;
}

// Entries with the name of a generation concern the history; the others only get a remark.
void NoteUnread(CommandContext& context, const aggregate::History& history, Report& report) {
  for (const acct::PassedOver& other : history.passed_over) {
    report.has_unreadable |= other.is_unreadable;
    if (other.has_usual_name || other.is_unreadable) {
      report.unread.push_back(absl::StrCat(other.path, ": ", other.why));
    } else {
      WarnOfPassedOver(other, context.console);
    }
  }
}

}  // namespace

absl::StatusOr<Report> ReportFromHistory(CommandContext& context, const ReportRequest& request) {
  const std::optional<aggregate::Period>& before = request.options.compare_with;
  const absl::Time begin =
      before.has_value() ? std::min(before->begin, request.period.begin) : request.period.begin;
  for (int i = 0; i < kHistoryTries; ++i) {
    const absl::StatusOr<aggregate::History> history = FindHistory(context, begin);
    if (!history.ok()) return history.status();
    absl::StatusOr<Report> report =
        ReportFromPaths(context, request, history->paths, history->older_files > 0);
    const absl::StatusOr<bool> is_still_there = IsStillThere(context, begin, *history);
    if (!is_still_there.ok()) return is_still_there.status();
    if (!*is_still_there) continue;
    if (!report.ok()) return report.status();
    NoteUnread(context, *history, *report);
    report->source = SourceText(context, *history);
    SetHost(HostOfFiles(context, {context.AccountingFile()}), *report);
    FindAccountingOff(context, request.period, *report);
    return report;
  }
  return RotatedWhileRead(context.AccountingFile());
}

absl::StatusOr<Report> ReportFromNamed(CommandContext& context, const ReportRequest& request,
                                       const std::vector<std::string>& files) {
  WarnOfForeignNames(context);
  const std::string host = HostOfFiles(context, files);
  if (!NamesFolder(files)) {
    absl::StatusOr<Report> report = ReportFromPaths(context, request, files);
    if (report.ok()) SetHost(host, *report);
    return report;
  }
  const std::string name = SourceOf(files);
  for (int i = 0; i < kHistoryTries; ++i) {
    const absl::StatusOr<aggregate::History> named = FindNamed(files);
    if (!named.ok()) return named.status();
    absl::StatusOr<Report> report = ReportFromPaths(context, request, named->paths);
    const absl::StatusOr<aggregate::History> now = FindNamed(files, *named);
    if (!now.ok()) return now.status();
    if (!named->IsSameAs(*now)) {
      if (!CanBeReadAgain(*named)) break;
      continue;
    }
    if (!report.ok()) return report.status();
    NoteUnread(context, *named, *report);
    report->source = name;
    SetHost(host, *report);
    return report;
  }
  return RotatedWhileRead(name);
}

}  // namespace cpuagg::tools
