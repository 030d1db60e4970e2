#include "notify/message.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "acct/exact_time.h"
#include "notify/labels.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::Usage;

// A table of this width keeps its lines whole on a phone held upright.
constexpr size_t kTableWidth = 30;
constexpr size_t kPercentWidth = 4;

// A piece of the message: as it is sent and as it is seen.
struct Piece {
  std::string html;
  size_t visible = 0;  // UTF-16 units
};

Piece Plain(absl::string_view text) { return {EscapeHtml(text), Utf16Length(text)}; }

// Times of one table: hours and minutes for a report of hours, minutes and seconds for a small one.
class TimeFormat {
 public:
  explicit TimeFormat(acct::Ticks total) : hours_(total.whole_seconds() >= 3600) {}
  const char* header() const { return hours_ ? "h:mm" : "m:ss"; }
  std::string operator()(acct::Ticks ticks) const {
    return hours_ ? HoursAndMinutes(ticks) : MinutesAndSeconds(ticks);
  }

 private:
  bool hours_;
};

// The lines of the table, all laid out alike.
class TableLayout {
 public:
  explicit TableLayout(const Report& report)
      : report_(report),
        format_(report.totals.cpu_time().ticks()),
        time_width_(std::max(DisplayWidth(format_.header()),
                             DisplayWidth(format_(report.totals.cpu_time().ticks())))),
        name_width_(kTableWidth - kPercentWidth - time_width_ - 2) {}

  std::string Header() const { return Line("USER", format_.header(), "%"); }
  std::string Line(absl::string_view name, const Usage& usage) const {
    return Line(name, format_(usage.cpu_time().ticks()), Percent(report_.ShareOf(usage)));
  }

 private:
  std::string Line(absl::string_view name, absl::string_view time,
                   absl::string_view percent) const {
    return absl::StrCat(LeftAligned(Shortened(name, name_width_), name_width_), " ",
                        RightAligned(time, time_width_), " ", RightAligned(percent, kPercentWidth),
                        "\n");
  }

  const Report& report_;
  TimeFormat format_;
  size_t time_width_;
  size_t name_width_;
};

// Names of hosts and files have no useful length limit of their own.
std::string ForOneLine(absl::string_view bytes) {
  constexpr size_t kLineWidth = 64;
  return Shortened(Printable(bytes), kLineWidth);
}

// " · +12 % against the day before"; nothing without a comparison.
std::string ChangeOfTotal(const Report& report) {
  if (!report.previous.has_value()) return "";
  absl::string_view unit = report.period_name;
  absl::ConsumePrefix(&unit, "last-");
  // Nothing but a name of the calendar says what the one before is called.
  const std::string before = absl::StrCat("the ", unit.empty() ? "period" : unit, " before");
  if (report.previous->cpu == acct::ExactTime()) return absl::StrCat(" · nothing ", before);
  return absl::StrCat(" · ", Change(report.totals.cpu_time(), report.previous->cpu), " against ",
                      before);
}

Piece Head(const Report& report) {
  const std::string host = ForOneLine(report.host);
  const std::string rest = absl::StrCat(
      " · CPU by user\n", PeriodText(report.period, report.time_zone), "\n",
      report.row_count() == 0
          ? "No CPU usage."
          : absl::StrCat("Total ", TimeInWords(report.totals.cpu_time().ticks()), " · ",
                         Counted(report.row_count(), "user"), ChangeOfTotal(report)),
      "\n");
  return {absl::StrCat("<b>", EscapeHtml(host), "</b>", EscapeHtml(rest)),
          Utf16Length(host) + Utf16Length(rest)};
}

Piece Foot(const Report& report) {
  std::string text;
  if (report.left_out.users > 0) {
    absl::StrAppend(&text, "Left out: ", Counted(report.left_out.users, "user"), " with ",
                    TimeInWords(report.left_out.usage.cpu_time().ticks()), "\n");
  }
  if (!report.gaps.empty()) {
    absl::StrAppend(&text, "⚠ no data ", PeriodText(report.gaps.front().period, report.time_zone));
    if (report.gaps.size() > 1) {
      absl::StrAppend(&text, " and ", Counted(report.gaps.size() - 1, "more gap"));
    }
    absl::StrAppend(&text, "\n");
  }
  uint64_t damaged_bytes = 0;
  for (const acct::InputAccount& input : report.inputs) {
    damaged_bytes += input.skipped_bytes + input.trailing_bytes;
  }
  if (damaged_bytes > 0) {
    absl::StrAppend(&text, "⚠ ", Counted(damaged_bytes, "damaged byte"), " not counted\n");
  }
  absl::StrAppend(&text, ForOneLine(report.id));
  return Plain(text);
}

// The table with as many rows as `room` allows, the rest summed up in a last line.
Piece Table(const Report& report, size_t room) {
  const TableLayout layout(report);
  std::string text = layout.Header();
  const auto others_line = [&](const aggregate::RowGroup& others) {
    return layout.Line(absl::StrCat("+", Counted(others.rows, "other")), others.usage);
  };
  // Whoever is not shown at first is in `hidden`, and comes out of it while there is room.
  std::vector<aggregate::RowGroup> hidden(report.rows.size() + 1);
  hidden.back() = report.others;
  for (size_t i = report.rows.size(); i-- > 0;) {
    hidden[i] = hidden[i + 1];
    ++hidden[i].rows;
    hidden[i].usage += report.rows[i].usage;
  }
  size_t shown = 0;
  for (; shown < report.rows.size(); ++shown) {
    const aggregate::ReportRow& row = report.rows[shown];
    const std::string line = layout.Line(RowLabel(row, report), row.usage);
    const aggregate::RowGroup& rest = hidden[shown + 1];
    const size_t after =
        Utf16Length(text + line) + (rest.rows > 0 ? Utf16Length(others_line(rest)) : 0);
    if (after > room) break;
    absl::StrAppend(&text, line);
  }
  if (hidden[shown].rows > 0) absl::StrAppend(&text, others_line(hidden[shown]));
  return {absl::StrCat("<pre>", EscapeHtml(text), "</pre>"), Utf16Length(text)};
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string RenderMessage(const Report& report, size_t limit) {
  const Piece head = Head(report);
  const Piece foot = Foot(report);
  if (report.row_count() == 0) return head.html + foot.html;
  const Piece table = Table(report, limit - head.visible - foot.visible);
  return absl::StrCat(head.html, table.html, foot.html);
}

ChartData ChartOf(const Report& report, size_t bars) {
  ChartData data{.title = absl::StrCat(Subject(report), " · ", Printable(report.host)),
                 .subtitle = absl::StrCat(PeriodText(report.period, report.time_zone), " · total ",
                                          TimeInWords(report.totals.cpu_time().ticks()))};
  aggregate::RowGroup others = report.others;
  for (const aggregate::ReportRow& row : report.rows) {
    // A group of one would take the place of the bar it stands for.
    const bool last_fits = data.bars.size() + 1 == report.rows.size() && report.others.rows == 0;
    if (data.bars.size() < bars || (data.bars.size() == bars && last_fits)) {
      data.bars.push_back({.label = RowLabel(row, report), .cpu = row.usage.cpu_time().ticks()});
    } else {
      ++others.rows;
      others.usage += row.usage;
    }
  }
  if (others.rows > 0) {
    data.bars.push_back({.label = absl::StrCat("+ ", Counted(others.rows, "other")),
                         .cpu = others.usage.cpu_time().ticks(),
                         .is_group = true});
  }
  return data;
}

}  // namespace cpuagg::notify
