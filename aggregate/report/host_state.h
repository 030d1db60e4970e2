// HostState: what a report of several hosts knows about one of them, besides its usage.

#ifndef CPUAGG_AGGREGATE_REPORT_HOST_STATE_H_
#define CPUAGG_AGGREGATE_REPORT_HOST_STATE_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace cpuagg::aggregate {

struct HostState {
  std::string name;
  std::string source;  // for people: "the store /srv/cpuagg/web1", "web1/pacct"
  // When `collect` ran last; nullopt for files, and for a store into which nothing was collected.
  std::optional<absl::Time> last_run = std::nullopt;
  // It has not reported for longer than it usually does, while others have; see MarkLate().
  bool is_late = false;
  // Its last run is of the future: its clock, or this one, is wrong.
  bool is_ahead = false;
  // As in Report, for this host.
  std::optional<absl::Time> records_begin = std::nullopt;
  std::optional<absl::Time> records_end = std::nullopt;
  // Since when accounting seems to be off; infinite if it is not known ever to have been on.
  std::optional<absl::Time> accounting_off_since = std::nullopt;
  // It counts a longer period than was asked for, as in Report::asked_period.
  bool is_widened = false;
  // Not all of the period that the report is compared with is known.
  bool has_unknown_before = false;
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_HOST_STATE_H_
