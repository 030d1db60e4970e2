#include "notify/render/json_row.h"

#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/record/units.h"
#include "notify/render/report_fields.h"
#include "notify/words/json_string.h"
#include "notify/words/text.h"

// Numbers are written here and not by the JSON library, whose only fractional type is double: it
// cannot represent more than 2^53 hundredths of a second exactly.

namespace cpuagg::notify {
namespace {

std::string JsonValue(const ReportField& field) {
  switch (field.kind) {
    case ReportField::Kind::kNumber:
      return field.value;
    case ReportField::Kind::kText:
    case ReportField::Kind::kName:
      return JsonString(field.value);
    case ReportField::Kind::kAbsent:
      break;
  }
  return "null";
}

std::string JsonMembers(const std::vector<ReportField>& fields) {
  return absl::StrJoin(fields, ", ", [](std::string* text, const ReportField& field) {
    absl::StrAppend(text, "\"", field.name, "\": ", JsonValue(field));
  });
}

std::vector<ReportField> GroupFieldsOf(const aggregate::ReportRow& row,
                                       const aggregate::Report& report) {
  std::vector<ReportField> fields;
  for (const aggregate::Dimension dimension : report.by) {
    std::vector<ReportField> some = GroupFields(row, dimension, report);
    std::move(some.begin(), some.end(), std::back_inserter(fields));
  }
  return fields;
}

std::string TicksOf(uint32_t rate, const aggregate::TickSums& sums) {
  return absl::StrCat("{\"rate\": ", rate, ", \"user\": ", sums.user, ", \"system\": ", sums.system,
                      ", \"elapsed\": ", sums.elapsed) +
         absl::StrCat(", \"largest_cpu\": ", sums.largest_cpu, "}");
}

}  // namespace

std::string JsonTime(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return "null";
  return JsonString(UtcText(time));
}

std::string JsonHost(const aggregate::Report& report) {
  const bool are_many = report.fleet.has_value() && !report.fleet->is_one_host;
  return report.host.empty() || are_many ? "null" : JsonString(report.host);
}

std::string JsonRowMembers(const aggregate::Report& report, const aggregate::ReportRow& row) {
  std::vector<ReportField> fields = GroupFieldsOf(row, report);
  std::vector<ReportField> time = TimeFields(row, report);
  std::move(time.begin(), time.end(), std::back_inserter(fields));
  return absl::StrCat(JsonMembers(fields), ", ",
                      JsonUsageMembers(report, row.usage, row.previous_cpu));
}

std::string JsonNoGroupMembers(const aggregate::Report& report) {
  std::vector<ReportField> fields = GroupFieldsOf({}, report);
  for (ReportField& field : fields) field.kind = ReportField::Kind::kAbsent;
  return JsonMembers(fields);
}

std::string JsonUsageMembers(const aggregate::Report& report, const aggregate::Usage& usage,
                             std::optional<acct::ExactTime> previous_cpu) {
  std::string members = JsonMembers(UsageFields(report, usage));
  if (!usage.other_rates.empty()) {
    absl::StrAppend(&members, ", \"ticks\": [", TicksOf(acct::kTicksPerSecond, usage.ticks));
    for (const auto& [rate, sums] : usage.other_rates.map()) {
      absl::StrAppend(&members, ", ", TicksOf(rate, sums));
    }
    absl::StrAppend(&members, "]");
  }
  if (previous_cpu.has_value()) {
    absl::StrAppend(&members, ", \"", kPreviousCpuField, "\": ", ExactSeconds(*previous_cpu));
  }
  return members;
}

}  // namespace cpuagg::notify
