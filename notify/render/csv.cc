#include "notify/render/csv.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "notify/words/labels.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;

// The columns of one dimension: two if there are an id and a name.
std::string Header(Dimension dimension) {
  switch (dimension) {
    case Dimension::kUser:
      return "uid,user";
    case Dimension::kGroup:
      return "gid,group";
    default:
      return std::string(DimensionName(dimension));
  }
}

// Decided by its first character.
bool LooksLikeFormula(absl::string_view text) {
  constexpr absl::string_view kBeginnings[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                               "\n", "＝", "＋", "－", "＠"};
  return std::any_of(
      std::begin(kBeginnings), std::end(kBeginnings),
      [&](absl::string_view beginning) { return absl::StartsWith(text, beginning); });
}

std::string Rfc3339(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime(absl::RFC3339_sec, time, zone);
}

std::string Cells(const aggregate::ReportRow& row, Dimension dimension, absl::TimeZone zone) {
  switch (dimension) {
    case Dimension::kUser:
      return absl::StrCat(row.uid.value(), ",", CsvField(Printable(row.user.value_or(""))));
    case Dimension::kGroup:
      return absl::StrCat(row.gid.value(), ",", CsvField(Printable(row.group.value_or(""))));
    case Dimension::kCommand:
      return CsvField(Printable(row.command.value_or("")));
    case Dimension::kTty:
      return TtyName(row.tty);
    case Dimension::kSignal:
      return SignalName(row.signal);
    case Dimension::kHour:
      // With the offset, because two hours have the same name when clocks are put back.
      return Rfc3339(BeginOf(row), zone);
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      return UnitLabel(BeginOf(row), dimension, zone);
  }
  return "";
}

}  // namespace

std::string CsvField(absl::string_view text) {
  std::string guarded = absl::StrCat(LooksLikeFormula(text) ? "'" : "", text);
  if (guarded.find_first_of(",;\"\t\r\n") == std::string::npos) return guarded;
  return absl::StrCat("\"", absl::StrReplaceAll(guarded, {{"\"", "\"\""}}), "\"");
}

std::string RenderCsv(const aggregate::Report& report) {
  std::string csv;
  const bool has_time = aggregate::HasTime(report.by);
  for (const Dimension dimension : report.by) absl::StrAppend(&csv, Header(dimension), ",");
  absl::StrAppend(&csv,
                  "processes,user_seconds,system_seconds,cpu_seconds,share,elapsed_seconds,"
                  "memory_kib,io,minor_faults,major_faults,mean_cpu_seconds,largest_cpu_seconds,"
                  "largest_memory_kib,running_cpu_seconds,previous_cpu_seconds",
                  has_time ? ",start,end" : "", "\n");
  for (const aggregate::ReportRow& row : report.rows) {
    const aggregate::Usage& usage = row.usage;
    for (const Dimension dimension : report.by) {
      absl::StrAppend(&csv, Cells(row, dimension, report.time_zone), ",");
    }
    absl::StrAppend(&csv, usage.processes, ",", ExactSeconds(usage.user_time()), ",",
                    ExactSeconds(usage.system_time()), ",", ExactSeconds(usage.cpu_time()));
    absl::StrAppend(&csv, ",", absl::StrFormat("%.6f", report.ShareOf(usage)), ",",
                    ExactSeconds(usage.elapsed()), ",", usage.mean_memory_kib());
    absl::StrAppend(&csv, ",", usage.io, ",", usage.minor_faults, ",", usage.major_faults);
    absl::StrAppend(&csv, ",", MeanSeconds(usage.ended_cpu_time(), usage.processes), ",",
                    ExactSeconds(usage.largest_cpu()), ",", usage.largest_memory_kib, ",",
                    ExactSeconds(usage.running_time()), ",",
                    row.previous_cpu.has_value() ? ExactSeconds(*row.previous_cpu) : "");
    if (has_time) {
      const aggregate::Period time = TimeOf(row, report);
      absl::StrAppend(&csv, ",", Rfc3339(time.begin, report.time_zone), ",",
                      Rfc3339(time.end, report.time_zone));
    }
    absl::StrAppend(&csv, "\n");
  }
  return csv;
}

}  // namespace cpuagg::notify
