#include "notify/json.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "notify/text.h"

// The numbers are written here and not by the JSON library, whose only fractional type is double:
// above 2^53 hundredths of a second it could not hold them exactly.

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::Usage;

constexpr int kSchema = 1;

std::string Quoted(absl::string_view bytes) {
  return nlohmann::json(IsUtf8(bytes) ? std::string(bytes) : Printable(bytes)).dump();
}

std::string Time(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return "null";
  return Quoted(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()));
}

// The members of an object for `usage`, without braces.
std::string UsageMembers(const Report& report, const Usage& usage) {
  std::string members = absl::StrCat("\"processes\": ", usage.processes,
                                     ", \"user_seconds\": ", ExactSeconds(usage.user_time),
                                     ", \"system_seconds\": ", ExactSeconds(usage.system_time),
                                     ", \"cpu_seconds\": ", ExactSeconds(usage.cpu_time()));
  absl::StrAppendFormat(&members, ", \"share\": %.6f", report.ShareOf(usage));
  absl::StrAppend(
      &members, ", \"elapsed_seconds\": ", ExactSeconds(usage.elapsed),
      ", \"memory_kib\": ", usage.processes == 0 ? 0 : usage.memory_kib / usage.processes);
  absl::StrAppend(&members, ", \"io\": ", usage.io, ", \"minor_faults\": ", usage.minor_faults,
                  ", \"major_faults\": ", usage.major_faults);
  return members;
}

std::string Row(const Report& report, const aggregate::ReportRow& row) {
  return absl::StrCat("    {\"uid\": ", row.uid.value(),
                      ", \"user\": ", row.user.has_value() ? Quoted(*row.user) : "null", ", ",
                      UsageMembers(report, row.usage), "}");
}

std::string Group(const Report& report, uint64_t users, const Usage& usage) {
  return absl::StrCat("{\"users\": ", users, ", ", UsageMembers(report, usage), "}");
}

// Users who are left out have no share of a total that they are not part of.
std::string LeftOut(const aggregate::UserGroup& group) {
  return absl::StrCat("{\"users\": ", group.users, ", \"processes\": ", group.usage.processes,
                      ", \"cpu_seconds\": ", ExactSeconds(group.usage.cpu_time()), "}");
}

std::string Region(const acct::InputAccount& input, const acct::SkippedRegion& region) {
  return absl::StrCat("{\"file\": ", Quoted(input.name), ", \"offset\": ", region.begin,
                      ", \"bytes\": ", region.end - region.begin,
                      ", \"reason\": ", Quoted(acct::SkipReasonName(region.reason)), "}");
}

std::string Input(const Report& report) {
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t skipped_bytes = 0;
  uint64_t trailing_bytes = 0;
  uint64_t regions = 0;
  uint64_t invalid_elapsed = 0;
  std::vector<std::string> skipped;
  std::vector<std::string> cut_short;
  for (const acct::InputAccount& input : report.inputs) {
    bytes += input.bytes;
    records += input.records();
    skipped_bytes += input.skipped_bytes;
    trailing_bytes += input.trailing_bytes;
    regions += input.regions;
    invalid_elapsed += input.invalid_elapsed;
    if (!input.cut_short.empty()) {
      cut_short.push_back(absl::StrCat("{\"file\": ", Quoted(input.name),
                                       ", \"reason\": ", Quoted(input.cut_short), "}"));
    }
    for (const acct::SkippedRegion& region : input.skipped) {
      if (skipped.size() < acct::InputAccount::kMaxListed) skipped.push_back(Region(input, region));
    }
  }
  return absl::StrCat("{\"files\": ", report.inputs.size(), ", \"bytes\": ", bytes,
                      ", \"records\": ", records, ", \"skipped_bytes\": ", skipped_bytes,
                      ", \"trailing_bytes\": ", trailing_bytes) +
         absl::StrCat(", \"invalid_elapsed\": ", invalid_elapsed,
                      ", \"skipped_regions\": ", regions, ", \"skipped\": [",
                      absl::StrJoin(skipped, ", "), "], \"cut_short\": [",
                      absl::StrJoin(cut_short, ", "), "]}");
}

}  // namespace

std::string RenderJson(const Report& report) {
  std::vector<std::string> rows;
  rows.reserve(report.rows.size());
  for (const aggregate::ReportRow& row : report.rows) rows.push_back(Row(report, row));
  std::vector<std::string> gaps;
  for (const aggregate::Gap& gap : report.gaps) {
    gaps.push_back(absl::StrCat("{\"start\": ", Time(gap.period.begin), ", \"end\": ",
                                Time(gap.period.end), ", \"reason\": ", Quoted(gap.reason), "}"));
  }
  return absl::StrCat(
      "{\n  \"schema\": ", kSchema, ",\n  \"host\": ", Quoted(report.host),
      ",\n  \"source\": ", Quoted(report.source),
      ",\n  \"period\": {\"start\": ", Time(report.period.begin),
      ", \"end\": ", Time(report.period.end), "},\n  \"rows\": [", rows.empty() ? "" : "\n",
      absl::StrJoin(rows, ",\n"), rows.empty() ? "" : "\n  ",
      "],\n  \"others\": ", Group(report, report.others.users, report.others.usage),
      ",\n  \"left_out\": ", LeftOut(report.left_out),
      ",\n  \"totals\": ", Group(report, report.users(), report.totals), ",\n  \"gaps\": [",
      absl::StrJoin(gaps, ", "), "],\n  \"input\": ", Input(report), "\n}\n");
}

}  // namespace cpuagg::notify
