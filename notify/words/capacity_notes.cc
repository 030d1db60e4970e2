#include "notify/words/capacity_notes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "aggregate/report/capacity.h"
#include "aggregate/usage/calendar.h"
#include "aggregate/usage/grouping.h"
#include "notify/words/labels.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Report;

constexpr absl::string_view kWhyMore =
    "a process counts where it ended, or was seen running, with what it had used before";

// What one processor has in `seconds`.
acct::ExactTime OfOneProcessor(int64_t seconds) {
  return acct::Ticks(static_cast<uint64_t>(seconds) * acct::kTicksPerSecond);
}

// Of the longest hour, day, week, month or year.
int64_t SecondsOfUnit(aggregate::CalendarUnit unit) {
  constexpr std::array<int64_t, 5> kHours = {1, 25, 169, 745, 8784};
  return kHours[static_cast<size_t>(unit)] * 3600;
}

// Of files, a single process must have used more than the row's time, since any number of
// processors may have worked.
void AddLongProcessesOfFiles(const Report& report, std::vector<Note>& notes) {
  const aggregate::CalendarUnit unit = aggregate::BucketUnit(report.by);
  const acct::ExactTime of_unit = OfOneProcessor(SecondsOfUnit(unit));
  acct::ExactTime largest;
  for (const aggregate::ReportRow& row : report.rows) {
    // Threads may use more than an hour in a minute.
    if (row.usage.elapsed() > of_unit) largest = std::max(largest, row.usage.largest_cpu());
  }
  if (!(largest > of_unit)) return;
  notes.push_back(
      {NoteKind::kMeaning,
       absl::StrCat("A process counts where it ended, with all that it used: one here used ",
                    ExactClock(largest.ticks()), ", more than a row of one ", NameOf(unit),
                    " has."),
       absl::StrCat("⚠ a process counts in the ", NameOf(unit), " in which it ended")});
}

// A store does not keep single processes. Where collect saw one running, its time is split; of the
// others, such as those of an old file, it is not.
void AddLongProcessesOfStore(const Report& report, std::vector<Note>& notes) {
  const aggregate::CalendarUnit unit = aggregate::BucketUnit(report.by);
  std::map<int64_t, acct::ExactTime> sums;
  std::map<int64_t, int64_t> seconds;
  for (const aggregate::ReportRow& row : report.rows) {
    sums[row.begin] += row.usage.cpu_time();
    seconds[row.begin] = row.stretch.has_value()
                             ? absl::ToInt64Seconds(row.stretch->end - row.stretch->begin)
                             : SecondsOfUnit(unit);
  }
  const int64_t processors = std::max<int64_t>(report.processors, 1);
  acct::ExactTime largest;
  for (const auto& [begin, sum] : sums) {
    if (sum > OfOneProcessor(seconds[begin] * processors)) largest = std::max(largest, sum);
  }
  if (largest == acct::ExactTime()) return;
  const absl::string_view name = NameOf(unit);
  notes.push_back(
      {NoteKind::kMeaning,
       absl::StrCat(
           "One ", name, " here has ", ExactClock(largest.ticks()), " of CPU time, more than ",
           processors == 1 ? "one processor has" : absl::StrCat(processors, " processors have"),
           " in it: ", kWhyMore, "."),
       absl::StrCat("⚠ a process counts in the ", name, " in which it ended")});
}

}  // namespace

void AddCapacityNotes(const Report& report, std::vector<Note>& notes) {
  if (!report.capacity.has_value()) return;
  const std::optional<aggregate::Coverage> coverage = report.coverage();
  if (report.capacity->rows_exceed) {
    const bool are_hours = aggregate::Has(report.by, aggregate::Dimension::kHour);
    const char* const unit = are_hours ? "An hour" : "A day";
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat(unit, " here has more CPU time than the machine had: ", kWhyMore, "."),
         absl::StrCat("⚠ ", are_hours ? "an hour" : "a day",
                      " has more than the machine had: a process counts where it ended")});
  } else if (report.exceeds_capacity() || (coverage.has_value() && coverage->exceeds())) {
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat("This is more CPU time than the machine ",
                      report.exceeds_capacity() ? "had" : "was busy", ": ", kWhyMore, "."),
         absl::StrCat("⚠ more than the machine ", report.exceeds_capacity() ? "had" : "was busy",
                      ": a process counts where it ended")});
  }
}

void AddLongProcesses(const Report& report, std::vector<Note>& notes) {
  if (!aggregate::HasTime(report.by)) return;
  if (!report.is_of_store && !report.capacity.has_value()) AddLongProcessesOfFiles(report, notes);
  // How many processors several hosts have together is not known, and a note of the capacity says
  // the same.
  const bool says_so = report.capacity.has_value() && report.capacity->rows_exceed;
  if (report.is_of_store && report.hosts.size() <= 1 && !says_so) {
    AddLongProcessesOfStore(report, notes);
  }
}

}  // namespace cpuagg::notify
