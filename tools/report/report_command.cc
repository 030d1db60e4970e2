#include "tools/report/report_command.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "aggregate/report/fleet.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/store/store_report.h"
#include "aggregate/store/stores_report.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"
#include "notify/chart/canvas.h"
#include "notify/chart/report_chart.h"
#include "notify/render/csv.h"
#include "notify/render/csv_fields.h"
#include "notify/render/html.h"
#include "notify/render/json.h"
#include "notify/render/jsonl.h"
#include "notify/render/markdown.h"
#include "notify/render/report_columns.h"
#include "notify/render/table.h"
#include "notify/render/tsv.h"
#include "notify/words/notes.h"
#include "notify/words/period_text.h"
#include "notify/words/table_style.h"
#include "notify/words/text.h"
#include "tools/config/typed_flags.h"
#include "tools/report/asked_departments.h"
#include "tools/report/asked_processes.h"
#include "tools/report/asked_style.h"
#include "tools/report/damage.h"
#include "tools/report/file_reports.h"
#include "tools/report/fleet_source.h"
#include "tools/report/host_files.h"
#include "tools/report/report_request.h"
#include "tools/report/running_processes.h"
#include "tools/report/store_sources.h"
#include "tools/report/unused_flags.h"
#include "tools/terminal/output_file.h"

namespace cpuagg::tools {
namespace {

using aggregate::Report;

// The page with its chart. If none can be drawn, a warning says why.
std::string HtmlPage(const Report& report, const std::vector<std::string>& columns,
                     Console& console) {
  if (report.row_count() == 0) return notify::RenderHtml(report);
  const absl::StatusOr<std::string> chart =
      notify::RenderReportChart(report, notify::PictureForm::kSvg);
  if (!chart.ok()) {
    console.Warn(absl::StrCat("the page has no chart: ", chart.status().message()));
    return notify::RenderHtml(report, "", columns);
  }
  return notify::RenderHtml(report, *chart, columns);
}

// The columns of `lines` that were asked for.
std::string Chosen(std::string lines, const notify::TableStyle& style, char separator) {
  if (style.columns.empty()) return lines;
  std::string chosen;
  notify::CsvFields(lines.substr(0, lines.find('\n')), style.columns, separator)
      .Append(lines, chosen);
  return chosen;
}

std::string RenderAs(const Report& report, Format format, const notify::TableStyle& style,
                     Console& console) {
  switch (format) {
    case Format::kCsv:
      return Chosen(notify::RenderCsv(report), style, ',');
    case Format::kTsv:
      return Chosen(notify::RenderTsv(report), style, '\t');
    case Format::kJson:
      return notify::RenderJson(report);
    case Format::kJsonLines:
      return notify::RenderJsonLines(report);
    case Format::kMarkdown:
      return notify::RenderMarkdown(report, style);
    case Format::kHtml:
      return HtmlPage(report, style.columns, console);
    case Format::kTable:
    case Format::kProto:  // of records
      break;
  }
  const std::string notes = notify::RenderNotes(report, style);
  return absl::StrCat(notify::RenderTable(report, style), notes.empty() ? "" : "\n", notes);
}

// The names of the columns in CSV, for a report by `by`.
std::vector<std::string> CsvNames(const aggregate::Grouping& by) {
  Report nothing;
  nothing.by = by;
  const std::string header = notify::RenderCsv(nothing);
  std::vector<std::string> names;
  for (const absl::string_view name : notify::FieldsOf(header)) {
    names.emplace_back(name);
  }
  return names;
}

// Prints the notes, for an output that has no place for them. Damage in files that were read has
// already been reported in more detail.
void WarnOfNotes(const Report& report, Console& console) {
  for (const notify::Note& note : notify::NotesOf(report)) {
    if (note.kind != notify::NoteKind::kDamage || report.is_of_store) console.Warn(note.text);
  }
}

// A chart has few rows.
void WarnOfOthers(const Report& report, const ShortFlags& typed_short, Console& console) {
  if (report.remaining_rows.rows == 0) return;
  console.Warn(absl::StrCat(
      "Not shown: ", notify::Pluralize(report.remaining_rows.rows, "other"), " with ",
      notify::ExactClock(report.remaining_rows.usage.cpu_time().ticks()), " of CPU time (",
      report.min_cpu > acct::ExactTime() ? "--min-cpu" : AsTyped("--top", typed_short), ")."));
}

// Whether the output is lines of rows only.
bool IsRowsOnly(Format format) {
  return format == Format::kCsv || format == Format::kTsv || format == Format::kJsonLines;
}

// A name that does not exist is empty in CSV, and the id is what tells such users apart.
void WarnOfNameless(const Report& report, CommandContext& context) {
  const std::vector<std::string>& columns = context.flags.columns;
  const auto is_chosen = [&](const char* name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  if (!IsRowsOnly(context.flags.format) || !is_chosen("user") || is_chosen("uid")) return;
  if (std::none_of(report.rows.begin(), report.rows.end(),
                   [](const aggregate::ReportRow& row) { return !row.user.has_value(); })) {
    return;
  }
  context.console.Warn("--columns: users without a name are empty; add uid to tell them apart");
}

// Whether a report without FILE is about the store: if the command line or the configuration says
// so, or if the store has data. A store that cannot be read is an error, not ignored. What only
// records know is asked of the accounting file, unless --store names a store.
absl::StatusOr<bool> StoreIsMeant(const CommandContext& context, const ReportRequest& request) {
  if (context.flags.store.has_value()) return true;
  if (context.flags.accounting_file.has_value()) return false;
  if (!request.options.processes.takes_all()) return false;
  if (!context.config.GetOr("STORE", "").empty()) return true;
  const absl::StatusOr<bool> empty = aggregate::SnapshotStore(context.StoreDirectory()).IsEmpty();
  if (!empty.ok()) return empty.status();
  return !*empty;
}

// The report from the store or the stores. Sets `damaged` if some of it could not be read, which is
// warned of.
absl::StatusOr<Report> ReportOfStores(CommandContext& context, const ReportRequest& request,
                                      bool& damaged) {
  const absl::StatusOr<StoreSources> sources = FindStores(context);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Report> report;
  std::vector<std::string> damage;
  if (sources->is_single) {
    absl::StatusOr<aggregate::StoreReport> single = BuildStoreReport(context, request);
    if (!single.ok()) return single.status();
    const absl::Status has_collected = CheckHasCollected(context, *single);
    if (!has_collected.ok()) context.console.Warn(has_collected.message());
    report = std::move(single->report);
    damage = std::move(single->damage);
  } else if (request.since_last) {
    return absl::InvalidArgumentError(
        "--period: since-last is for one store, which knows what was reported last");
  } else {
    absl::StatusOr<aggregate::StoresReport> several = BuildStoresReport(context, request, *sources);
    if (!several.ok()) return several.status();
    report = std::move(several->report);
    damage = std::move(several->damage);
  }
  for (const std::string& text : damage) context.console.Warn(text);
  damaged = !damage.empty();
  return report;
}

// Tells why a comparison that was asked for is missing; the report has a note about stores that
// cannot count the period before.
void WarnOfNoComparison(const ReportRequest& request, const Report& report, Console& console) {
  if (!request.compares || report.previous.has_value() || report.has_unequal_before) return;
  const std::optional<aggregate::Period>& before = request.options.compare_with;
  if (report.fleet.has_value() && !report.known.has_value()) return;
  console.Warn(before.has_value()
                   ? absl::StrCat("--compare: there is no comparison: nothing is known of ",
                                  notify::PeriodText(*before, report.time_zone))
                   : "--compare: there is no comparison: too little of the period has passed");
}

}  // namespace

ExitCode RunReport(CommandContext& context) {
  absl::StatusOr<ReportRequest> request = MakeReportRequest(context, /*for_message=*/false);
  if (absl::IsUnavailable(request.status())) return context.Fail(request.status());
  if (!request.ok()) return context.FailUsage(request.status());

  if (const absl::Status status = CheckFleetFlags(context, *request); !status.ok()) {
    return context.FailUsage(status);
  }
  const bool is_of_fleet = IsOfFleet(context);
  const absl::StatusOr<notify::TableStyle> style = AskedStyle(
      context.flags,
      notify::ReportColumnNames(request->options.by, is_of_fleet ? aggregate::Detail::kModes
                                                                 : aggregate::Detail::kProcesses),
      CsvNames(request->options.by));
  if (!style.ok()) return context.FailUsage(style.status());

  if (const absl::Status usable = CheckRunningFlags(context, *request); !usable.ok()) {
    return context.FailUsage(usable);
  }
  const std::vector<std::string>& paths = context.flags.files;
  if (context.flags.store.has_value() && context.flags.accounting_file.has_value()) {
    return context.FailUsage(absl::InvalidArgumentError(
        "--accounting-file: a report is either from this file or from the --store"));
  }
  if (!paths.empty() && context.flags.store.has_value()) {
    return context.FailUsage(absl::InvalidArgumentError(
        absl::StrCat("--store: a report is either from the store or from files, such as ",
                     notify::Printable(paths.front()), "; leave one of them out")));
  }
  if (paths.empty() && context.flags.store.has_value() && !request->options.processes.takes_all()) {
    return context.FailUsage(absl::InvalidArgumentError(
        absl::StrCat(GivenFlags(context.flags),
                     ": the store has sums, and does not know single processes; leave --store out "
                     "to ask the accounting file and its rotated generations, or name a FILE")));
  }
  absl::StatusOr<std::vector<HostFiles>> hosts = FindHostFiles(paths, context.flags.host);
  if (!hosts.ok()) return context.FailUsage(hosts.status());
  bool from_files = !paths.empty();
  if (!from_files && !context.flags.running && !is_of_fleet) {
    const absl::StatusOr<bool> store_is_meant = StoreIsMeant(context, *request);
    if (!store_is_meant.ok()) return context.Fail(store_is_meant.status());
    from_files = !*store_is_meant;
  }
  if (!hosts->empty()) {
    if (const absl::Status usable = CheckHostFileFlags(context.flags); !usable.ok()) {
      return context.FailUsage(usable);
    }
  }
  if (!from_files && !context.flags.running && !is_of_fleet) {
    if (const absl::Status usable = CheckStoreFlags(context); !usable.ok()) {
      return context.FailUsage(usable);
    }
  }
  if (from_files && request->since_last) {
    return context.FailUsage(absl::InvalidArgumentError(
        "--period: since-last is for the store, which knows what was reported last"));
  }
  // A report from files is compared only if that is asked for.
  if (from_files) {
    request->options.compare_with = request->compares ? request->before_in_files : std::nullopt;
  }
  bool damaged = false;
  absl::StatusOr<Report> report = Report();
  if (is_of_fleet) {
    absl::StatusOr<FleetSourceReport> from_fleet = ReportFromFleet(context, *request);
    if (absl::IsInvalidArgument(from_fleet.status())) {
      return context.FailUsage(from_fleet.status());
    }
    if (!from_fleet.ok()) return context.Fail(from_fleet.status());
    report = std::move(from_fleet->report);
    damaged = from_fleet->is_partial;
  } else if (context.flags.running) {
    report = ReportOfRunning(context, *request);
  } else if (!from_files) {
    report = ReportOfStores(context, *request, damaged);
  } else if (paths.empty()) {
    report = ReportFromHistory(context, *request);
  } else if (hosts->empty()) {
    report = ReportFromNamed(context, *request, paths);
  } else {
    report = ReportFromHostFiles(context, *request, *std::move(hosts));
  }
  if (absl::IsInvalidArgument(report.status()) && !from_files) {
    return context.FailUsage(report.status());
  }
  if (!report.ok()) return context.Fail(OfferPeriod(report.status(), paths, context));
  if (from_files) {
    damaged = WarnOfDamage(report->inputs, context.console) || report->has_unreadable;
    damaged |= WarnOfEmptyInput(report->inputs, context.console);
  }

  WarnOfNoComparison(*request, *report, context.console);
  WarnOfNoDepartment(*report, request->options.departments, context);
  if (context.flags.chart.has_value() || context.flags.format == Format::kHtml) {
    const std::string missing = notify::MissingLetters(*report);
    if (!missing.empty()) context.console.Warn(missing);
  }
  if (context.flags.chart.has_value()) {
    const absl::StatusOr<std::string> picture =
        notify::RenderReportChart(*report, ChartFormOf(*context.flags.chart));
    if (!picture.ok()) return context.Fail(picture.status());
    const absl::Status written = WriteOutput(*context.flags.chart, *picture, context.console);
    if (!written.ok()) return context.Fail(written);
  }
  // On standard output there is no place for a table besides the picture; what the picture does not
  // show is reported.
  if (context.flags.chart.has_value() && IsStandardOutput(*context.flags.chart)) {
    WarnOfOthers(*report, context.flags.typed_short, context.console);
    WarnOfNotes(*report, context.console);
    return damaged ? kDamagedInput : kDone;
  }
  if (IsRowsOnly(context.flags.format)) WarnOfNotes(*report, context.console);
  WarnOfNameless(*report, context);
  const absl::Status printed =
      context.console.Print(RenderAs(*report, context.flags.format, *style, context.console));
  if (!printed.ok()) return context.Fail(printed);
  return damaged ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
