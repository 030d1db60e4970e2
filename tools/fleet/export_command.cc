#include "tools/fleet/export_command.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "aggregate/fleet/hour_amounts.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/period.h"
#include "notify/fleet/fleet_counters.h"
#include "notify/fleet/hour_rows.h"
#include "notify/fleet/prometheus_text.h"
#include "tools/config/nearest_name.h"
#include "tools/config/version.h"
#include "tools/fleet/textfile.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {
namespace {

constexpr std::array<absl::string_view, 3> kFormats = {"prometheus", "jsonl", "csv"};

absl::Status CheckFlags(const Flags& flags) {
  const std::string& format = flags.export_format;
  if (std::find(kFormats.begin(), kFormats.end(), format) == kFormats.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--format: '", format, "' is not one of prometheus, jsonl and csv",
        DidYouMean(format, std::vector<absl::string_view>(kFormats.begin(), kFormats.end()))));
  }
  if (format == "prometheus" && (flags.since.has_value() || flags.until.has_value())) {
    return absl::InvalidArgumentError(absl::StrCat(
        flags.since.has_value() ? "--since" : "--until",
        ": counters are of all time; --format csv and jsonl have hours, of which it can choose"));
  }
  return absl::OkStatus();
}

// What is to be printed.
absl::StatusOr<std::string> TextOf(CommandContext& context, const aggregate::SnapshotStore& store,
                                   const aggregate::Period& period,
                                   const std::optional<std::string>& textfile,
                                   std::vector<std::string>& damage) {
  if (context.flags.export_format == "prometheus") {
    const absl::StatusOr<notify::FleetCounters> counters = CountersToShow(store, textfile, damage);
    if (!counters.ok()) return counters.status();
    return notify::PrometheusText(*counters, kVersion);
  }
  absl::StatusOr<aggregate::HourAmounts> hours = aggregate::ReadHourAmounts(store, period);
  if (!hours.ok()) return hours.status();
  damage = std::move(hours->damage);
  if (hours->amounts.empty()) {
    context.console.Warn(absl::StrCat(
        store.directory(), hours->known.has_value() ? ": has nothing of that time"
                                                    : ": has nothing yet; run cpuagg collect"));
  }
  return context.flags.export_format == "csv" ? notify::HoursAsCsv(*hours)
                                              : notify::HoursAsJsonLines(*hours);
}

}  // namespace

ExitCode RunExport(CommandContext& context) {
  if (const absl::Status flags = CheckFlags(context.flags); !flags.ok()) {
    return context.FailUsage(flags);
  }
  const absl::StatusOr<aggregate::Period> period = RequestedPeriod(context, /*for_message=*/false);
  if (!period.ok()) return context.FailUsage(period.status());
  const absl::StatusOr<std::optional<std::string>> textfile = FindTextfile(context);
  if (!textfile.ok()) return context.FailUsage(textfile.status());
  const aggregate::SnapshotStore store(context.StoreDirectory());
  if (const absl::Status there = CheckStoreIsThere(store); !there.ok()) return context.Fail(there);
  std::vector<std::string> damage;
  const absl::StatusOr<std::string> text = TextOf(context, store, *period, *textfile, damage);
  if (!text.ok()) return context.Fail(text.status());
  if (const absl::Status printed = context.console.Print(*text); !printed.ok()) {
    return context.Fail(printed);
  }
  for (const std::string& problem : damage) context.console.Warn(problem);
  return damage.empty() ? kDone : kDamagedInput;
}

}  // namespace cpuagg::tools
