#include "notify/render/report_fields.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "aggregate/report/fleet.h"
#include "notify/words/labels.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

using aggregate::Dimension;
using Kind = ReportField::Kind;

namespace {

ReportField NumberField(absl::string_view name, uint64_t number) {
  return {.name = name, .value = absl::StrCat(number)};
}

ReportField SecondsField(absl::string_view name, acct::ExactTime time) {
  return {.name = name, .value = ExactSeconds(time)};
}

ReportField NameField(absl::string_view name, const std::optional<std::string>& value) {
  return {.name = name,
          .kind = value.has_value() ? Kind::kName : Kind::kAbsent,
          .value = value.value_or("")};
}

ReportField TextField(absl::string_view name, std::string value) {
  return {.name = name, .kind = Kind::kText, .value = std::move(value)};
}

}  // namespace

std::vector<ReportField> GroupFields(const aggregate::ReportRow& row, Dimension dimension,
                                     const aggregate::Report& report) {
  const absl::string_view name = DimensionName(dimension);
  switch (dimension) {
    case Dimension::kUser:
      return {row.has_several_uids ? ReportField{.name = "uid", .kind = Kind::kAbsent}
                                   : NumberField("uid", row.uid.value()),
              NameField(name, row.user)};
    case Dimension::kGroup:
      return {NumberField("gid", row.gid.value()), NameField(name, row.group)};
    case Dimension::kDepartment:
      return {NameField(name, row.department)};
    case Dimension::kCommand:
      return {NameField(name, row.command)};
    case Dimension::kTty:
      if (row.tty == 0) return {{.name = name, .kind = Kind::kAbsent}};
      return {TextField(name, TtyName(row.tty))};
    case Dimension::kSignal:
      if (row.signal == 0) return {{.name = name, .kind = Kind::kAbsent}};
      return {TextField(name, SignalName(row.signal))};
    case Dimension::kHost:
      return {NameField(name, row.host.empty() ? std::nullopt : std::optional(row.host))};
    case Dimension::kHour:
      return {TextField(name,
                        absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", BeginOf(row), report.time_zone))};
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      return {TextField(name, UnitLabel(BeginOf(row), dimension, report.time_zone))};
  }
  return {};
}

std::vector<ReportField> TimeFields(const aggregate::ReportRow& row,
                                    const aggregate::Report& report) {
  if (!aggregate::HasTime(report.by)) return {};
  const aggregate::Period time = TimeOf(row, report);
  return {TextField("start", UtcText(time.begin)), TextField("end", UtcText(time.end))};
}

std::vector<ReportField> UsageFields(const aggregate::Report& report,
                                     const aggregate::Usage& usage) {
  std::vector<ReportField> fields = {
      NumberField("processes", usage.processes),
      SecondsField("user_seconds", usage.user_time()),
      SecondsField("system_seconds", usage.system_time()),
      SecondsField("cpu_seconds", usage.cpu_time()),
      {.name = "share", .value = absl::StrFormat("%.6f", report.ShareOf(usage))},
      SecondsField("elapsed_seconds", usage.elapsed()),
      NumberField("memory_kib", usage.mean_memory_kib()),
      NumberField("io", usage.io),
      NumberField("minor_faults", usage.minor_faults),
      NumberField("major_faults", usage.major_faults),
      {.name = "mean_cpu_seconds", .value = MeanSeconds(usage.ended_cpu_time(), usage.processes)},
      SecondsField("largest_cpu_seconds", usage.largest_cpu()),
      NumberField("largest_memory_kib", usage.largest_memory_kib),
      SecondsField("running_cpu_seconds",
                   report.only_running ? usage.cpu_time() : usage.running_time())};
  for (ReportField& field : fields) {
    if (!IsKnownField(report, field.name)) field = {.name = field.name, .kind = Kind::kAbsent};
  }
  return fields;
}

bool IsKnownField(const aggregate::Report& report, absl::string_view name) {
  constexpr absl::string_view kOfRecords[] = {"memory_kib", "largest_memory_kib", "io",
                                              "minor_faults", "major_faults"};
  if (report.only_running) {
    return std::find(std::begin(kOfRecords), std::end(kOfRecords), name) == std::end(kOfRecords);
  }
  if (report.detail == aggregate::Detail::kProcesses) return true;
  if (name == "cpu_seconds" || name == "share") return true;
  return report.detail == aggregate::Detail::kModes &&
         (name == "user_seconds" || name == "system_seconds");
}

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace cpuagg::notify
