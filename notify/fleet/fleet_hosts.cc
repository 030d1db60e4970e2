#include "notify/fleet/fleet_hosts.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace cpuagg::notify {
namespace {

std::string WithConditions(absl::string_view metric, const Conditions& conditions) {
  return absl::StrCat(metric, "{", absl::StrJoin(conditions, ","), "}");
}

// How many hosts have amounts of the `span` before the time of evaluation. Those of hosts are few
// series; who pushes only those of users is found as well.
std::string HostCount(absl::string_view metric, absl::string_view span,
                      const Conditions& conditions) {
  return absl::StrCat("count(count by (instance) (last_over_time(",
                      WithConditions(metric, conditions), "[", span, "])))");
}

// A number of hosts in an answer, which may be anything.
uint64_t HostsIn(double value) {
  constexpr double kMostHosts = 1e9;
  return static_cast<uint64_t>(std::clamp(value, 0.0, kMostHosts));
}

absl::Time FloorDay(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), absl::Hours(24));
}

}  // namespace

absl::StatusOr<std::optional<KnownHours>> FindKnownHours(Engine& engine, QuestionParts& parts,
                                                         const UtcHours& hours,
                                                         const Conditions& conditions,
                                                         std::vector<std::string>& damage) {
  for (const char* const metric : {kHostAmounts, kUserAmounts}) {
    std::map<int64_t, uint64_t> hosts;  // by the end of the hour
    const absl::Status status = parts.Ask(hours, [&](const QuestionPart& part) {
      const absl::StatusOr<EngineAnswer> answer =
          engine.AskOver(HostCount(metric, "1h", EachWith({conditions}, part.hosts).front()),
                         part.hours.begin + absl::Hours(1), part.hours.end, absl::Hours(1));
      if (!answer.ok()) return answer.status();
      AddDamage(answer->damage, damage);
      for (const EngineSeries& series : answer->series) {
        for (const EnginePoint& point : series.points) {
          hosts[point.time] += HostsIn(point.value);
        }
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    if (hosts.empty()) continue;
    KnownHours known{.begin = absl::FromUnixSeconds(hosts.begin()->first) - absl::Hours(1),
                     .end = absl::FromUnixSeconds(hosts.rbegin()->first)};
    for (const auto& [end, count] : hosts) known.most_hosts = std::max(known.most_hosts, count);
    return known;
  }
  return std::optional<KnownHours>();
}

absl::StatusOr<std::optional<absl::Time>> FindFirstDay(Engine& engine, absl::Time now,
                                                       const Conditions& conditions,
                                                       std::vector<std::string>& damage) {
  constexpr absl::Duration kDay = absl::Hours(24);
  constexpr int kMostDays = 3650;
  const absl::Time last = FloorDay(now) + kDay;
  for (const char* const metric : {kHostAmounts, kUserAmounts}) {
    const absl::StatusOr<EngineAnswer> answer =
        engine.AskOver(HostCount(metric, "1d", conditions), last - kMostDays * kDay, last, kDay);
    if (!answer.ok()) return answer.status();
    AddDamage(answer->damage, damage);
    for (const EngineSeries& series : answer->series) {
      if (!series.points.empty()) {
        return std::optional(absl::FromUnixSeconds(series.points.front().time) - kDay);
      }
    }
  }
  return std::optional<absl::Time>();
}

absl::StatusOr<HostRuns> FindHostRuns(Engine& engine, absl::Time begin, absl::Time now,
                                      absl::Time late_since, const Conditions& conditions,
                                      std::vector<std::string>& damage) {
  constexpr size_t kMostNames = 5;
  const int64_t hours = absl::ToInt64Hours(now - begin) + 1;
  const absl::StatusOr<EngineAnswer> answer = engine.AskAt(
      absl::StrCat("max by (instance) (last_over_time(", WithConditions(kLastCollect, conditions),
                   "[", std::max<int64_t>(hours, 1), "h]))"),
      now);
  if (!answer.ok()) return answer.status();
  AddDamage(answer->damage, damage);
  HostRuns found;
  std::map<std::string, absl::Time> runs;
  for (const EngineSeries& series : answer->series) {
    if (series.points.empty()) continue;
    found.instances.push_back(series.Label("instance"));
    const absl::Time run = absl::UnixEpoch() + absl::Seconds(series.points.back().value);
    absl::Time& last =
        runs.try_emplace(HostOfInstance(series.Label("instance")), run).first->second;
    last = std::max(last, run);
  }
  found.fleet.hosts = runs.size();
  std::vector<std::pair<absl::Time, std::string>> late;
  for (const auto& [host, run] : runs) {
    found.newest_run = std::max(found.newest_run, run);
    if (run < late_since) late.emplace_back(run, host);
  }
  found.fleet.late_hosts = late.size();
  found.fleet.late_since = late_since;
  std::sort(late.begin(), late.end());
  late.resize(std::min(late.size(), kMostNames));
  for (auto& [run, host] : late) found.fleet.late_names.push_back(std::move(host));
  return found;
}

}  // namespace cpuagg::notify
