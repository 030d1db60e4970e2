#include "notify/table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::Usage;

// A name longer than this is cut; the other renderings have it whole.
constexpr size_t kNameWidth = 32;

constexpr size_t kColumns = 6;
using Cells = std::array<std::string, kColumns>;

Cells CellsOf(const Report& report, std::string name, const Usage& usage) {
  return {std::move(name),
          ExactClock(usage.cpu_time()),
          Percent(report.ShareOf(usage)),
          ExactSeconds(usage.user_time),
          ExactSeconds(usage.system_time),
          WithThousands(usage.processes)};
}

std::string Line(const Cells& cells, const std::array<size_t, kColumns>& widths) {
  std::string line = LeftAligned(cells[0], widths[0]);
  for (size_t i = 1; i < kColumns; ++i) {
    absl::StrAppend(&line, "  ", RightAligned(cells[i], widths[i]));
  }
  return line + "\n";
}

}  // namespace

std::string RenderTable(const Report& report) {
  std::string text = absl::StrCat("CPU by user on ", Printable(report.host), ", ",
                                  PeriodText(report.period, report.time_zone), "\nfrom ",
                                  Printable(report.source), "\n\n");
  if (report.users() == 0) return absl::StrCat(text, "No CPU usage.\n");

  std::vector<Cells> lines = {
      {"USER", "CPU TIME", "SHARE", "USER SECS", "SYSTEM SECS", "PROCESSES"}};
  for (const aggregate::ReportRow& row : report.rows) {
    lines.push_back(CellsOf(report, Shortened(UserLabel(row), kNameWidth), row.usage));
  }
  if (report.others.users > 0) {
    lines.push_back(CellsOf(report, absl::StrCat("+ ", Counted(report.others.users, "other")),
                            report.others.usage));
  }
  lines.push_back(CellsOf(report, "total", report.totals));

  std::array<size_t, kColumns> widths = {};
  for (const Cells& cells : lines) {
    for (size_t i = 0; i < kColumns; ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
    }
  }
  for (const Cells& cells : lines) absl::StrAppend(&text, Line(cells, widths));
  return text;
}

std::string RenderNotes(const Report& report) {
  std::string text;
  if (report.left_out.users > 0) {
    absl::StrAppend(&text, "Left out: ", Counted(report.left_out.users, "user"), " with ",
                    ExactClock(report.left_out.usage.cpu_time()),
                    " of CPU time (ignored, or without an account).\n");
  }
  for (const aggregate::Gap& gap : report.gaps) {
    absl::StrAppend(&text, "Gap: ", PeriodText(gap.period, report.time_zone), ": ",
                    Printable(gap.reason), ".\n");
  }
  for (const acct::InputAccount& input : report.inputs) {
    if (!input.cut_short.empty()) {
      absl::StrAppend(&text, "Damage: ", Printable(input.name), ": ", Printable(input.cut_short),
                      "; what came before counts.\n");
    }
    if (input.skipped_bytes + input.trailing_bytes == 0) continue;
    absl::StrAppend(&text, "Damage: ", Printable(input.name), ": ",
                    Counted(input.skipped_bytes + input.trailing_bytes, "byte"), " of ",
                    WithThousands(input.bytes), " could not be read and count for nobody.\n");
  }
  return text;
}

}  // namespace cpuagg::notify
