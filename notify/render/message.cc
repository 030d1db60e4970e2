#include "notify/render/message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "notify/render/message_table.h"
#include "notify/words/capacity_text.h"
#include "notify/words/html_text.h"
#include "notify/words/labels.h"
#include "notify/words/notes.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;
using aggregate::Usage;

// A piece of the message, with the length of its visible text.
struct Piece {
  std::string html;
  size_t visible = 0;  // UTF-16 code units
};

Piece Plain(absl::string_view text) { return {EscapeHtml(text), Utf16Length(text)}; }

bool Runs(const Usage& usage) { return usage.running_time() > acct::ExactTime(); }

// " · +12 % against the day before"; empty without a comparison.
std::string ChangeOfTotal(const Report& report) {
  if (!report.previous.has_value()) return "";
  const std::string before = PreviousName(report);
  if (report.previous->cpu == acct::ExactTime()) return absl::StrCat(" · nothing ", before);
  return absl::StrCat(" · ", Change(report.totals.cpu_time(), report.previous->cpu), " against ",
                      before);
}

Piece WithHost(const Report& report, absl::string_view rest) {
  const std::string host = OneLine(HostText(report));
  return {absl::StrCat("<b>", EscapeHtml(host), "</b>", EscapeHtml(rest)),
          Utf16Length(host) + Utf16Length(rest)};
}

// `choice` says which rows the table has, or is empty.
Piece Head(const Report& report, absl::string_view choice) {
  std::string text =
      absl::StrCat(" · ", Subject(report), "\n", PeriodName(report.period, report.time_zone), "\n",
                   "Total ", TimeInWords(report.totals.cpu_time()), " · ",
                   Pluralize(report.row_count(), RowNoun(report)), ChangeOfTotal(report), "\n");
  const std::string capacity = CapacityText(report);
  absl::StrAppend(&text, capacity, capacity.empty() ? "" : "\n");
  if (Runs(report.totals)) {
    absl::StrAppend(&text, std::string(1, kRunningMark), " of it ",
                    TimeInWords(report.totals.running_time()), " by jobs that still run\n");
  }
  if (!choice.empty()) absl::StrAppend(&text, choice, "\n");
  return WithHost(report, text);
}

// The notes, one per line; may be empty. Notes that do not fit into `room` are replaced by their
// number.
std::string BriefNotes(const Report& report, size_t room) {
  std::string text;
  size_t length = 0;
  uint64_t more = 0;
  for (const Note& note : NotesOf(report)) {
    if (note.brief.empty()) continue;
    const size_t after = length + Utf16Length(note.brief) + 1;
    if (after > room) {
      ++more;
      continue;
    }
    absl::StrAppend(&text, note.brief, "\n");
    length = after;
  }
  if (more > 0) absl::StrAppend(&text, "⚠ and ", Pluralize(more, "more note"), "\n");
  return text;
}

// The table with as many rows as `room` allows, and the sum of the rest in the last line. For hours
// and days, shows the busiest ones.
Piece Table(const Report& report, size_t room, uint64_t& hidden_rows) {
  const std::vector<size_t> by_choice = ByChoice(report);
  // An upper limit of the number of rows that fit.
  constexpr size_t kShortestLine = 24;
  std::vector<size_t> likely = by_choice;
  likely.resize(std::min(likely.size(), room / kShortestLine));
  const MessageTable table(report, likely);
  const std::string header = table.Header();
  // All rows are hidden at first, and are taken out of `hidden` while there is room.
  std::vector<aggregate::RowGroup> hidden(report.rows.size() + 1);
  hidden.back() = report.remaining_rows;
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
  // The lines of the rows that are shown, by their indices.
  std::map<size_t, std::string> lines;
  size_t shown = 0;
  size_t length = Utf16Length(header);
  for (; shown < report.rows.size(); ++shown) {
    const aggregate::ReportRow& row = report.rows[by_choice[shown]];
    std::string line = table.RowLine(row);
    const aggregate::RowGroup& rest = hidden[shown + 1];
    const size_t after =
        length + Utf16Length(line) + (rest.rows > 0 ? Utf16Length(table.GroupLine(rest)) : 0);
    if (after > room) break;
    length += Utf16Length(line);
    lines[by_choice[shown]] = std::move(line);
  }
  std::string text = header;
  for (const auto& [place, line] : lines) absl::StrAppend(&text, line);
  hidden_rows = hidden[shown].rows;
  if (hidden_rows > 0) absl::StrAppend(&text, table.GroupLine(hidden[shown]));
  return {absl::StrCat("<pre>", EscapeHtml(text), "</pre>"), Utf16Length(text)};
}

}  // namespace

Message RenderMessage(const Report& report, size_t limit) {
  const std::string id = OneLine(report.id);
  Piece head = Head(report, ChoiceText(report, report.rows.size()));
  const auto room_beside = [&](size_t taken) { return limit - std::min(limit, taken); };
  // The notes get half of the remaining room, and the table the rest.
  const std::string notes = BriefNotes(report, room_beside(head.visible + Utf16Length(id)) / 2);
  if (report.row_count() == 0) {
    const std::string line =
        absl::StrCat(" · No CPU usage · ", PeriodName(report.period, report.time_zone));
    return {.html = WithHost(report, notes.empty() ? absl::StrCat(line, " · ", id)
                                                   : absl::StrCat(line, "\n", notes, id))
                        .html};
  }
  const Piece foot = Plain(absl::StrCat(notes, id));
  Message message;
  // A line above the table says which rows fit, and takes room itself.
  Piece table = Table(report, room_beside(head.visible + foot.visible), message.hidden_rows);
  if (message.hidden_rows > report.remaining_rows.rows) {
    head = Head(report, ChoiceText(report, report.rows.size() - 1));
    table = Table(report, room_beside(head.visible + foot.visible), message.hidden_rows);
    head = Head(report, ChoiceText(report, report.row_count() - message.hidden_rows));
  }
  message.html = absl::StrCat(head.html, table.html, foot.html);
  return message;
}

std::string RenderFileCaption(const Report& report) {
  const std::string all = Pluralize(report.row_count(), RowNoun(report));
  return WithHost(report,
                  absl::StrCat(" · ", Subject(report), " · ",
                               report.remaining_rows.rows == 0
                                   ? absl::StrCat("all ", all)
                                   : absl::StrCat(WithThousands(report.rows.size()), " of ", all),
                               "\n", OneLine(report.id)))
      .html;
}

std::vector<std::string> RenderTableParts(const Report& report, size_t limit) {
  const MessageTable layout(report, ByChoice(report));
  const std::string id = OneLine(report.id);
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
  for (const aggregate::ReportRow& row : report.rows) add(layout.RowLine(row));
  if (report.remaining_rows.rows > 0) add(layout.GroupLine(report.remaining_rows));
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
