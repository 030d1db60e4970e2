#include "aggregate/running/running.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "aggregate/running/record_owner.h"

namespace cpuagg::aggregate {
namespace {

struct TickPair {
  uint64_t user = 0;
  uint64_t system = 0;

  bool is_zero() const { return user == 0 && system == 0; }
};

TickPair TicksOf(const auto& process) { return {process.user_ticks, process.system_ticks}; }

TickPair Least(TickPair a, TickPair b) {
  return {std::min(a.user, b.user), std::min(a.system, b.system)};
}

// By how much `a` exceeds `b`.
TickPair Excess(TickPair a, TickPair b) {
  const TickPair least = Least(a, b);
  return {a.user - least.user, a.system - least.system};
}

Identity IdentityOf(const auto& process) { return {process.uid, process.command}; }

void Count(const Identity& identity, int64_t bucket, TickPair ticks, int64_t sign,
           RunningChanges& changes) {
  if (ticks.is_zero()) return;
  Usage& counted = changes.growth[{identity.uid, bucket, identity.command}];
  counted.running_user += sign * static_cast<int64_t>(ticks.user);
  counted.running_system += sign * static_cast<int64_t>(ticks.system);
}

// Counts `ticks` that were used between `begin` and `end`.
void CountDivided(const Identity& identity, int64_t begin, int64_t end, TickPair ticks,
                  UsageSpread& spread, RunningChanges& changes) {
  TickPair rest = ticks;
  for (const UsageSpread::Part& part : spread.EarlierParts(begin, end, ticks.user, ticks.system)) {
    const TickPair used = {part.user_ticks, part.system_ticks};
    Count(identity, part.bucket, used, +1, changes);
    rest = Excess(rest, used);
  }
  Count(identity, spread.BucketOf(end), rest, +1, changes);
}

// Moves `ticks` of a record, which count in the bucket of its end, to where they were used.
void Divide(const ProcessExit& exit, TickPair ticks, UsageSpread& spread, RunningChanges& changes) {
  const int64_t bucket = spread.BucketOf(exit.end_time);
  for (const UsageSpread::Part& part :
       spread.EarlierParts(exit.begin_time, exit.end_time, ticks.user, ticks.system)) {
    const TickPair used = {part.user_ticks, part.system_ticks};
    Count(IdentityOf(exit), part.bucket, used, +1, changes);
    Count(IdentityOf(exit), bucket, used, -1, changes);
  }
}

void Correct(const CountedProcess& process, const std::optional<Identity>& to, int64_t bucket,
             TickPair ticks, RunningChanges& changes) {
  if (ticks.is_zero()) return;
  changes.corrections.push_back({.from = IdentityOf(process),
                                 .to = to,
                                 .begin_time = process.begin_time,
                                 .bucket = bucket,
                                 .user_ticks = ticks.user,
                                 .system_ticks = ticks.system});
}

// Limits what was counted for `process` to what `known` has, and moves it to its name.
void Adapt(const CountedProcess& process, const auto& known, int64_t bucket,
           RunningChanges& changes) {
  if (IdentityOf(process) != IdentityOf(known)) {
    Correct(process, IdentityOf(known), bucket, Least(TicksOf(process), TicksOf(known)), changes);
  }
  Correct(process, std::nullopt, bucket, Excess(TicksOf(process), TicksOf(known)), changes);
}

}  // namespace

void ForgetRunning(int64_t bucket, RunningBaseline& baseline, RunningChanges& changes) {
  for (const CountedProcess& process : baseline.processes) {
    Correct(process, std::nullopt, bucket, TicksOf(process), changes);
  }
  baseline = RunningBaseline();
}

absl::flat_hash_set<uint32_t> PidsToWatch(const RunningBaseline& baseline,
                                          const acct::ProcessTable* table) {
  absl::flat_hash_set<uint32_t> pids;
  for (const CountedProcess& process : baseline.processes) pids.insert(process.pid);
  if (table == nullptr) return pids;
  for (const acct::RunningProcess& process : table->processes) pids.insert(process.pid);
  return pids;
}

void UpdateRunning(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits,
                   UsageSpread& spread, RunningBaseline& baseline, RunningChanges& changes) {
  const int64_t now = spread.now();
  // By process id; if two processes have the same id, the carried one is older.
  absl::flat_hash_map<uint32_t, CountedProcess> carried;
  for (const CountedProcess& process : baseline.processes) carried[process.pid] = process;
  absl::flat_hash_map<uint32_t, const acct::RunningProcess*> running;
  if (table != nullptr) {
    for (const acct::RunningProcess& process : table->processes) running[process.pid] = &process;
  }
  const auto is_same = [&](const CountedProcess& old, const acct::RunningProcess& process) {
    return baseline.boot_id == table->boot_id && old.start_ticks == process.start_ticks;
  };

  for (const ProcessExit& exit : exits) {
    const auto old = carried.find(exit.pid);
    const auto process = running.find(exit.pid);
    const bool still_runs =
        old != carried.end() && process != running.end() && is_same(old->second, *process->second);
    if (old != carried.end() && IsRecordOfSeen(exit, old->second, still_runs, baseline, table)) {
      const int64_t bucket = spread.BucketOf(exit.end_time);
      Adapt(old->second, exit, bucket, changes);
      Count(IdentityOf(exit), bucket, Least(TicksOf(old->second), TicksOf(exit)), -1, changes);
      Divide(exit, Excess(TicksOf(exit), TicksOf(old->second)), spread, changes);
      carried.erase(old);
      // It ended during the scan or after it.
      if (still_runs) running.erase(process);
      continue;
    }
    Divide(exit, TicksOf(exit), spread, changes);
    if (process != running.end() && IsRecordOfNew(exit, *process->second, *table)) {
      running.erase(process);
    }
  }

  if (table == nullptr) {
    baseline.processes.clear();
    std::map<uint32_t, CountedProcess> left(carried.begin(), carried.end());
    for (auto& [pid, process] : left) baseline.processes.push_back(process);
    return;
  }
  RunningBaseline next{.boot_id = table->boot_id,
                       .scanned_at = now,
                       .boot_time = table->boot_time,
                       .uptime = table->uptime};
  for (const acct::RunningProcess& process : table->processes) {
    const auto found = running.find(process.pid);
    if (found == running.end() || found->second != &process) continue;
    const CountedProcess seen = {.pid = process.pid,
                                 .start_ticks = process.start_ticks,
                                 .begin_time = process.begin_time,
                                 .uid = process.uid,
                                 .command = CommandBitsOf(process.command),
                                 .user_ticks = process.user_ticks,
                                 .system_ticks = process.system_ticks};
    const auto old = carried.find(process.pid);
    TickPair counted;
    int64_t since = process.begin_time;
    if (old != carried.end() && is_same(old->second, process)) {
      Adapt(old->second, seen, spread.BucketOf(now), changes);
      counted = TicksOf(old->second);
      // If the clock was put forward, the last run was not as long ago as it seems.
      since = std::max(since, now - (table->uptime - baseline.uptime));
    } else if (process.is_ending) {
      // Its record will come soon, or has already been read.
      continue;
    }
    // Nothing was counted, so nothing has to be subtracted.
    if (seen.user_ticks + seen.system_ticks == 0) continue;
    CountDivided(IdentityOf(seen), since, now, Excess(TicksOf(seen), counted), spread, changes);
    next.processes.push_back(seen);
  }
  // A hidden process may still run or may have ended.
  if (!table->is_complete && baseline.boot_id == table->boot_id) {
    absl::flat_hash_set<uint32_t> shown;
    for (const acct::RunningProcess& process : table->processes) shown.insert(process.pid);
    for (const CountedProcess& process : baseline.processes) {
      if (carried.contains(process.pid) && !shown.contains(process.pid)) {
        next.processes.push_back(process);
      }
    }
  }
  baseline = std::move(next);
}

}  // namespace cpuagg::aggregate
