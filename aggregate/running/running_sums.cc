#include "aggregate/running/running_sums.h"

#include "aggregate/tally/table_key.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {

Sums RunningOf(const CommandBucketTable& changes) {
  Sums sums;
  for (const auto& [key, value] : changes) {
    sums[{key.uid.value(), CommandText(key.command)}] += value.running_user + value.running_system;
  }
  std::erase_if(sums, [](const auto& entry) { return entry.second == 0; });
  return sums;
}

void AddTo(CommandBucketTable& sums, const RunningChanges& changes) {
  for (const auto& [key, growth] : changes.growth) sums[key] += growth;
  const auto add = [&](const Identity& identity, const Correction& correction, int64_t sign) {
    Usage& sum = sums[{identity.uid, 0, identity.command}];
    sum.running_user += sign * static_cast<int64_t>(correction.user_ticks);
    sum.running_system += sign * static_cast<int64_t>(correction.system_ticks);
  };
  for (const Correction& correction : changes.corrections) {
    add(correction.from, correction, -1);
    if (correction.to.has_value()) add(*correction.to, correction, +1);
  }
}

}  // namespace cpuagg::aggregate
