#include "notify/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

std::string Field(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string RenderCsv(const aggregate::Report& report) {
  std::string csv =
      "uid,user,processes,user_seconds,system_seconds,cpu_seconds,share,elapsed_seconds,memory_kib,"
      "io,minor_faults,major_faults\n";
  for (const aggregate::ReportRow& row : report.rows) {
    const aggregate::Usage& usage = row.usage;
    absl::StrAppend(&csv, row.uid.value(), ",", Field(Printable(row.user.value_or(""))), ",",
                    usage.processes, ",", ExactSeconds(usage.user_time), ",");
    absl::StrAppend(&csv, ExactSeconds(usage.system_time), ",", ExactSeconds(usage.cpu_time()), ",",
                    absl::StrFormat("%.6f", report.ShareOf(usage)), ",",
                    ExactSeconds(usage.elapsed), ",");
    absl::StrAppend(&csv, usage.processes == 0 ? 0 : usage.memory_kib / usage.processes, ",",
                    usage.io, ",", usage.minor_faults, ",", usage.major_faults, "\n");
  }
  return csv;
}

}  // namespace cpuagg::notify
