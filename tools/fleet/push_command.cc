#include "tools/fleet/push_command.h"

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/io/file_lock.h"
#include "acct/io/store_owner.h"
#include "aggregate/fleet/counters.h"
#include "aggregate/fleet/coverage.h"
#include "aggregate/fleet/hour_amounts.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/fleet/push_check.h"
#include "notify/fleet/push_delivery.h"
#include "notify/fleet/push_plan.h"
#include "notify/fleet/push_state.h"
#include "notify/http/curl_http_client.h"
#include "notify/words/text.h"
#include "tools/fleet/push_config.h"
#include "tools/report/report_request.h"

namespace cpuagg::tools {
namespace {

// Two runs at the same time would send the same hours.
absl::StatusOr<acct::FileLock> LockPushes(const aggregate::SnapshotStore& store,
                                          const std::string& state_path) {
  const acct::AsStoreOwner owner(store.directory());
  return acct::FileLock::Acquire(absl::StrCat(state_path, ".lock"), absl::Seconds(5));
}

void WarnOfStore(CommandContext& context, const notify::PushPlan& plan, bool is_first) {
  if (plan.days > 0) {
    context.console.Warn(absl::StrCat(
        notify::Pluralize(plan.days, "day"), is_first ? "" : " that was not pushed in time",
        " of which the store no longer has the hours (KEEP_HOURS) cannot be pushed"));
  }
  if (plan.held_hours > 0) {
    context.console.Warn(absl::StrCat(
        notify::Pluralize(plan.held_hours, "hour"),
        " would become smaller because the store is damaged, and stay as they were pushed"));
  }
}

ExitCode Tell(CommandContext& context, const notify::PushSummary& summary,
              const notify::PushState& state, const PushConfig& config) {
  for (const std::string& problem : summary.problems) context.console.Error(problem);
  context.console.Detail(absl::StrCat(notify::Pluralize(summary.hours, "hour"), " pushed, ",
                                      notify::Pluralize(summary.samples, "sample"), " in ",
                                      notify::Pluralize(summary.requests, "request")));
  switch (summary.end) {
    case notify::PushEnd::kDone:
      return summary.problems.empty() ? kDone : kFailed;
    case notify::PushEnd::kPostponed: {
      const bool lasts =
          state.failing_since.has_value() && context.now - *state.failing_since > config.lifetime;
      context.console.Error(absl::StrCat(
          "not everything could be pushed: ", summary.reason,
          lasts
              ? absl::StrCat("; nothing could since ",
                             absl::FormatTime("%Y-%m-%d %H:%M", *state.failing_since, context.zone),
                             ", which is longer than EXPIRE_AFTER; the hours stay in the store, "
                             "and are pushed once it works")
              : "; the next run tries again"));
      return lasts || !summary.problems.empty() ? kFailed : kPostponed;
    }
    case notify::PushEnd::kRefused:
      context.console.Error(absl::StrCat("nothing more is pushed: ", summary.reason,
                                         "; the hours stay in the store"));
      return kFailed;
  }
  return kFailed;
}

ExitCode Push(CommandContext& context, const aggregate::SnapshotStore& store,
              const PushConfig& config, const std::string& state_path) {
  const absl::StatusOr<acct::FileLock> lock = LockPushes(store, state_path);
  if (absl::IsUnavailable(lock.status())) {
    context.console.Error(
        absl::StrCat("another run is pushing; the next one goes on: ", lock.status().message()));
    return kPostponed;
  }
  if (!lock.ok()) return context.Fail(lock.status());
  const absl::StatusOr<aggregate::HourAmounts> hours = aggregate::ReadHourAmounts(store, {});
  if (!hours.ok()) return context.Fail(hours.status());
  const absl::StatusOr<aggregate::Counters> counters = aggregate::ReadCounters(store);
  if (!counters.ok()) return context.Fail(counters.status());
  for (const std::string& problem : hours->damage) context.console.Warn(problem);
  if (!hours->known.has_value()) {
    context.console.Warn(absl::StrCat(store.directory(), ": has nothing to push yet"));
    return kDone;
  }
  const absl::StatusOr<std::optional<double>> coverage =
      aggregate::RecentCoverage(store, hours->known->end, context.zone);
  if (!coverage.ok()) return context.Fail(coverage.status());
  notify::PushState state = notify::LoadPushState(state_path);
  const notify::PushState before = state;
  const absl::StatusOr<notify::PushPlan> plan = notify::PlanPush({.hours = *hours,
                                                                  .gaps = counters->gaps,
                                                                  .coverage = *coverage,
                                                                  .now = context.now,
                                                                  .top = config.top},
                                                                 state);
  if (!plan.ok()) return context.Fail(plan.status());
  WarnOfStore(context, *plan, before.hours.empty());
  const ExitCode of_store = hours->damage.empty() ? kDone : kDamagedInput;
  if (plan->current.empty()) {
    context.console.Detail("nothing new to push");
    return of_store;
  }
  notify::CurlHttpClient http(config.http);
  const notify::PushSummary summary = notify::DeliverPush(
      *plan, config.receiver,
      {.now = context.now,
       .lifetime = config.lifetime,
       .run_budget = config.run_budget,
       .stopwatch =
           [] { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }},
      http, state);
  ExitCode code = Tell(context, summary, state, config);
  if (state != before) {
    const absl::Status saved = notify::SavePushState(state, state_path);
    if (!saved.ok()) code = context.Fail(saved);
  }
  return code == kDone ? of_store : code;
}

ExitCode Check(CommandContext& context, const PushConfig& config, const std::string& state_path) {
  const absl::StatusOr<notify::Receiver> asked = FindQueryAddress(context, config);
  if (!asked.ok()) return context.FailUsage(asked.status());
  const notify::PushState state = notify::LoadPushState(state_path);
  if (state.hours.empty()) {
    return context.Fail(absl::NotFoundError("nothing has been pushed to this receiver yet"));
  }
  notify::CurlHttpClient::Options options = config.http;
  options.allow_http = true;
  notify::CurlHttpClient http(options);
  // VictoriaMetrics shows new series after some seconds.
  constexpr int kTries = 15;
  absl::StatusOr<notify::PushCheck> check;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) absl::SleepFor(absl::Seconds(1));
    check = notify::CheckPushed(state, *asked, http);
    if (!check.ok()) return context.Fail(check.status());
    if (check->differences.empty()) break;
  }
  std::string text;
  for (const std::string& difference : check->differences) {
    absl::StrAppend(&text, difference, "\n");
  }
  const size_t different = check->differences.size();
  absl::StrAppend(&text, notify::Pluralize(check->hours, "hour"), " compared: ",
                  different == 0 ? "all as they were pushed"
                                 : absl::StrCat(different, " not as they were pushed"));
  if (check->set_aside > 0) {
    absl::StrAppend(&text, "; ", notify::Pluralize(check->set_aside, "hour"),
                    " had something that was refused");
  }
  const absl::Status printed = context.console.Print(absl::StrCat(text, "\n"));
  if (!printed.ok()) return context.Fail(printed);
  if (!check->warning.empty()) {
    context.console.Warn(absl::StrCat("the receiver warns: ", notify::Printable(check->warning)));
  }
  if (!check->differences.empty()) {
    context.console.Error(absl::StrCat(
        "the receiver does not have what it accepted; check its retention, and for Prometheus its "
        "out_of_order_time_window; then remove ",
        state_path, ", so that the next push sends all hours again"));
    return kFailed;
  }
  return check->warning.empty() ? kDone : kDamagedInput;
}

}  // namespace

ExitCode RunPush(CommandContext& context) {
  const absl::StatusOr<PushConfig> config = FindPushConfig(context);
  if (!config.ok()) return context.FailUsage(config.status());
  const aggregate::SnapshotStore store(context.StoreDirectory());
  if (const absl::Status there = CheckStoreIsThere(store); !there.ok()) return context.Fail(there);
  if (const absl::Status loaded = notify::CurlHttpClient::Load(); !loaded.ok()) {
    return context.Fail(loaded);
  }
  const std::string state_path =
      notify::PushStatePath(store.directory(), config->receiver.url, config->header);
  return context.flags.check_pushed ? Check(context, *config, state_path)
                                    : Push(context, store, *config, state_path);
}

}  // namespace cpuagg::tools
