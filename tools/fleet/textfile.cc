#include "tools/fleet/textfile.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file_lock.h"
#include "aggregate/fleet/counters.h"
#include "notify/fleet/counter_base.h"
#include "notify/fleet/prometheus_text.h"
#include "tools/config/version.h"

namespace cpuagg::tools {
namespace {

// What the file has; nothing if there is none.
absl::StatusOr<notify::FleetCounters> ReadTextfile(const std::string& path) {
  const absl::StatusOr<std::string> text = acct::ReadWholeFile(path);
  if (absl::IsNotFound(text.status())) return notify::FleetCounters();
  if (!text.ok()) return text.status();
  absl::StatusOr<notify::FleetCounters> seen = notify::ParsePrometheusText(*text);
  if (seen.ok()) return seen;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", seen.status().message(), "; remove it, or name another file"));
}

// Deletes users who are no longer in the store from `base`, once it is as old as what they had.
// Returns whether there were any.
bool DropOld(const notify::FleetCounters& now, const TextfileUpdate& update,
             notify::CounterBase& base) {
  constexpr absl::Duration kDay = absl::Hours(24);
  if (!update.keep_days.has_value() || update.now - base.made_at <= *update.keep_days * kDay) {
    return false;
  }
  return std::erase_if(base.missing.users,
                       [&](const auto& entry) { return !now.users.contains(entry.first); }) > 0;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> FindTextfile(const CommandContext& context) {
  const std::string path = context.config.GetOr("TEXTFILE", "");
  if (path.empty()) return std::optional<std::string>();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return std::optional(absl::StrCat(path, absl::EndsWith(path, "/") ? "" : "/", "cpuagg.prom"));
  }
  if (absl::EndsWith(path, ".prom")) return std::optional(path);
  return absl::InvalidArgumentError(absl::StrCat(
      "TEXTFILE: ", path, " is neither a directory nor the name of a file that ends in .prom"));
}

absl::Status UpdateTextfile(const std::string& path, const aggregate::SnapshotStore& store,
                            const TextfileUpdate& update) {
  // Of two runs at the same time, the later one writes what it has read later.
  const absl::StatusOr<acct::FileLock> lock = store.Lock(absl::Seconds(5));
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<aggregate::Counters> counters = aggregate::ReadCounters(store);
  if (!counters.ok()) return counters.status();
  const notify::FleetCounters now = notify::ToFleetCounters(*counters);
  const absl::StatusOr<notify::FleetCounters> seen = ReadTextfile(path);
  if (!seen.ok()) return seen.status();
  const std::string base_path = notify::CounterBasePath(store.directory());
  std::optional<notify::CounterBase> base = notify::LoadCounterBase(base_path);
  bool has_changed = true;
  if (!base.has_value() || update.forgets) {
    base = {.missing = notify::Missing(*seen, now, !update.forgets), .made_at = update.now};
  } else {
    has_changed = DropOld(now, update, *base);
  }
  // Before the file: it is the same again if the run ends in between.
  if (has_changed) {
    if (absl::Status saved = notify::SaveCounterBase(*base, base_path); !saved.ok()) return saved;
  }
  return acct::WriteFileAtomically(
      path, notify::PrometheusText(notify::Continued(now, base->missing, *seen), kVersion), 0644);
}

absl::StatusOr<notify::FleetCounters> CountersToShow(const aggregate::SnapshotStore& store,
                                                     const std::optional<std::string>& path,
                                                     std::vector<std::string>& damage) {
  absl::StatusOr<aggregate::Counters> counters = aggregate::ReadCounters(store);
  if (!counters.ok()) return counters.status();
  damage = std::move(counters->damage);
  const std::optional<notify::CounterBase> base =
      notify::LoadCounterBase(notify::CounterBasePath(store.directory()));
  // Another store's file, perhaps, or one that only root can read.
  const notify::FleetCounters seen = path.has_value()
                                         ? ReadTextfile(*path).value_or(notify::FleetCounters())
                                         : notify::FleetCounters();
  return notify::Continued(notify::ToFleetCounters(*counters),
                           base.has_value() ? base->missing : notify::FleetCounters(),
                           base.has_value() ? seen : notify::FleetCounters());
}

}  // namespace cpuagg::tools
