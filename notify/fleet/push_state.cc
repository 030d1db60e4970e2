#include "notify/fleet/push_state.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "notify/fleet/checked_file.h"
#include "notify/fleet/fleet.pb.h"

namespace cpuagg::notify {
namespace {

int64_t SecondsOrZero(const std::optional<absl::Time>& time) {
  return time.has_value() ? absl::ToUnixSeconds(*time) : 0;
}

std::optional<absl::Time> TimeOrNothing(int64_t seconds) {
  if (seconds == 0) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

// Numbers of values, in the order in which they come.
template <typename Value>
class Numbers {
 public:
  uint32_t Of(const Value& value) {
    const auto [place, is_new] = numbers_.try_emplace(value, static_cast<uint32_t>(values_.size()));
    if (is_new) values_.push_back(value);
    return place->second;
  }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::map<Value, uint32_t> numbers_;
  std::vector<Value> values_;
};

}  // namespace

uint64_t FingerprintOf(absl::string_view text, uint64_t before) {
  for (const char c : text) {
    before ^= static_cast<unsigned char>(c);
    before *= 0x100000001b3;
  }
  return before;
}

std::string PushStatePath(absl::string_view store, absl::string_view url,
                          absl::string_view header) {
  return absl::StrCat(
      store, "/push-",
      absl::Hex(FingerprintOf(header, FingerprintOf("\n", FingerprintOf(url))), absl::kZeroPad16),
      ".pb");
}

PushState LoadPushState(const std::string& path) {
  PushState state;
  const std::optional<std::string> content = ReadCheckedFile(path);
  storage::PushState proto;
  if (!content.has_value() || !proto.ParseFromString(*content)) return state;
  std::vector<SeriesUser> users;
  for (const storage::PushedUser& user : proto.users()) {
    users.emplace_back(user.has_uid() ? std::optional(user.uid()) : std::nullopt, user.user());
  }
  for (const storage::PushedHour& each : proto.hours()) {
    PushedHour hour{.fingerprint = each.fingerprint(),
                    .ticks = each.ticks(),
                    .stamp = absl::Milliseconds(each.stamp_milliseconds()),
                    .was_refused = each.was_refused(),
                    .unaccepted_since = TimeOrNothing(each.unaccepted_since_seconds())};
    if (each.host() >= static_cast<uint32_t>(proto.hosts_size())) return PushState();
    hour.host = proto.hosts(static_cast<int>(each.host()));
    for (const uint32_t user : each.users()) {
      if (user >= users.size()) return PushState();
      hour.users.insert(users[user]);
    }
    state.hours[each.begin_seconds()] = std::move(hour);
  }
  state.last_collect = TimeOrNothing(proto.last_collect_seconds());
  state.failing_since = TimeOrNothing(proto.failing_since_seconds());
  return state;
}

absl::Status SavePushState(const PushState& state, const std::string& path) {
  storage::PushState proto;
  Numbers<std::string> hosts;
  Numbers<SeriesUser> users;
  for (const auto& [begin, hour] : state.hours) {
    storage::PushedHour& added = *proto.add_hours();
    added.set_begin_seconds(begin);
    added.set_host(hosts.Of(hour.host));
    added.set_fingerprint(hour.fingerprint);
    added.set_ticks(hour.ticks);
    added.set_stamp_milliseconds(static_cast<uint32_t>(absl::ToInt64Milliseconds(hour.stamp)));
    for (const SeriesUser& user : hour.users) added.add_users(users.Of(user));
    added.set_was_refused(hour.was_refused);
    added.set_unaccepted_since_seconds(SecondsOrZero(hour.unaccepted_since));
  }
  for (const std::string& host : hosts.values()) proto.add_hosts(host);
  for (const SeriesUser& user : users.values()) {
    storage::PushedUser& added = *proto.add_users();
    if (user.first.has_value()) added.set_uid(*user.first);
    added.set_user(user.second);
  }
  proto.set_last_collect_seconds(SecondsOrZero(state.last_collect));
  proto.set_failing_since_seconds(SecondsOrZero(state.failing_since));
  return WriteCheckedFile(path, proto.SerializeAsString());
}

}  // namespace cpuagg::notify
