#include "notify/words/notes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "notify/words/capacity_notes.h"
#include "notify/words/department_notes.h"
#include "notify/words/fleet_notes.h"
#include "notify/words/host_notes.h"
#include "notify/words/labels.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"
#include "notify/words/unmatched_text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

// "2 users with 3m", and how much of that belongs to ids without an account.
std::string LeftOutInWords(const aggregate::UserGroup& users) {
  const std::string with = absl::StrCat(" with ", TimeInWords(users.usage.cpu_time()));
  const std::string all = Pluralize(users.users, "user");
  if (users.unknown_users == 0) return absl::StrCat(all, with);
  if (users.unknown_users == users.users) return absl::StrCat(all, " without an account", with);
  return absl::StrCat(all, with, " (", users.unknown_users,
                      " of them without an account: ", TimeInWords(users.unknown_cpu), ")");
}

void AddChoices(const Report& report, std::vector<Note>& notes) {
  if (report.excluded_users.users == 0) return;
  const std::string users = Pluralize(report.excluded_users.users, "user");
  const acct::ExactTime cpu = report.excluded_users.usage.cpu_time();
  notes.push_back(
      {NoteKind::kChoice,
       absl::StrCat("Left out: ", users, " with ", ExactClock(cpu.ticks()), " of CPU time (",
                    report.only_people ? "accounts of the system, or ignored"
                                       : "ignored, or without an account",
                    ")."),
       absl::StrCat("Left out: ", LeftOutInWords(report.excluded_users))});
}

// Adds what limits the comparison.
void AddPrevious(const Report& report, std::vector<Note>& notes) {
  const aggregate::Comparison& previous = *report.previous;
  if (!previous.unknown.empty()) {
    const std::string times = absl::StrJoin(previous.unknown, ", ",
                                            [&](std::string* text, const aggregate::Period& time) {
                                              text->append(PeriodText(time, report.time_zone));
                                            });
    notes.push_back({NoteKind::kMeaning,
                     absl::StrCat("The period that this is compared with is not fully known: ",
                                  times, " is missing."),
                     absl::StrCat("⚠ ", PreviousName(report), " is not fully known")});
  }
  if (previous.lacks_deleted) {
    notes.push_back({NoteKind::kMeaning,
                     "Some usage of the period that this is compared with was deleted by `cpuagg "
                     "forget`.",
                     absl::StrCat("⚠ some usage of ", PreviousName(report), " was deleted")});
  }
  const uint64_t processes = previous.unnamed_commands.processes;
  const acct::ExactTime cpu = previous.unnamed_commands.cpu_time();
  if (processes == 0 && cpu == acct::ExactTime()) return;
  notes.push_back(
      {NoteKind::kMeaning,
       absl::StrCat(
           "In the period that this is compared with, each command used at least what is given: ",
           Pluralize(processes, "process"), " with ", ExactClock(cpu.ticks()),
           " of CPU time in it ", processes == 1 ? "is" : "are", " not kept by command."),
       "⚠ compared with at least"});
}

void AddMeaning(const Report& report, std::vector<Note>& notes) {
  if (report.asked_period.has_value()) {
    const std::string asked = PeriodText(*report.asked_period, report.time_zone);
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat(
             "The period is longer than asked for (", asked, "): ",
             report.fleet.has_value()
                 ? "hosts push the usage of whole hours."
                 : "the store keeps usage by hour, old usage by day, and old commands by month."),
         absl::StrCat("⚠ longer than asked for: ",
                      PeriodName(*report.asked_period, report.time_zone))});
  }
  const bool has_stretches =
      std::any_of(report.rows.begin(), report.rows.end(),
                  [](const aggregate::ReportRow& row) { return row.stretch.has_value(); });
  if (has_stretches) {
    const aggregate::CalendarUnit of_rows = aggregate::BucketUnit(report.by);
    const bool are_hours = of_rows == aggregate::CalendarUnit::kHour;
    const absl::string_view unit = NameOf(of_rows);
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("Rows that show ", are_hours ? "both their ends or a day" : "both their ends",
                      " do not cover just one ", unit,
                      " of this clock: the store has no finer times there."),
         absl::StrCat("⚠ rows with two ends", are_hours ? " or a day" : "",
                      " do not cover just one ", unit)});
  }
  if (!report.knows_all_commands()) {
    const uint64_t processes = report.unnamed_commands.processes;
    const acct::ExactTime cpu = report.unnamed_commands.cpu_time();
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("Each command used at least what is shown: ", Pluralize(processes, "process"),
                      " of these users with ", ExactClock(cpu.ticks()), " of CPU time ",
                      processes == 1 ? "is" : "are", " not kept by command."),
         absl::StrCat("⚠ at least: ", TimeInWords(cpu), " are not kept by command")});
  }
  if (report.previous.has_value()) AddPrevious(report, notes);
  if (report.has_unequal_before) {
    notes.push_back(
        {NoteKind::kMeaning,
         "There is no comparison: the store cannot count a period before that is as long "
         "as this one.",
         "⚠ no comparison: the store has no period before that is as long"});
  }
  AddCapacityNotes(report, notes);
  AddLongProcesses(report, notes);
  if (report.has_time_before_collecting) {
    notes.push_back({NoteKind::kMeaning,
                     "Collecting began in this period; processes that ran then count with all that "
                     "they had used before.",
                     "Includes what was used before collecting began"});
  }
  if (report.min_cpu > acct::ExactTime() && report.rows.empty()) {
    const std::string text =
        absl::StrCat("None has at least ", TimeInWords(report.min_cpu), " of CPU time");
    notes.push_back({NoteKind::kMeaning, absl::StrCat(text, "."), text});
  }
  if (report.excludes_running) {
    notes.push_back({NoteKind::kMeaning, "Not all processes that still run are included.",
                     "Not all jobs that still run are included"});
  }
}

void AddAccountingOff(const Report& report, std::vector<Note>& notes) {
  if (!report.accounting_off.has_value()) return;
  std::string off = "ccounting seems to be off";
  if (report.accounting_off->since != absl::InfinitePast()) {
    absl::StrAppend(
        &off, " since ",
        absl::FormatTime("%Y-%m-%d %H:%M", report.accounting_off->since, report.time_zone));
  }
  notes.push_back({NoteKind::kMeaning,
                   absl::StrCat("A", off, ": ", Printable(report.accounting_off->remedy), "."),
                   absl::StrCat("⚠ a", off)});
}

// Adds the parts of the requested period for which the source has no data.
void AddOutside(const Report& report, std::vector<Note>& notes) {
  const auto text = [&](absl::Time time) {
    return absl::FormatTime("%Y-%m-%d %H:%M", time, report.time_zone);
  };
  if (report.begins_now) {
    notes.push_back({NoteKind::kMeaning, "The period begins now, so nothing is in it yet.",
                     "⚠ the period begins now"});
  } else if (report.is_in_future) {
    notes.push_back({NoteKind::kMeaning, "The period is in the future: it has not begun yet.",
                     "⚠ the period is in the future"});
  }
  if (report.records_begin.has_value()) {
    const std::string begin = text(*report.records_begin);
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("The records begin at ", begin, "; nothing is known about the time before."),
         absl::StrCat("⚠ no records before ", begin)});
  }
  // The note that accounting is off says the same.
  if (report.records_end.has_value() && !report.accounting_off.has_value()) {
    const std::string end = text(*report.records_end);
    const absl::string_view since = report.is_of_store ? "Nothing new has been collected since "
                                    : report.fleet.has_value() ? "No host has reported since "
                                                               : "The records end at ";
    const absl::string_view brief = report.is_of_store         ? "⚠ nothing new collected since "
                                    : report.fleet.has_value() ? "⚠ no host has reported since "
                                                               : "⚠ no records after ";
    notes.push_back({NoteKind::kMeaning,
                     absl::StrCat(since, end, "; nothing is known about the time after."),
                     absl::StrCat(brief, end)});
  }
}

void AddUnmatched(const Report& report, std::vector<Note>& notes) {
  for (const aggregate::Unmatched& unmatched : report.unmatched) {
    const std::string text = UnmatchedText(unmatched);
    notes.push_back({NoteKind::kMeaning, text, absl::StrCat("⚠ ", absl::StripSuffix(text, "."))});
  }
}

// Whether one of several hosts has a note that nothing is known of part of the period.
bool LacksHost(const Report& report) {
  return std::any_of(
      report.hosts.begin(), report.hosts.end(), [&](const aggregate::HostState& host) {
        return host.accounting_off_since.has_value() || host.records_begin.has_value() ||
               (host.records_end.has_value() && !report.is_of_store);
      });
}

// Of what time something is known, as the subject of "are of" and "go on".
absl::string_view KnownThings(const Report& report) {
  if (report.fleet.has_value()) return "Nothing was used in this period; the engine's amounts ";
  // They may end long before the last run.
  if (report.is_of_store) return "No process ended in this period; the runs of collect ";
  return "No process ended in this period; the records ";
}

// An empty report says why it is empty.
void AddWhyEmpty(const Report& report, std::vector<Note>& notes) {
  if (report.has_usage()) return;
  if (!report.known.has_value() && report.fleet.has_value()) {
    notes.push_back({NoteKind::kMeaning, NothingOfFleet(report),
                     absl::StrCat("⚠ ", absl::StripSuffix(NothingOfFleet(report), "."))});
    return;
  }
  if (!report.known.has_value()) {
    // They say what was lost or deleted.
    if (report.is_of_store && !report.gaps.empty()) return;
    notes.push_back(
        {NoteKind::kMeaning,
         report.is_of_store
             ? absl::StrCat("Nothing has been collected into ", Printable(report.source), " yet.")
             : absl::StrCat("There are no records in ", Printable(report.source), "."),
         report.is_of_store ? "⚠ nothing has been collected yet" : "⚠ there are no records"});
    return;
  }
  if (report.other_processes > 0) {
    const std::string text = absl::StrCat("None of ", Pluralize(report.other_processes, "process"),
                                          " of this time is one of those that were asked for");
    notes.push_back({NoteKind::kMeaning, absl::StrCat(text, "."), text});
    return;
  }
  const bool is_explained = report.excluded_users.users > 0 || !report.unmatched.empty() ||
                            report.records_begin.has_value() || report.records_end.has_value() ||
                            report.is_in_future || report.begins_now ||
                            report.accounting_off.has_value() || LacksHost(report);
  if (is_explained) return;
  const bool names_beginning = report.known->begin != absl::InfinitePast();
  notes.push_back({NoteKind::kMeaning,
                   absl::StrCat(KnownThings(report), names_beginning ? "are of " : "go on ",
                                PeriodText(*report.known, report.time_zone), "."),
                   report.fleet.has_value() ? "Nothing was used in this period"
                                            : "No process ended in this period"});
}

void AddDamage(const Report& report, std::vector<Note>& notes) {
  uint64_t damaged_bytes = 0;
  uint64_t cut_short = 0;
  const size_t before = notes.size();
  for (const acct::ByteAccount& input : report.inputs) {
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
    notes.push_back({NoteKind::kDamage,
                     absl::StrCat("Damage: ", Printable(input.name), ": ",
                                  Pluralize(lost_bytes, "byte"), " of ", WithThousands(input.bytes),
                                  " could not be read and are not counted."),
                     ""});
  }
  if (notes.size() == before) return;
  // A message gives the sum over all files.
  std::string brief;
  if (damaged_bytes > 0) {
    brief = absl::StrCat("⚠ ", Pluralize(damaged_bytes, "damaged byte"), " not counted");
  }
  if (cut_short > 0) {
    absl::StrAppend(&brief, brief.empty() ? "" : "\n", "⚠ ", Pluralize(cut_short, "file"),
                    " could not be read to the end");
  }
  notes[before].brief = std::move(brief);
}

void AddGaps(const Report& report, std::vector<Note>& notes) {
  constexpr size_t kBrief = 3;
  constexpr size_t kMostOfHosts = 10;
  std::vector<aggregate::Gap> over;
  std::copy_if(report.gaps.begin(), report.gaps.end(), std::back_inserter(over),
               [](const aggregate::Gap& gap) { return !gap.goes_on; });
  const size_t gaps = over.size();
  for (size_t i = 0; i < gaps; ++i) {
    // A thousand hosts may have thousands of gaps; JSON has all of them.
    if (report.hosts.size() > 1 && i == kMostOfHosts) {
      notes.push_back(
          {NoteKind::kGap,
           absl::StrCat("And ", Pluralize(gaps - i, "more gap"), "; --format json has all."), ""});
      break;
    }
    const std::string host = Printable(over[i].host);
    const std::string when = PeriodText(over[i].period, report.time_zone);
    std::string brief;
    if (i < kBrief) {
      brief = absl::StrCat("⚠ incomplete ", PeriodName(over[i].period, report.time_zone),
                           host.empty() ? "" : " on ", host);
    } else if (i == kBrief) {
      brief = absl::StrCat("⚠ and ", Pluralize(gaps - kBrief, "more gap"));
    }
    notes.push_back({NoteKind::kGap,
                     absl::StrCat("Gap", host.empty() ? "" : " on ", host, ": ", when, ": ",
                                  Printable(over[i].reason), "."),
                     std::move(brief)});
  }
}

void AddUnread(const Report& report, std::vector<Note>& notes) {
  for (const std::string& file : report.unread) {
    const std::string text = absl::StrCat("Not read: ", Printable(file));
    notes.push_back({NoteKind::kMeaning, absl::StrCat(text, "."), absl::StrCat("⚠ ", text)});
  }
}

}  // namespace

std::vector<Note> NotesOf(const Report& report) {
  std::vector<Note> notes;
  AddChoices(report, notes);
  AddMeaning(report, notes);
  AddAccountingOff(report, notes);
  AddOutside(report, notes);
  AddHostNotes(report, notes);
  AddFleetNotes(report, notes);
  AddUnread(report, notes);
  AddUnmatched(report, notes);
  AddDepartmentNotes(report, notes);
  AddWhyEmpty(report, notes);
  AddGaps(report, notes);
  AddDamage(report, notes);
  return notes;
}

}  // namespace cpuagg::notify
