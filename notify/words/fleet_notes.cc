#include "notify/words/fleet_notes.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/report/fleet.h"
#include "notify/words/labels.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

using aggregate::Fleet;

// "lab07, lab09 and 1 more".
std::string LateNames(const Fleet& fleet) {
  constexpr size_t kWidth = 40;
  std::vector<std::string> names;
  for (const std::string& name : fleet.late_names) names.push_back(CutOff(Printable(name), kWidth));
  if (const uint64_t more = fleet.late_hosts - names.size(); more > 0 && !names.empty()) {
    names.push_back(absl::StrCat(WithThousands(more), " more"));
  }
  return Enumerated(names);
}

}  // namespace

void AddFleetNotes(const aggregate::Report& report, std::vector<Note>& notes) {
  if (!report.fleet.has_value()) return;
  const Fleet& fleet = *report.fleet;
  // A report in which no host has reported has a note already.
  if (fleet.late_hosts > 0 && !report.records_end.has_value()) {
    const std::string since =
        absl::FormatTime("%Y-%m-%d %H:%M", fleet.late_since, report.time_zone);
    const std::string late =
        absl::StrCat(WithThousands(fleet.late_hosts), " of ", Pluralize(fleet.hosts, "host"),
                     fleet.late_hosts == 1 ? " has" : " have", " not reported since ", since);
    notes.push_back(
        {NoteKind::kMeaning,
         absl::StrCat(late, ": ", LateNames(fleet), "; what they used after that may be missing."),
         absl::StrCat("⚠ ", late)});
  }
}

std::string NothingOfFleet(const aggregate::Report& report) {
  return absl::StrCat(
      "There are no amounts of cpuagg",
      report.fleet->is_one_host ? absl::StrCat(" of the host ", Printable(report.host)) : "",
      " at ", Printable(report.fleet->engine), report.period.is_all() ? "" : " in this period",
      "; hosts send theirs with `cpuagg push`.");
}

std::string FleetName(const Fleet& fleet) {
  return absl::StrCat("fleet at ", Printable(fleet.engine), " (", Pluralize(fleet.hosts, "host"),
                      ")");
}

}  // namespace cpuagg::notify
