#include "notify/message.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "acct/exact_time.h"
#include "notify/html_text.h"
#include "notify/labels.h"
#include "notify/notes.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::Usage;

// Tables of this width keep their lines whole on a phone held upright.
constexpr size_t kTableWidth = 30;
constexpr size_t kWidestTable = 32;
constexpr size_t kPercentWidth = 4;
constexpr size_t kChangeWidth = 6;
// Behind the time of who still has jobs.
constexpr char kRunningMark = '*';

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

bool Runs(const Usage& usage) { return usage.running_time() > acct::ExactTime(); }

// The lines of the table, all laid out alike.
class TableLayout {
 public:
  explicit TableLayout(const Report& report)
      : report_(report),
        format_(report.totals.cpu_time().ticks()),
        time_width_(std::max(DisplayWidth(format_.header()),
                             DisplayWidth(format_(report.totals.cpu_time().ticks())))),
        marks_running_(Runs(report.totals)) {
    const size_t numbers = time_width_ + (marks_running_ ? 1 : 0) + 1 + kPercentWidth +
                           (report.previous.has_value() ? 1 + kChangeWidth : 0);
    const size_t width = report.previous.has_value() ? kWidestTable : kTableWidth;
    // The largest times leave a name a few columns all the same.
    constexpr size_t kShortestName = 8;
    name_width_ = width > numbers + 1 + kShortestName ? width - numbers - 1 : kShortestName;
  }

  std::string Header() const {
    const std::string subject =
        report_.by.size() == 1 ? absl::AsciiStrToUpper(DimensionName(report_.by[0])) : "";
    return Line(subject, format_.header(), ' ', "%", "+/-");
  }
  std::string Line(absl::string_view name, const Usage& usage,
                   std::optional<acct::ExactTime> previous_cpu) const {
    return Line(name, format_(usage.cpu_time().ticks()), Runs(usage) ? kRunningMark : ' ',
                Percent(report_.ShareOf(usage)),
                ShortChange(usage.cpu_time(), previous_cpu.value_or(acct::ExactTime())));
  }

 private:
  std::string Line(absl::string_view name, absl::string_view time, char mark,
                   absl::string_view percent, absl::string_view change) const {
    const std::string shortened = Shortened(name, name_width_);
    std::string line = KeptInPlace(shortened);
    line.append(name_width_ - DisplayWidth(shortened), ' ');
    absl::StrAppend(&line, " ", RightAligned(time, time_width_));
    if (marks_running_) line.push_back(mark);
    absl::StrAppend(&line, " ", RightAligned(percent, kPercentWidth));
    if (report_.previous.has_value()) {
      absl::StrAppend(&line, " ", RightAligned(change, kChangeWidth));
    }
    return line + "\n";
  }

  const Report& report_;
  TimeFormat format_;
  size_t time_width_;
  bool marks_running_;
  size_t name_width_;
};

// Names of hosts and files have no useful length limit of their own.
std::string ForOneLine(absl::string_view bytes) {
  constexpr size_t kLineWidth = 64;
  // Characters that take no column add up as well.
  constexpr size_t kMostBytes = 256;
  return Shortened(Printable(bytes.substr(0, kMostBytes)), kLineWidth);
}

// " · +12 % against the day before"; nothing without a comparison.
std::string ChangeOfTotal(const Report& report) {
  if (!report.previous.has_value()) return "";
  const std::string before = PreviousName(report);
  if (report.previous->cpu == acct::ExactTime()) return absl::StrCat(" · nothing ", before);
  return absl::StrCat(" · ", Change(report.totals.cpu_time(), report.previous->cpu), " against ",
                      before);
}

Piece WithHost(const Report& report, absl::string_view rest) {
  const std::string host = ForOneLine(report.host);
  return {absl::StrCat("<b>", EscapeHtml(host), "</b>", EscapeHtml(rest)),
          Utf16Length(host) + Utf16Length(rest)};
}

// `choice` says which rows the table has, or is empty.
Piece Head(const Report& report, absl::string_view choice) {
  std::string text =
      absl::StrCat(" · ", Subject(report), "\n", PeriodText(report.period, report.time_zone), "\n",
                   "Total ", TimeInWords(report.totals.cpu_time().ticks()), " · ",
                   Counted(report.row_count(), RowNoun(report)), ChangeOfTotal(report), "\n");
  if (Runs(report.totals)) {
    absl::StrAppend(&text, std::string(1, kRunningMark), " of it ",
                    TimeInWords(report.totals.running_time().ticks()), " by jobs that still run\n");
  }
  if (!choice.empty()) absl::StrAppend(&text, choice, "\n");
  return WithHost(report, text);
}

// What the table does not show, and must be said: lines, or nothing.
std::string BriefNotes(const Report& report) {
  std::string text;
  for (const Note& note : NotesOf(report)) {
    if (!note.brief.empty()) absl::StrAppend(&text, note.brief, "\n");
  }
  return text;
}

// The table with as many rows as `room` allows, the rest summed up in a last line. Of hours and
// days these are the busiest.
Piece Table(const Report& report, size_t room, uint64_t& hidden_rows) {
  const TableLayout layout(report);
  const std::string header = layout.Header();
  const auto others_line = [&](const aggregate::RowGroup& others) {
    return layout.Line(absl::StrCat("+", Counted(others.rows, "other")), others.usage,
                       others.previous_cpu);
  };
  // Whoever is not shown at first is in `hidden`, and comes out of it while there is room.
  const std::vector<size_t> by_choice = ByChoice(report);
  std::vector<aggregate::RowGroup> hidden(report.rows.size() + 1);
  hidden.back() = report.others;
  for (size_t i = report.rows.size(); i-- > 0;) {
    const aggregate::ReportRow& row = report.rows[by_choice[i]];
    hidden[i] = hidden[i + 1];
    ++hidden[i].rows;
    hidden[i].usage += row.usage;
    if (row.previous_cpu.has_value()) {
      hidden[i].previous_cpu =
          hidden[i].previous_cpu.value_or(acct::ExactTime()) + *row.previous_cpu;
    }
  }
  // Of the rows that are shown, by their places.
  std::map<size_t, std::string> lines;
  size_t shown = 0;
  size_t length = Utf16Length(header);
  for (; shown < report.rows.size(); ++shown) {
    const aggregate::ReportRow& row = report.rows[by_choice[shown]];
    std::string line = layout.Line(RowLabel(row, report), row.usage, row.previous_cpu);
    const aggregate::RowGroup& rest = hidden[shown + 1];
    const size_t after =
        length + Utf16Length(line) + (rest.rows > 0 ? Utf16Length(others_line(rest)) : 0);
    if (after > room) break;
    length += Utf16Length(line);
    lines[by_choice[shown]] = std::move(line);
  }
  std::string text = header;
  for (const auto& [place, line] : lines) absl::StrAppend(&text, line);
  hidden_rows = hidden[shown].rows;
  if (hidden_rows > 0) absl::StrAppend(&text, others_line(hidden[shown]));
  return {absl::StrCat("<pre>", EscapeHtml(text), "</pre>"), Utf16Length(text)};
}

}  // namespace

Message RenderMessage(const Report& report, size_t limit) {
  const std::string id = ForOneLine(report.id);
  const std::string notes = BriefNotes(report);
  if (report.row_count() == 0) {
    const std::string line =
        absl::StrCat(" · No CPU usage · ", PeriodText(report.period, report.time_zone));
    return {.html = WithHost(report, notes.empty() ? absl::StrCat(line, " · ", id)
                                                   : absl::StrCat(line, "\n", notes, id))
                        .html};
  }
  const Piece foot = Plain(absl::StrCat(notes, id));
  Message message;
  // Which rows there is room for is said above them, and takes room itself.
  Piece head = Head(report, ChoiceText(report, report.rows.size()));
  Piece table = Table(report, limit - head.visible - foot.visible, message.hidden_rows);
  if (message.hidden_rows > report.others.rows) {
    head = Head(report, ChoiceText(report, report.rows.size() - 1));
    table = Table(report, limit - head.visible - foot.visible, message.hidden_rows);
    head = Head(report, ChoiceText(report, report.row_count() - message.hidden_rows));
  }
  message.html = absl::StrCat(head.html, table.html, foot.html);
  return message;
}

std::string RenderFileCaption(const Report& report) {
  const std::string all = Counted(report.row_count(), RowNoun(report));
  return WithHost(report,
                  absl::StrCat(" · ", Subject(report), " · ",
                               report.others.rows == 0
                                   ? absl::StrCat("all ", all)
                                   : absl::StrCat(WithThousands(report.rows.size()), " of ", all),
                               "\n", ForOneLine(report.id)))
      .html;
}

std::vector<std::string> RenderTableParts(const Report& report, size_t limit) {
  const TableLayout layout(report);
  const std::string id = ForOneLine(report.id);
  const auto head = [&](size_t part, size_t parts) {
    return WithHost(report, absl::StrCat(" · ", Subject(report), " · ", part, "/", parts, "\n"));
  };
  constexpr size_t kMostParts = 99'999;
  const size_t room = limit - head(kMostParts, kMostParts).visible - Utf16Length(id);

  std::vector<std::string> tables;
  std::string table;
  size_t length = 0;
  const auto add = [&](const std::string& line) {
    if (table.empty() || length + Utf16Length(line) > room) {
      if (!table.empty()) tables.push_back(std::move(table));
      table = layout.Header();
      length = Utf16Length(table);
    }
    absl::StrAppend(&table, line);
    length += Utf16Length(line);
  };
  for (const aggregate::ReportRow& row : report.rows) {
    add(layout.Line(RowLabel(row, report), row.usage, row.previous_cpu));
  }
  if (report.others.rows > 0) {
    add(layout.Line(absl::StrCat("+", Counted(report.others.rows, "other")), report.others.usage,
                    report.others.previous_cpu));
  }
  if (!table.empty()) tables.push_back(std::move(table));

  std::vector<std::string> parts;
  parts.reserve(tables.size());
  for (const std::string& text : tables) {
    parts.push_back(absl::StrCat(head(parts.size() + 1, tables.size()).html, "<pre>",
                                 EscapeHtml(text), "</pre>", EscapeHtml(id)));
  }
  return parts;
}

}  // namespace cpuagg::notify
