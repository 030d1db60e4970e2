#include "notify/fleet/fleet_counters.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

uint64_t Less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

void Add(const CounterValues& added, CounterValues& sum) {
  sum.processes = acct::SaturatingAdd(sum.processes, added.processes);
  sum.user_ticks = acct::SaturatingAdd(sum.user_ticks, added.user_ticks);
  sum.system_ticks = acct::SaturatingAdd(sum.system_ticks, added.system_ticks);
}

}  // namespace

std::string UserLabel(const std::optional<std::string>& name, acct::Uid uid) {
  return name.has_value() && !name->empty() ? Printable(*name) : absl::StrCat(uid.value());
}

bool IsUserId(absl::string_view label) {
  return !label.empty() && std::all_of(label.begin(), label.end(), absl::ascii_isdigit);
}

FleetCounters ToFleetCounters(const aggregate::Counters& counters) {
  FleetCounters fleet{.gaps = counters.gaps, .skipped_bytes = counters.skipped_bytes};
  if (counters.last_collect.has_value()) {
    fleet.last_collect = absl::ToUnixSeconds(*counters.last_collect);
  }
  for (const aggregate::UserCounter& each : counters.users) {
    const acct::Uid uid = each.user.uid;
    Add({.processes = each.processes,
         .user_ticks = each.user_ticks,
         .system_ticks = each.system_ticks},
        fleet.users[{uid.value(), UserLabel(each.user.name, uid)}]);
  }
  return fleet;
}

FleetCounters Missing(const FleetCounters& seen, const FleetCounters& now, bool with_vanished) {
  FleetCounters missing{.gaps = Less(seen.gaps, now.gaps),
                        .skipped_bytes = Less(seen.skipped_bytes, now.skipped_bytes)};
  for (const auto& [user, values] : seen.users) {
    const auto found = now.users.find(user);
    if (found == now.users.end() && !with_vanished) continue;
    const CounterValues known = found == now.users.end() ? CounterValues() : found->second;
    const CounterValues lost = {.processes = Less(values.processes, known.processes),
                                .user_ticks = Less(values.user_ticks, known.user_ticks),
                                .system_ticks = Less(values.system_ticks, known.system_ticks)};
    if (lost != CounterValues()) missing.users[user] = lost;
  }
  return missing;
}

FleetCounters Continued(const FleetCounters& now, const FleetCounters& base,
                        const FleetCounters& seen) {
  FleetCounters sum = now;
  for (const auto& [user, values] : base.users) Add(values, sum.users[user]);
  for (auto& [user, values] : sum.users) {
    const auto found = seen.users.find(user);
    if (found == seen.users.end()) continue;
    values.processes = std::max(values.processes, found->second.processes);
    values.user_ticks = std::max(values.user_ticks, found->second.user_ticks);
    values.system_ticks = std::max(values.system_ticks, found->second.system_ticks);
  }
  sum.gaps = std::max(now.gaps + base.gaps, seen.gaps);
  sum.skipped_bytes = std::max(now.skipped_bytes + base.skipped_bytes, seen.skipped_bytes);
  return sum;
}

}  // namespace cpuagg::notify
