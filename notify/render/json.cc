#include "notify/render/json.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/scan/byte_account.h"
#include "notify/words/choice_words.h"
#include "notify/words/json_string.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"
#include "notify/words/process_names.h"
#include "notify/words/text.h"

// Numbers are written here and not by the JSON library, whose only fractional type is double: it
// cannot represent more than 2^53 hundredths of a second exactly.

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::Usage;

constexpr int kSchema = 1;

std::string Time(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return "null";
  return JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()));
}

std::string TicksOf(uint32_t rate, const aggregate::TickSums& sums) {
  return absl::StrCat("{\"rate\": ", rate, ", \"user\": ", sums.user, ", \"system\": ", sums.system,
                      ", \"elapsed\": ", sums.elapsed) +
         absl::StrCat(", \"largest_cpu\": ", sums.largest_cpu, "}");
}

// The members of an object for `usage`, without braces. `previous_cpu` is the CPU time in the
// previous period, if there is a comparison.
std::string UsageMembers(const Report& report, const Usage& usage,
                         std::optional<acct::ExactTime> previous_cpu) {
  std::string members = absl::StrCat("\"processes\": ", usage.processes,
                                     ", \"user_seconds\": ", ExactSeconds(usage.user_time()),
                                     ", \"system_seconds\": ", ExactSeconds(usage.system_time()),
                                     ", \"cpu_seconds\": ", ExactSeconds(usage.cpu_time()));
  absl::StrAppendFormat(&members, ", \"share\": %.6f", report.ShareOf(usage));
  absl::StrAppend(&members, ", \"elapsed_seconds\": ", ExactSeconds(usage.elapsed()),
                  ", \"memory_kib\": ", usage.mean_memory_kib());
  absl::StrAppend(&members, ", \"io\": ", usage.io, ", \"minor_faults\": ", usage.minor_faults,
                  ", \"major_faults\": ", usage.major_faults);
  absl::StrAppend(&members,
                  ", \"mean_cpu_seconds\": ", MeanSeconds(usage.ended_cpu_time(), usage.processes),
                  ", \"largest_cpu_seconds\": ", ExactSeconds(usage.largest_cpu()),
                  ", \"largest_memory_kib\": ", usage.largest_memory_kib);
  absl::StrAppend(&members, ", \"running_cpu_seconds\": ", ExactSeconds(usage.running_time()));
  if (!usage.other_rates.empty()) {
    absl::StrAppend(&members, ", \"ticks\": [", TicksOf(acct::kTicksPerSecond, usage.ticks));
    for (const auto& [rate, sums] : usage.other_rates.map()) {
      absl::StrAppend(&members, ", ", TicksOf(rate, sums));
    }
    absl::StrAppend(&members, "]");
  }
  if (previous_cpu.has_value()) {
    absl::StrAppend(&members, ", \"previous_cpu_seconds\": ", ExactSeconds(*previous_cpu));
  }
  return members;
}

std::string NameOrNull(const std::optional<std::string>& name) {
  return name.has_value() ? JsonString(*name) : "null";
}

// The members that identify the row.
std::string IdMembers(const aggregate::ReportRow& row, Dimension dimension, absl::TimeZone zone) {
  const absl::Time begin = BeginOf(row);
  switch (dimension) {
    case Dimension::kUser:
      return absl::StrCat("\"uid\": ", row.uid.value(), ", \"user\": ", NameOrNull(row.user));
    case Dimension::kGroup:
      return absl::StrCat("\"gid\": ", row.gid.value(), ", \"group\": ", NameOrNull(row.group));
    case Dimension::kCommand:
      return absl::StrCat("\"command\": ", NameOrNull(row.command));
    case Dimension::kTty:
      return absl::StrCat("\"tty\": ", row.tty == 0 ? "null" : JsonString(TtyName(row.tty)));
    case Dimension::kSignal:
      return absl::StrCat("\"signal\": ",
                          row.signal == 0 ? "null" : JsonString(SignalName(row.signal)));
    case Dimension::kHour:
      return absl::StrCat("\"hour\": ",
                          JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", begin, zone)));
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      return absl::StrCat("\"", DimensionName(dimension),
                          "\": ", JsonString(UnitLabel(begin, dimension, zone)));
  }
  return "";
}

std::string Row(const Report& report, const aggregate::ReportRow& row) {
  const std::string id =
      absl::StrJoin(report.by, ", ", [&](std::string* text, Dimension dimension) {
        text->append(IdMembers(row, dimension, report.time_zone));
      });
  std::string time;
  if (aggregate::HasTime(report.by)) {
    const aggregate::Period period = TimeOf(row, report);
    time = absl::StrCat("\"start\": ", Time(period.begin), ", \"end\": ", Time(period.end), ", ");
  }
  return absl::StrCat("    {", id, ", ", time, UsageMembers(report, row.usage, row.previous_cpu),
                      "}");
}

// Rows by user, the usual case, are counted as "users".
std::string Group(const Report& report, uint64_t rows, const Usage& usage,
                  std::optional<acct::ExactTime> previous_cpu) {
  const bool are_users = report.by == aggregate::Grouping{Dimension::kUser};
  return absl::StrCat("{\"", are_users ? "users" : "rows", "\": ", rows, ", ",
                      UsageMembers(report, usage, previous_cpu), "}");
}

std::string AskedPeriod(const std::optional<aggregate::Period>& period) {
  if (!period.has_value()) return "null";
  return absl::StrCat("{\"start\": ", Time(period->begin), ", \"end\": ", Time(period->end), "}");
}

std::string Previous(const std::optional<aggregate::Comparison>& previous) {
  if (!previous.has_value()) return "null";
  return absl::StrCat("{\"start\": ", Time(previous->period.begin),
                      ", \"end\": ", Time(previous->period.end),
                      ", \"cpu_seconds\": ", ExactSeconds(previous->cpu), "}");
}

// Excluded users have no share of the total, because they are not part of it.
std::string LeftOut(const aggregate::UserGroup& group) {
  return absl::StrCat("{\"users\": ", group.users, ", \"processes\": ", group.usage.processes,
                      ", \"cpu_seconds\": ", ExactSeconds(group.usage.cpu_time()), "}");
}

std::string Region(const acct::ByteAccount& input, const acct::SkippedRegion& region) {
  return absl::StrCat("{\"file\": ", JsonString(input.name), ", \"offset\": ", region.begin,
                      ", \"bytes\": ", region.end - region.begin,
                      ", \"reason\": ", JsonString(acct::SkipReasonName(region.reason)), "}");
}

std::string Input(const Report& report) {
  acct::ByteAccount sum;
  std::vector<std::string> skipped;
  std::vector<std::string> cut_short;
  std::vector<std::string> repeated;
  for (const acct::ByteAccount& input : report.inputs) {
    sum.Add(input);
    if (!input.cut_short.empty()) {
      cut_short.push_back(absl::StrCat("{\"file\": ", JsonString(input.name),
                                       ", \"reason\": ", JsonString(input.cut_short), "}"));
    }
    if (input.repeated_bytes > 0) {
      repeated.push_back(absl::StrCat("{\"file\": ", JsonString(input.name),
                                      ", \"bytes\": ", input.repeated_bytes,
                                      ", \"repeats\": ", JsonString(input.repeats), "}"));
    }
    for (const acct::SkippedRegion& region : input.skipped) {
      if (skipped.size() < acct::ByteAccount::kMaxListed) skipped.push_back(Region(input, region));
    }
  }
  return absl::StrCat("{\"files\": ", report.inputs.size(), ", \"bytes\": ", sum.bytes,
                      ", \"records\": ", sum.records, ", \"skipped_bytes\": ", sum.skipped_bytes,
                      ", \"trailing_bytes\": ", sum.trailing_bytes) +
         absl::StrCat(", \"invalid_elapsed\": ", sum.invalid_elapsed,
                      ", \"skipped_regions\": ", sum.regions, ", \"skipped\": [",
                      absl::StrJoin(skipped, ", "), "], \"cut_short\": [",
                      absl::StrJoin(cut_short, ", "), "], \"repeated\": [",
                      absl::StrJoin(repeated, ", "), "]}");
}

}  // namespace

std::string RenderJson(const Report& report) {
  std::vector<std::string> rows;
  rows.reserve(report.rows.size());
  for (const aggregate::ReportRow& row : report.rows) rows.push_back(Row(report, row));
  std::vector<std::string> gaps;
  for (const aggregate::Gap& gap : report.gaps) {
    gaps.push_back(absl::StrCat("{\"start\": ", Time(gap.period.begin),
                                ", \"end\": ", Time(gap.period.end),
                                ", \"reason\": ", JsonString(gap.reason), "}"));
  }
  std::vector<std::string> notes;
  for (const Note& note : NotesOf(report)) notes.push_back(JsonString(note.text));
  const auto names = [](const std::vector<std::string>& list) {
    return absl::StrCat(
        "[",
        absl::StrJoin(list, ", ",
                      [](std::string* text, const auto& name) { text->append(JsonString(name)); }),
        "]");
  };
  return absl::StrCat(
      "{\n  \"schema\": ", kSchema,
      ",\n  \"host\": ", report.host.empty() ? "null" : JsonString(report.host),
      ",\n  \"source\": ", JsonString(report.source),
      ",\n  \"period\": {\"start\": ", Time(report.period.begin),
      ", \"end\": ", Time(report.period.end),
      "},\n  \"asked_period\": ", AskedPeriod(report.asked_period),
      ",\n  \"previous\": ", Previous(report.previous), ",\n  \"by\": [",
      absl::StrJoin(report.by, ", ",
                    [](std::string* text, Dimension dimension) {
                      absl::StrAppend(text, "\"", DimensionName(dimension), "\"");
                    }),
      "],\n  \"only_users\": ", names(report.only_users),
      ",\n  \"only_commands\": ", names(report.only_commands),
      ",\n  \"only_people\": ", report.only_people ? "true" : "false",
      ",\n  \"only_groups\": ", names(report.only_groups),
      ",\n  \"only_processes\": ", names(ProcessPhrases(report.processes, report.time_zone)),
      ",\n  \"min_cpu_seconds\": ", ExactSeconds(report.min_cpu), ",\n  \"rows\": [",
      rows.empty() ? "" : "\n", absl::StrJoin(rows, ",\n"), rows.empty() ? "" : "\n  ",
      "],\n  \"others\": ",
      Group(report, report.remaining_rows.rows, report.remaining_rows.usage,
            report.remaining_rows.previous_cpu),
      ",\n  \"left_out\": ", LeftOut(report.excluded_users),
      ",\n  \"totals\": ", Group(report, report.row_count(), report.totals, report.previous_cpu()),
      ",\n  \"command_complete\": ", report.knows_all_commands() ? "true" : "false",
      ",\n  \"unnamed_commands\": {\"processes\": ", report.unnamed_commands.processes,
      ", \"cpu_seconds\": ", ExactSeconds(report.unnamed_commands.cpu_time()),
      "},\n  \"records_begin\": ",
      report.records_begin.has_value() ? Time(*report.records_begin) : "null",
      ",\n  \"records_end\": ", report.records_end.has_value() ? Time(*report.records_end) : "null",
      ",\n  \"gaps\": [", absl::StrJoin(gaps, ", "), "],\n  \"notes\": [",
      absl::StrJoin(notes, ", "), "],\n  \"input\": ", Input(report), "\n}\n");
}

}  // namespace cpuagg::notify
