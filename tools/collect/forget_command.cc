#include "tools/collect/forget_command.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "acct/record/units.h"
#include "aggregate/collect/collect_run.h"
#include "aggregate/report/row_filter.h"
#include "aggregate/store/forgetting.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/user_history.h"
#include "notify/fleet/counter_base.h"
#include "notify/outbox/outbox.h"
#include "notify/outbox/outbox_state.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"
#include "tools/config/nearest_name.h"
#include "tools/config/time_argument.h"
#include "tools/fleet/textfile.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {
namespace {

using aggregate::Forgetting;
using aggregate::Forgotten;

absl::StatusOr<Forgetting> Asked(const CommandContext& context) {
  const Flags& flags = context.flags;
  if (flags.users.empty() && !flags.before.has_value()) {
    return absl::InvalidArgumentError(
        "forget: needs --user NAMES, --before TIME or both; they say what to delete");
  }
  if (flags.yes == flags.dry_run) {
    return absl::InvalidArgumentError(
        flags.yes ? "--dry-run: cannot be combined with --yes"
                  : "forget: deletes for good; --dry-run shows what, and --yes does it");
  }
  Forgetting what{.users = flags.users};
  if (flags.before.has_value()) {
    const absl::StatusOr<absl::Time> before =
        ParseTime("--before", *flags.before, context.now, context.zone);
    if (!before.ok()) return before.status();
    if (*before > context.now) {
      return absl::InvalidArgumentError("--before: is in the future");
    }
    what.before = *before;
  }
  return what;
}

// What reports say of the gap. The name of a user who is to be forgotten is not written down.
std::string ReasonFor(const CommandContext& context, const Forgotten& found) {
  return absl::StrCat(context.flags.users.empty()
                          ? "everything that ended then"
                          : absl::StrCat(aggregate::kWhatSomeUsed,
                                         notify::Pluralize(found.users.size(), "user"), " used"),
                      " was deleted on ", absl::FormatTime("%Y-%m-%d", context.now, context.zone),
                      aggregate::kByForget);
}

// Of whom nothing was found.
std::vector<std::string> Missing(const Forgetting& what, const Forgotten& found) {
  std::vector<std::string> missing;
  for (const std::string& asked : what.users) {
    if (std::none_of(found.users.begin(), found.users.end(),
                     [&](const aggregate::UserIdentity& user) {
                       return aggregate::IsUser(asked, user.uid, user.name);
                     })) {
      missing.push_back(asked);
    }
  }
  return missing;
}

// " of bob (1001) and 1002"; empty for everybody.
std::string OfWhom(const Forgotten& found) {
  std::string text;
  for (const aggregate::UserIdentity& user : found.users) {
    absl::StrAppend(&text, text.empty() ? " of " : ", ",
                    user.name.has_value() ? absl::StrCat(*user.name, " (", user.uid.value(), ")")
                                          : absl::StrCat(user.uid.value()));
  }
  return notify::Printable(text);
}

void WarnOfWhatStays(CommandContext& context, const aggregate::SnapshotStore& store,
                     const Forgotten& found) {
  if (found.kept_until.has_value()) {
    context.console.Warn(absl::StrCat(
        "--before: the store cannot split what it keeps until ",
        absl::FormatTime("%Y-%m-%d %H:%M", *found.kept_until, context.zone), "; that stays"));
  }
  for (const std::string& path : found.unreadable) {
    context.console.Warn(
        absl::StrCat(path, ": cannot be read, and may have some of it; delete it"));
  }
  const absl::StatusOr<notify::OutboxListing> queued = OutboxOf(store).List();
  if (queued.ok() && !queued->reports.empty()) {
    context.console.Warn(absl::StrCat(notify::Pluralize(queued->reports.size(), "report"),
                                      " that may have some of it waits to be sent; `cpuagg send "
                                      "--status` lists what waits"));
  }
}

// Of the records by which `collect` recognises accounting files; empty if none is of it.
std::string RecordsThatStay(const Forgotten& found) {
  if (found.records_in_cursors == 0) return "";
  return absl::StrCat(
      "The store itself keeps ", notify::Pluralize(found.records_in_cursors, "record"),
      " of it, by which collect recognises the accounting files: those of the last "
      "run until a later one replaces them, others with their snapshot (--keep).\n");
}

// What other programs have seen of the counters does not become smaller either, except for users
// of whom nothing is left.
absl::Status ForgetInCounters(const CommandContext& context,
                              const aggregate::SnapshotStore& store) {
  const absl::StatusOr<std::optional<std::string>> textfile = FindTextfile(context);
  if (!textfile.ok()) return textfile.status();
  if (textfile->has_value()) {
    return UpdateTextfile(**textfile, store, {.now = context.now, .forgets = true});
  }
  std::error_code ignored;
  std::filesystem::remove(notify::CounterBasePath(store.directory()), ignored);
  return absl::OkStatus();
}

// What alerts have told about the users. If the limit is passed again by what is new, there is
// another alert.
absl::Status ForgetInMemory(const aggregate::SnapshotStore& store, const Forgetting& what) {
  const notify::Outbox outbox = OutboxOf(store);
  const auto is_asked = [&](const auto& mark) {
    if (what.before.has_value() && absl::FromUnixSeconds(mark.begin) >= *what.before) return false;
    const std::optional<std::string> name =
        mark.user.empty() ? std::nullopt : std::optional(mark.user);
    return std::any_of(what.users.begin(), what.users.end(), [&](const std::string& asked) {
      return aggregate::IsUser(asked, acct::Uid(mark.uid), name);
    });
  };
  // The limits that were checked last may be of users. Without them, the next check begins anew.
  const auto has_limit = [&](const notify::OutboxState& state) {
    return std::any_of(what.users.begin(), what.users.end(), [&](const std::string& asked) {
      return absl::StrContains(state.limits_checked, asked);
    });
  };
  // Without either, nothing is made or locked.
  const absl::StatusOr<notify::OutboxState> before = outbox.LoadState();
  if (!before.ok()) return before.status();
  if (std::none_of(before->alerts.begin(), before->alerts.end(), is_asked) && !has_limit(*before)) {
    return absl::OkStatus();
  }
  const absl::StatusOr<acct::FileLock> lock = outbox.LockQueue(absl::Seconds(5));
  if (!lock.ok()) return lock.status();
  absl::StatusOr<notify::OutboxState> state = outbox.LoadState();
  if (!state.ok()) return state.status();
  std::erase_if(state->alerts, is_asked);
  if (has_limit(*state)) state->limits_checked.clear();
  return outbox.SaveState(*state);
}

// "bbo (did you mean bob?), carol": with the nearest of the names that the store has.
std::string WithNearest(const std::vector<std::string>& missing,
                        const aggregate::SnapshotStore& store) {
  std::vector<std::string> known;
  if (const absl::StatusOr<aggregate::StoreListing> listing = store.List(); listing.ok()) {
    for (const aggregate::StoredSnapshot& stored : listing->snapshots) {
      for (const aggregate::UserIdentity& account : stored.header.accounts) {
        if (account.name.has_value()) known.push_back(*account.name);
      }
    }
  }
  std::sort(known.begin(), known.end());
  const std::vector<absl::string_view> names(known.begin(), known.end());
  return absl::StrJoin(missing, ", ", [&](std::string* text, const std::string& asked) {
    const absl::string_view nearest = NearestName(asked, names);
    absl::StrAppend(text, asked, nearest.empty() ? "" : " (did you mean ",
                    notify::Printable(nearest), nearest.empty() ? "" : "?)");
  });
}

}  // namespace

ExitCode RunForget(CommandContext& context) {
  absl::StatusOr<Forgetting> what = Asked(context);
  if (!what.ok()) return context.FailUsage(what.status());
  const aggregate::SnapshotStore store(context.StoreDirectory());
  if (const absl::Status there = CheckStoreIsThere(store); !there.ok()) return context.Fail(there);
  what->is_dry_run = true;
  absl::StatusOr<Forgotten> found = aggregate::Forget(store, *what);
  if (!found.ok()) return context.Fail(found.status());
  const std::vector<std::string> missing = Missing(*what, *found);
  absl::Status memory = absl::OkStatus();
  if (!context.flags.dry_run) {
    if (found->snapshots > 0) {
      what->is_dry_run = false;
      what->reason = ReasonFor(context, *found);
      found = aggregate::Forget(store, *what);
      if (!found.ok()) return context.Fail(found.status());
    }
    const absl::Status counters = ForgetInCounters(context, store);
    if (!counters.ok()) return context.Fail(counters);
    // It has names, and is only a cache. An earlier run may have been killed before this.
    std::error_code ignored;
    std::filesystem::remove(aggregate::NamesPath(store), ignored);
    memory = ForgetInMemory(store, *what);
  }
  WarnOfWhatStays(context, store, *found);
  std::string text;
  if (found->snapshots == 0) {
    if (missing.empty()) text = absl::StrCat(store.directory(), " has nothing of that time.\n");
  } else {
    text = absl::StrCat(
        context.flags.dry_run ? "Would delete " : "Deleted ",
        notify::ExactClock(found->usage.cpu_time().ticks()), " of CPU time of ",
        notify::Pluralize(found->usage.processes, "process"), OfWhom(*found),
        found->period.has_value()
            ? absl::StrCat(", ", notify::PeriodText(*found->period, context.zone))
            : std::string(),
        ", from ", notify::Pluralize(found->snapshots, "snapshot"),
        ".\nThe accounting files still have the records, as long as they are kept.\n",
        context.flags.users.empty() ? "" : "Processes that still run are counted anew.\n",
        RecordsThatStay(*found));
  }
  const absl::Status printed = context.console.Print(text);
  if (!printed.ok()) return context.Fail(printed);
  // The lines above have what was deleted.
  if (!memory.ok()) return context.Fail(memory);
  if (missing.empty()) return kDone;
  context.console.Error(
      absl::StrCat(store.directory(), ": has nothing of ", WithNearest(missing, store)));
  return kFailed;
}

}  // namespace cpuagg::tools
