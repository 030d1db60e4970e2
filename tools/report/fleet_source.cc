#include "tools/report/fleet_source.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "aggregate/usage/grouping.h"
#include "notify/fleet/engine.h"
#include "notify/fleet/fleet_report.h"
#include "notify/http/curl_http_client.h"
#include "notify/words/fleet_notes.h"
#include "notify/words/labels.h"
#include "tools/config/fleet_config.h"
#include "tools/report/asked_processes.h"

namespace cpuagg::tools {
namespace {

using aggregate::Dimension;
using aggregate::SortOrder;

constexpr char kAskHost[] = "; ask the host itself, with cpuagg report there";

// The first flag that needs what only records or a store know; empty if there is none.
std::string UnknownToEngine(const CommandContext& context, const ReportRequest& request) {
  const Flags& flags = context.flags;
  for (const Dimension dimension : request.options.by) {
    if (dimension == Dimension::kCommand || dimension == Dimension::kGroup ||
        dimension == Dimension::kTty || dimension == Dimension::kSignal) {
      return absl::StrCat("--by: hosts push usage by user and hour; the engine does not know a ",
                          notify::DimensionName(dimension), kAskHost);
    }
    if (dimension == Dimension::kDepartment) {
      return "--by: department is for files and stores; of an engine, report --by user as CSV, and "
             "add up the users";
    }
  }
  if (!flags.commands.empty()) {
    return absl::StrCat("--command: hosts push no commands", kAskHost);
  }
  if (!request.options.processes.takes_all()) {
    return absl::StrCat(GivenFlags(flags), ": hosts push sums, and no single processes", kAskHost);
  }
  switch (request.options.sort) {
    case SortOrder::kProcesses:
    case SortOrder::kElapsed:
    case SortOrder::kLargest:
    case SortOrder::kMemory:
    case SortOrder::kMean:
    case SortOrder::kMajorFaults:
      return absl::StrCat("--sort: the engine knows CPU time only; sort by cpu, user-time, ",
                          "system-time, change, name or time");
    case SortOrder::kId:
      if (!flags.host.has_value() || !flags.from.has_value()) {
        return "--sort: a user may have different ids on different hosts; choose one with --host, "
               "or sort by name";
      }
      break;
    default:
      break;
  }
  return "";
}

// The first flag that names another source.
std::string OtherSource(const Flags& flags) {
  const std::pair<const char*, bool> sources[] = {
      {"FILE", !flags.files.empty()},
      {"--store", flags.store.has_value() && flags.from.has_value()},
      {"--accounting-file", flags.accounting_file.has_value() && flags.from.has_value()},
      {"--passwd", flags.passwd.has_value() && flags.from.has_value()},
      {"--running", flags.running},
      {"--rotated-dir", !flags.rotated_directories.empty() && flags.from.has_value()},
      {"--threads", flags.threads > 0 && flags.from.has_value()},
      {"--ahz", flags.default_rate > 0 && flags.from.has_value()},
      {"--big-endian-v0", flags.big_endian_version0 && flags.from.has_value()}};
  for (const auto& [flag, is_given] : sources) {
    if (is_given) {
      return absl::StrCat(flag, ": cannot be combined with --from; a report is either of this ",
                          "machine's records or from a fleet's engine");
    }
  }
  return "";
}

}  // namespace

bool IsOfFleet(const CommandContext& context) { return FleetUrl(context).has_value(); }

absl::Status CheckFleetFlags(const CommandContext& context, const ReportRequest& request) {
  if (!IsOfFleet(context)) return absl::OkStatus();
  if (std::string wrong = OtherSource(context.flags); !wrong.empty()) {
    return absl::InvalidArgumentError(wrong);
  }
  if (context.flags.from.has_value() && absl::StrContains(context.flags.host.value_or(""), ',')) {
    return absl::InvalidArgumentError(
        "--host: with --from, it is the name of one host; --by host tells all of them apart");
  }
  if (request.since_last) {
    return absl::InvalidArgumentError(absl::StrCat(
        context.flags.period.has_value() ? "--period" : "REPORT_PERIOD",
        ": since-last is for the store, which knows what was reported last; for a fleet, use "
        "yesterday or last-week"));
  }
  const std::string unknown = UnknownToEngine(context, request);
  return unknown.empty() ? absl::OkStatus() : absl::InvalidArgumentError(unknown);
}

absl::StatusOr<FleetSourceReport> ReportFromFleet(CommandContext& context,
                                                  const ReportRequest& request) {
  const absl::StatusOr<FleetConfig> config = FleetConfig::Find(context);
  if (!config.ok()) return config.status();
  notify::CurlHttpClient http = config->MakeHttpClient();
  notify::Engine engine = config->MakeEngine(http);
  const bool is_one_host = context.flags.from.has_value() && context.flags.host.has_value();
  absl::StatusOr<notify::FleetReport> built =
      notify::BuildFleetReport(engine, {.options = request.options,
                                        .period = request.period,
                                        .period_name = request.period_name,
                                        .host = is_one_host ? *context.flags.host : "",
                                        .time_zone = context.zone,
                                        .now = context.now});
  if (!built.ok()) return built.status();
  aggregate::Report& report = built->report;
  if (is_one_host && report.rows.empty() && report.fleet->hosts == 0) {
    return absl::NotFoundError(absl::StrCat("--host: the engine at ", engine.url(),
                                            " has nothing of a host ", *context.flags.host,
                                            "; --by host lists those of the period"));
  }
  report.fleet->engine = engine.HostAndPort();
  report.fleet->is_one_host = is_one_host;
  report.host = is_one_host ? *context.flags.host : notify::FleetName(*report.fleet);
  report.source = absl::StrCat("the engine at ", engine.url());
  FillHeading(context, request, report);
  for (const std::string& damage : built->damage) {
    context.console.Warn(absl::StrCat(engine.HostAndPort(), ": the answer is partial: ", damage));
  }
  return FleetSourceReport{.report = std::move(report), .is_partial = !built->damage.empty()};
}

}  // namespace cpuagg::tools
