#include "notify/notes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/input_account.h"
#include "notify/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

void AddChoices(const Report& report, std::vector<Note>& notes) {
  if (report.left_out.users == 0) return;
  const std::string users = Counted(report.left_out.users, "user");
  const acct::Ticks cpu = report.left_out.usage.cpu_time().ticks();
  notes.push_back({NoteKind::kChoice,
                   absl::StrCat("Left out: ", users, " with ", ExactClock(cpu),
                                " of CPU time (ignored, or without an account)."),
                   absl::StrCat("Left out: ", users, " with ", TimeInWords(cpu))});
}

void AddMeaning(const Report& report, std::vector<Note>& notes) {
  if (report.asked_period.has_value()) {
    const std::string asked = PeriodText(*report.asked_period, report.time_zone);
    notes.push_back({NoteKind::kMeaning,
                     absl::StrCat("The period is longer than asked for (", asked,
                                  "): the store knows hours, of what is old only days, and of old "
                                  "commands months."),
                     absl::StrCat("⚠ longer than asked for: ", asked)});
  }
  const bool has_stretches =
      std::any_of(report.rows.begin(), report.rows.end(),
                  [](const aggregate::ReportRow& row) { return row.stretch.has_value(); });
  if (has_stretches) {
    notes.push_back(
        {NoteKind::kMeaning,
         "Rows that show both their ends are not of just one hour or day of this clock: "
         "the store knows no shorter times there.",
         ""});
  }
  if (!report.knows_all_commands()) {
    const uint64_t processes = report.unnamed_commands.processes;
    const acct::Ticks cpu = report.unnamed_commands.cpu_time().ticks();
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("Each command has at least what is shown: ", WithThousands(processes),
                      processes == 1 ? " process" : " processes", " of these users with ",
                      ExactClock(cpu), " of CPU time are not kept by command."),
         absl::StrCat("⚠ at least: ", TimeInWords(cpu), " are not kept by command")});
  }
  if (report.lacks_running) {
    notes.push_back({NoteKind::kMeaning, "Processes that still run are not all included.",
                     "Jobs that still run are not all included"});
  }
  if (report.records_begin.has_value()) {
    const std::string begin =
        absl::FormatTime("%Y-%m-%d %H:%M", *report.records_begin, report.time_zone);
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("The records begin at ", begin, "; nothing is known about the time before."),
         absl::StrCat("⚠ no records before ", begin)});
  }
}

void AddDamage(const Report& report, std::vector<Note>& notes) {
  uint64_t damaged_bytes = 0;
  uint64_t cut_short = 0;
  const size_t before = notes.size();
  for (const acct::InputAccount& input : report.inputs) {
    const uint64_t lost_bytes = input.skipped_bytes + input.trailing_bytes;
    if (!input.cut_short.empty()) {
      ++cut_short;
      notes.push_back({NoteKind::kDamage,
                       absl::StrCat("Damage: ", Printable(input.name), ": ",
                                    Printable(input.cut_short), "; what came before counts."),
                       ""});
    }
    if (lost_bytes == 0) continue;
    damaged_bytes += lost_bytes;
    notes.push_back(
        {NoteKind::kDamage,
         absl::StrCat("Damage: ", Printable(input.name), ": ", Counted(lost_bytes, "byte"), " of ",
                      WithThousands(input.bytes), " could not be read and are not counted."),
         ""});
  }
  if (notes.size() == before) return;
  // A message says what all files have together.
  std::string brief;
  if (damaged_bytes > 0) {
    brief = absl::StrCat("⚠ ", Counted(damaged_bytes, "damaged byte"), " not counted");
  }
  if (cut_short > 0) {
    absl::StrAppend(&brief, brief.empty() ? "" : "\n", "⚠ ", Counted(cut_short, "file"),
                    " could not be read to the end");
  }
  notes[before].brief = std::move(brief);
}

void AddGaps(const Report& report, std::vector<Note>& notes) {
  constexpr size_t kBrief = 3;
  const size_t gaps = report.gaps.size();
  for (size_t i = 0; i < gaps; ++i) {
    const std::string when = PeriodText(report.gaps[i].period, report.time_zone);
    std::string brief;
    if (i < kBrief) {
      brief = absl::StrCat("⚠ no data ", when);
    } else if (i == kBrief) {
      brief = absl::StrCat("⚠ and ", Counted(gaps - kBrief, "more gap"));
    }
    notes.push_back({NoteKind::kGap,
                     absl::StrCat("Gap: ", when, ": ", Printable(report.gaps[i].reason), "."),
                     std::move(brief)});
  }
}

}  // namespace

std::vector<Note> NotesOf(const Report& report) {
  std::vector<Note> notes;
  AddChoices(report, notes);
  AddMeaning(report, notes);
  AddGaps(report, notes);
  AddDamage(report, notes);
  return notes;
}

}  // namespace cpuagg::notify
