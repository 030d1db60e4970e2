#include "notify/render/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "acct/record/exact_time.h"
#include "acct/scan/byte_account.h"
#include "aggregate/report/capacity.h"
#include "aggregate/report/fleet.h"
#include "notify/render/json_row.h"
#include "notify/words/choice_words.h"
#include "notify/words/json_string.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Dimension;
using aggregate::Report;
using aggregate::Usage;

// Rows by user, the usual case, are counted as "users".
std::string Group(const Report& report, uint64_t rows, const Usage& usage,
                  std::optional<acct::ExactTime> previous_cpu) {
  const bool are_users = report.by == aggregate::Grouping{Dimension::kUser};
  return absl::StrCat("{\"", are_users ? "users" : "rows", "\": ", rows, ", ",
                      JsonUsageMembers(report, usage, previous_cpu), "}");
}

std::string CapacityMembers(const std::optional<aggregate::Capacity>& capacity) {
  if (!capacity.has_value()) return "null";
  return absl::StrCat("{\"processors\": ", capacity->processors,
                      ", \"cpu_seconds\": ", ExactSeconds(capacity->total()),
                      ", \"busy_seconds\": ", ExactSeconds(capacity->busy),
                      ", \"stolen_seconds\": ", ExactSeconds(capacity->stolen)) +
         absl::StrCat(", \"period_seconds\": ", capacity->period_seconds,
                      ", \"known_seconds\": ", capacity->known_seconds, "}");
}

std::string CoverageMembers(const std::optional<aggregate::Coverage>& coverage) {
  if (!coverage.has_value()) return "null";
  return absl::StrCat("{\"accounted_seconds\": ", ExactSeconds(coverage->accounted),
                      ", \"unaccounted_seconds\": ", ExactSeconds(coverage->unaccounted),
                      absl::StrFormat(", \"share\": %.6f}", coverage->share));
}

std::string AskedPeriod(const std::optional<aggregate::Period>& period) {
  if (!period.has_value()) return "null";
  return absl::StrCat("{\"start\": ", JsonTime(period->begin), ", \"end\": ", JsonTime(period->end),
                      "}");
}

std::string Previous(const std::optional<aggregate::Comparison>& previous) {
  if (!previous.has_value()) return "null";
  return absl::StrCat("{\"start\": ", JsonTime(previous->period.begin),
                      ", \"end\": ", JsonTime(previous->period.end),
                      ", \"cpu_seconds\": ", ExactSeconds(previous->cpu), "}");
}

std::vector<std::string> Processes(const Report& report) {
  if (report.only_running) return {std::string(kRunningProcesses)};
  return ProcessPhrases(report.processes, report.time_zone);
}

std::string FleetMembers(const std::optional<aggregate::Fleet>& fleet) {
  if (!fleet.has_value()) return "null";
  return absl::StrCat(
      "{\"engine\": ", JsonString(fleet->engine), ", \"hosts\": ", fleet->hosts,
      ", \"late_hosts\": ", fleet->late_hosts, ", \"late_since\": ", JsonTime(fleet->late_since),
      ", \"late_names\": [",
      absl::StrJoin(fleet->late_names, ", ",
                    [](std::string* text, const auto& name) { text->append(JsonString(name)); }),
      "]}");
}

// Excluded users have no share of the total, because they are not part of it.
std::string LeftOut(const Report& report) {
  const aggregate::UserGroup& group = report.excluded_users;
  const bool knows_processes = report.detail == aggregate::Detail::kProcesses;
  return absl::StrCat("{\"users\": ", group.users, ", \"processes\": ",
                      knows_processes ? absl::StrCat(group.usage.processes) : "null",
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

std::string Hosts(const Report& report) {
  const auto time = [](const std::optional<absl::Time>& some) {
    return some.has_value() ? JsonTime(*some) : "null";
  };
  std::vector<std::string> hosts;
  for (const aggregate::HostState& host : report.hosts) {
    hosts.push_back(absl::StrCat("    {\"host\": ", JsonString(host.name), ", \"source\": ",
                                 JsonString(host.source), ", \"last_run\": ", time(host.last_run),
                                 ", \"late\": ", host.is_late ? "true" : "false") +
                    absl::StrCat(", \"records_begin\": ", time(host.records_begin),
                                 ", \"records_end\": ", time(host.records_end), "}"));
  }
  if (hosts.empty()) return "[]";
  return absl::StrCat("[\n", absl::StrJoin(hosts, ",\n"), "\n  ]");
}

}  // namespace

std::string RenderJson(const Report& report) {
  std::vector<std::string> rows;
  rows.reserve(report.rows.size());
  for (const aggregate::ReportRow& row : report.rows) {
    rows.push_back(absl::StrCat("    {", JsonRowMembers(report, row), "}"));
  }
  std::vector<std::string> gaps;
  for (const aggregate::Gap& gap : report.gaps) {
    gaps.push_back(absl::StrCat(
        "{", gap.host.empty() ? "" : absl::StrCat("\"host\": ", JsonString(gap.host), ", "),
        "\"start\": ", JsonTime(gap.period.begin), ", \"end\": ", JsonTime(gap.period.end),
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
      "{\n  \"schema\": ", kJsonSchema, ",\n  \"host\": ", JsonHost(report),
      ",\n  \"hosts\": ", Hosts(report), ",\n  \"source\": ", JsonString(report.source),
      ",\n  \"period\": {\"start\": ", JsonTime(report.period.begin),
      ", \"end\": ", JsonTime(report.period.end),
      "},\n  \"asked_period\": ", AskedPeriod(report.asked_period),
      ",\n  \"previous\": ", Previous(report.previous),
      ",\n  \"fleet\": ", FleetMembers(report.fleet), ",\n  \"by\": [",
      absl::StrJoin(report.by, ", ",
                    [](std::string* text, Dimension dimension) {
                      absl::StrAppend(text, "\"", DimensionName(dimension), "\"");
                    }),
      "],\n  \"only_users\": ", names(report.only_users),
      ",\n  \"only_commands\": ", names(report.only_commands),
      ",\n  \"only_people\": ", report.only_people ? "true" : "false",
      ",\n  \"only_groups\": ", names(report.only_groups),
      ",\n  \"only_processes\": ", names(Processes(report)),
      ",\n  \"min_cpu_seconds\": ", ExactSeconds(report.min_cpu), ",\n  \"rows\": [",
      rows.empty() ? "" : "\n", absl::StrJoin(rows, ",\n"), rows.empty() ? "" : "\n  ",
      "],\n  \"others\": ",
      Group(report, report.remaining_rows.rows, report.remaining_rows.usage,
            report.remaining_rows.previous_cpu),
      ",\n  \"left_out\": ", LeftOut(report),
      ",\n  \"totals\": ", Group(report, report.row_count(), report.totals, report.previous_cpu()),
      ",\n  \"capacity\": ", CapacityMembers(report.capacity),
      ",\n  \"coverage\": ", CoverageMembers(report.coverage()),
      ",\n  \"command_complete\": ", report.knows_all_commands() ? "true" : "false",
      ",\n  \"unnamed_commands\": {\"processes\": ", report.unnamed_commands.processes,
      ", \"cpu_seconds\": ", ExactSeconds(report.unnamed_commands.cpu_time()),
      "},\n  \"records_begin\": ",
      report.records_begin.has_value() ? JsonTime(*report.records_begin) : "null",
      ",\n  \"records_end\": ",
      report.records_end.has_value() ? JsonTime(*report.records_end) : "null", ",\n  \"gaps\": [",
      absl::StrJoin(gaps, ", "), "],\n  \"notes\": [", absl::StrJoin(notes, ", "),
      "],\n  \"input\": ", Input(report), "\n}\n");
}

}  // namespace cpuagg::notify
