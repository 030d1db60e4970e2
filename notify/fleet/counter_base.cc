#include "notify/fleet/counter_base.h"

#include "absl/strings/str_cat.h"
#include "notify/fleet/checked_file.h"
#include "notify/fleet/fleet.pb.h"

namespace cpuagg::notify {

std::string CounterBasePath(absl::string_view store) { return absl::StrCat(store, "/counters.pb"); }

std::optional<CounterBase> LoadCounterBase(const std::string& path) {
  const std::optional<std::string> content = ReadCheckedFile(path);
  storage::CounterBase proto;
  if (!content.has_value() || !proto.ParseFromString(*content)) return std::nullopt;
  CounterBase base{.missing = {.gaps = proto.gaps(), .skipped_bytes = proto.skipped_bytes()},
                   .made_at = absl::FromUnixSeconds(proto.made_at_seconds())};
  for (const storage::UserBase& user : proto.users()) {
    base.missing.users[{user.uid(), user.user()}] = {.processes = user.processes(),
                                                     .user_ticks = user.user_ticks(),
                                                     .system_ticks = user.system_ticks()};
  }
  return base;
}

absl::Status SaveCounterBase(const CounterBase& base, const std::string& path) {
  storage::CounterBase proto;
  for (const auto& [user, values] : base.missing.users) {
    storage::UserBase& added = *proto.add_users();
    added.set_uid(user.first);
    added.set_user(user.second);
    added.set_processes(values.processes);
    added.set_user_ticks(values.user_ticks);
    added.set_system_ticks(values.system_ticks);
  }
  proto.set_gaps(base.missing.gaps);
  proto.set_skipped_bytes(base.missing.skipped_bytes);
  proto.set_made_at_seconds(absl::ToUnixSeconds(base.made_at));
  return WriteCheckedFile(path, proto.SerializeAsString());
}

}  // namespace cpuagg::notify
