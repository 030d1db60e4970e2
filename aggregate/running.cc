#include "aggregate/running.h"

#include <cstdlib>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace cpuagg::aggregate {
namespace {

// Record and /proc tell the beginning in whole seconds, each rounded in its own way.
constexpr int64_t kBeginSlack = 2;

void Count(const CarriedProcess& process, int64_t sign, int64_t bucket, UserBucketTable& usage) {
  if (process.user_ticks + process.system_ticks == 0) return;
  Usage& counted = usage[{process.uid, bucket}];
  counted.running_user += sign * static_cast<int64_t>(process.user_ticks);
  counted.running_system += sign * static_cast<int64_t>(process.system_ticks);
}

// Whether the record is that of a process that was seen at `scanned_at`: nobody else with its id
// had begun by then. The clock may have been set since it began, so that the beginnings need not
// agree.
bool IsOf(const ProcessExit& exit, const CarriedProcess& process, int64_t scanned_at) {
  return exit.begin_time < scanned_at ||
         std::abs(exit.begin_time - process.begin_time) <= kBeginSlack;
}

}  // namespace

void ForgetRunning(int64_t bucket, RunningCarry& carry, UserBucketTable& usage) {
  for (const CarriedProcess& process : carry.processes) Count(process, -1, bucket, usage);
  carry = RunningCarry();
}

absl::flat_hash_set<uint32_t> PidsToWatch(const RunningCarry& carry,
                                          const acct::ProcessTable* table) {
  absl::flat_hash_set<uint32_t> pids;
  for (const CarriedProcess& process : carry.processes) pids.insert(process.pid);
  if (table == nullptr) return pids;
  for (const acct::RunningProcess& process : table->processes) pids.insert(process.pid);
  return pids;
}

void UpdateRunning(const acct::ProcessTable* table, const std::vector<ProcessExit>& exits,
                   int64_t now, const std::function<int64_t(int64_t)>& bucket_of,
                   RunningCarry& carry, UserBucketTable& usage) {
  // By process id; of two with one id the carried one is the older.
  absl::flat_hash_map<uint32_t, CarriedProcess> carried;
  for (const CarriedProcess& process : carry.processes) carried[process.pid] = process;
  absl::flat_hash_map<uint32_t, const acct::RunningProcess*> running;
  if (table != nullptr) {
    for (const acct::RunningProcess& process : table->processes) running[process.pid] = &process;
  }
  const auto is_same = [&](const CarriedProcess& old, const acct::RunningProcess& process) {
    return carry.boot_id == table->boot_id && old.start_ticks == process.start_ticks;
  };

  for (const ProcessExit& exit : exits) {
    const auto old = carried.find(exit.pid);
    if (old != carried.end() && IsOf(exit, old->second, carry.scanned_at)) {
      Count(old->second, -1, bucket_of(exit.end_time), usage);
      const auto now_running = running.find(exit.pid);
      // It ended after this scan had seen it.
      if (now_running != running.end() && is_same(old->second, *now_running->second)) {
        running.erase(now_running);
      }
      carried.erase(old);
      continue;
    }
    const auto process = running.find(exit.pid);
    if (process != running.end() &&
        std::abs(exit.begin_time - process->second->begin_time) <= kBeginSlack) {
      running.erase(process);
    }
  }

  if (table == nullptr) {
    carry.processes.clear();
    std::map<uint32_t, CarriedProcess> left(carried.begin(), carried.end());
    for (auto& [pid, process] : left) carry.processes.push_back(process);
    return;
  }
  RunningCarry next{.boot_id = table->boot_id, .scanned_at = now};
  for (const acct::RunningProcess& process : table->processes) {
    const auto found = running.find(process.pid);
    if (found == running.end() || found->second != &process) continue;
    const CarriedProcess seen = {.pid = process.pid,
                                 .start_ticks = process.start_ticks,
                                 .begin_time = process.begin_time,
                                 .uid = process.uid,
                                 .user_ticks = process.user_ticks,
                                 .system_ticks = process.system_ticks};
    const auto old = carried.find(process.pid);
    if (old != carried.end() && is_same(old->second, process)) {
      Count(old->second, -1, bucket_of(now), usage);
    }
    // Nothing counted, nothing to take away.
    if (seen.user_ticks + seen.system_ticks == 0) continue;
    Count(seen, +1, bucket_of(now), usage);
    next.processes.push_back(seen);
  }
  carry = std::move(next);
}

}  // namespace cpuagg::aggregate
