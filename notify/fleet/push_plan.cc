#include "notify/fleet/push_plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/record/exact_time.h"
#include "acct/record/units.h"
#include "notify/fleet/fleet_counters.h"
#include "notify/words/text.h"

namespace cpuagg::notify {
namespace {

constexpr char kJob[] = "cpuagg";
constexpr char kUserSeries[] = "cpuagg_user_cpu_hourly_seconds";
constexpr char kHostSeries[] = "cpuagg_host_cpu_hourly_seconds";
constexpr char kCollectSeries[] = "cpuagg_last_collect_timestamp_seconds";
constexpr char kGapsSeries[] = "cpuagg_store_gaps_total";
constexpr char kCoverageSeries[] = "cpuagg_coverage_ratio";
constexpr char kOthers[] = "(others)";

struct ModeTicks {
  uint64_t user = 0;
  uint64_t system = 0;

  uint64_t all() const { return user + system; }
};

// An hour as it is in the store.
struct StoredHour {
  int64_t end = 0;
  std::map<SeriesUser, ModeTicks> users;
};

// Sums the users after the first `top` up.
void KeepTop(size_t top, std::map<SeriesUser, ModeTicks>& users) {
  if (top == 0 || users.size() <= top) return;
  std::vector<std::pair<uint64_t, SeriesUser>> by_time;
  by_time.reserve(users.size());
  for (const auto& [user, ticks] : users) by_time.emplace_back(ticks.all(), user);
  // Of those with the same time, always the same ones.
  std::sort(by_time.begin(), by_time.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  ModeTicks others;
  for (size_t i = top; i < by_time.size(); ++i) {
    const ModeTicks& ticks = users[by_time[i].second];
    others.user += ticks.user;
    others.system += ticks.system;
    users.erase(by_time[i].second);
  }
  users[{std::nullopt, kOthers}] = others;
}

class Planner {
 public:
  Planner(const PushInput& input, const PushState& state) : input_(input), state_(state) {}

  PushPlan Plan() && {
    // As the state keeps it.
    plan_.last_collect = absl::FromUnixSeconds(absl::ToUnixSeconds(input_.hours.known->end));
    for (const aggregate::HourAmount& amount : input_.hours.amounts) Add(amount);
    for (auto& [begin, hour] : stored_) {
      KeepTop(input_.top, hour.users);
      PlanHour(begin, hour);
    }
    for (const auto& [begin, pushed] : state_.hours) {
      if (!stored_.contains(begin)) PlanVanished(begin, pushed);
    }
    std::sort(plan_.hours.begin(), plan_.hours.end(),
              [](const HourPush& a, const HourPush& b) { return a.begin < b.begin; });
    if (!plan_.hours.empty() || state_.last_collect != plan_.last_collect) AddCurrent();
    return std::move(plan_);
  }

 private:
  bool IsOver(absl::Time end) const { return end <= input_.now && end <= plan_.last_collect; }

  void Add(const aggregate::HourAmount& amount) {
    const int64_t begin = absl::ToUnixSeconds(amount.time.begin);
    const int64_t end = absl::ToUnixSeconds(amount.time.end);
    if (!amount.is_hour()) {
      if (!days_.empty() && end <= days_.back().second) return;
      days_.emplace_back(begin, end);
      if (state_.hours.empty() || state_.hours.rbegin()->first < begin) ++plan_.days;
      return;
    }
    if (!IsOver(amount.time.end)) return;
    StoredHour& hour = stored_[begin];
    hour.end = end;
    ModeTicks& ticks = hour.users[{amount.uid.value(), UserLabel(amount.user, amount.uid)}];
    ticks.user += amount.user_time.ticks().count();
    ticks.system += amount.system_time.ticks().count();
  }

  void PlanHour(int64_t begin, const StoredHour& hour) {
    const auto found = state_.hours.find(begin);
    const PushedHour* const before = found == state_.hours.end() ? nullptr : &found->second;
    HourPush push{.begin = begin,
                  .pushed = {.host = before != nullptr ? before->host : input_.hours.host}};
    PushedHour& pushed = push.pushed;
    pushed.fingerprint = FingerprintOf("");
    for (const auto& [user, ticks] : hour.users) {
      if (ticks.all() == 0) continue;
      pushed.users.insert(user);
      pushed.ticks += ticks.all();
      pushed.fingerprint =
          FingerprintOf(absl::StrCat(user.first.has_value() ? absl::StrCat(*user.first) : "-", " ",
                                     user.second, "\n", ticks.user, " ", ticks.system, "\n"),
                        pushed.fingerprint);
    }
    if (before == nullptr
            ? pushed.users.empty()
            : before->fingerprint == pushed.fingerprint && !before->unaccepted_since.has_value()) {
      return;
    }
    if (before != nullptr && !input_.hours.damage.empty() && pushed.ticks < before->ticks) {
      ++plan_.held_hours;
      return;
    }
    if (before != nullptr) pushed.unaccepted_since = before->unaccepted_since;
    const absl::Time at = absl::FromUnixSeconds(begin);
    pushed.stamp = StampFor(input_.now - absl::FromUnixSeconds(hour.end));
    // Another value, later.
    if (before != nullptr) {
      pushed.stamp = std::min(std::max(pushed.stamp, before->stamp + kStep), kLatest);
    }
    const int64_t stamp = absl::ToUnixMillis(at + pushed.stamp);
    AddSamples(hour, before, stamp, push);
    plan_.hours.push_back(std::move(push));
  }

  void AddSamples(const StoredHour& hour, const PushedHour* before, int64_t stamp, HourPush& push) {
    ModeTicks all;
    for (const auto& [user, ticks] : hour.users) {
      all.user += ticks.user;
      all.system += ticks.system;
    }
    const std::string& host = push.pushed.host;
    AddSample(SeriesOf(kHostSeries, host, nullptr, "user"), stamp, all.user, push.samples);
    AddSample(SeriesOf(kHostSeries, host, nullptr, "system"), stamp, all.system, push.samples);
    push.of_host = push.samples.size();
    // Nothing is nothing, unless the receiver has had something else.
    std::map<SeriesUser, ModeTicks> users = hour.users;
    if (before != nullptr) {
      for (const SeriesUser& user : before->users) users.try_emplace(user);
    }
    for (const auto& [user, ticks] : users) {
      const bool was_pushed = before != nullptr && before->users.contains(user);
      for (const auto& [mode, amount] :
           {std::pair("user", ticks.user), std::pair("system", ticks.system)}) {
        if (amount == 0 && !was_pushed) continue;
        AddSample(SeriesOf(kUserSeries, host, &user, mode), stamp, amount, push.samples);
      }
    }
  }

  // The store has nothing of an hour that was pushed.
  void PlanVanished(int64_t begin, const PushedHour& before) {
    const auto is_in_day = [&](const std::pair<int64_t, int64_t>& day) {
      return day.first <= begin && begin < day.second;
    };
    const bool is_kept_as_day = std::any_of(days_.begin(), days_.end(), is_in_day);
    const bool is_known = absl::FromUnixSeconds(begin) >= input_.hours.known->begin;
    if (is_kept_as_day || !is_known) {
      plan_.dropped_hours.push_back(begin);
    } else if (!before.users.empty()) {
      // What it had was forgotten, or was learnt to be of another time: no user has it.
      PlanHour(begin, {.end = begin + absl::ToInt64Seconds(absl::Hours(1)), .users = {}});
    }
  }

  void AddCurrent() {
    const int64_t stamp = absl::ToUnixMillis(input_.now);
    const std::string& host = input_.hours.host;
    plan_.current.push_back(
        {.series = SeriesOf(kCollectSeries, host, nullptr, ""),
         .stamp = stamp,
         .value = static_cast<double>(absl::ToUnixSeconds(plan_.last_collect))});
    plan_.current.push_back({.series = SeriesOf(kGapsSeries, host, nullptr, ""),
                             .stamp = stamp,
                             .value = static_cast<double>(input_.gaps)});
    if (input_.coverage.has_value()) {
      plan_.current.push_back({.series = SeriesOf(kCoverageSeries, host, nullptr, ""),
                               .stamp = stamp,
                               .value = *input_.coverage});
    }
  }

  static void AddSample(uint32_t series, int64_t stamp, uint64_t ticks,
                        std::vector<RemoteSample>& samples) {
    samples.push_back(
        {.series = series,
         .stamp = stamp,
         .value = static_cast<double>(ticks) / static_cast<double>(acct::kTicksPerSecond)});
  }

  uint32_t SeriesOf(const char* name, const std::string& host, const SeriesUser* user,
                    absl::string_view mode) {
    SeriesLabels labels = {{"__name__", name}, {"job", kJob}};
    const std::string instance = Printable(host);
    if (!instance.empty()) labels["instance"] = instance;
    if (!mode.empty()) labels["mode"] = std::string(mode);
    if (user != nullptr) {
      labels["user"] = user->second;
      if (user->first.has_value()) labels["uid"] = absl::StrCat(*user->first);
    }
    const auto [place, is_new] =
        numbers_.try_emplace(labels, static_cast<uint32_t>(plan_.series.size()));
    if (is_new) plan_.series.push_back(std::move(labels));
    return place->second;
  }

  static constexpr absl::Duration kStep = absl::Milliseconds(1);
  // Inside of an hour of UTC also if the hour of the zone begins at half past.
  static constexpr absl::Duration kLatest = absl::Milliseconds(30 * 60 * 1000 - 1);

  const PushInput& input_;
  const PushState& state_;
  std::map<int64_t, StoredHour> stored_;
  std::vector<std::pair<int64_t, int64_t>> days_;
  std::map<SeriesLabels, uint32_t> numbers_;
  PushPlan plan_;
};

}  // namespace

absl::Duration StampFor(absl::Duration since_end) {
  constexpr int64_t kFine = 600'000;
  constexpr int64_t kCoarse = 64;
  constexpr int64_t kMost = 840'000;  // 14 minutes
  const int64_t seconds = std::max<int64_t>(absl::ToInt64Seconds(since_end), 0);
  const int64_t later = seconds <= kFine ? seconds : kFine + (seconds - kFine) / kCoarse;
  return absl::Minutes(15) + absl::Milliseconds(std::min(later, kMost));
}

absl::StatusOr<PushPlan> PlanPush(const PushInput& input, const PushState& state) {
  if (!input.hours.known.has_value()) return PushPlan();
  if (!state.hours.empty() &&
      input.now < absl::FromUnixSeconds(state.hours.rbegin()->first) + absl::Hours(1)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the clock is behind the newest hour that was pushed, ",
        absl::FormatTime("%Y-%m-%dT%H:%MZ", absl::FromUnixSeconds(state.hours.rbegin()->first),
                         absl::UTCTimeZone()),
        "; nothing is pushed until it is later, or the clock is set"));
  }
  return Planner(input, state).Plan();
}

}  // namespace cpuagg::notify
