#include "tools/collect/collect_command.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/cpu_times.h"
#include "acct/kernel/process_table.h"
#include "acct/rotation/rotation.h"
#include "aggregate/collect/collect_run.h"
#include "aggregate/collect/collector.h"
#include "aggregate/collect/new_records.h"
#include "aggregate/names/account_files.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"
#include "notify/outbox/outbox_state.h"
#include "notify/words/period_text.h"
#include "notify/words/text.h"
#include "tools/collect/retention.h"
#include "tools/fleet/textfile.h"
#include "tools/report/damage.h"
#include "tools/report/report_request.h"
#include "tools/report/unknown_names.h"
#include "tools/terminal/progress_bar.h"

namespace cpuagg::tools {
namespace {

// How long a run may wait for the user directory. Later runs ask for the names that are missing.
constexpr absl::Duration kNamesOfRuns = absl::Seconds(5);

// Reports that accounting is off as an error when a run first finds it, so that the reader of
// cron's mail learns of it. Does not repeat it in each of a hundred runs a day.
void TellAccounting(CommandContext& context, const aggregate::CollectResult& result) {
  const aggregate::AccountingState& state = result.accounting;
  if (!state.seems_off()) return;
  std::string text = "accounting seems to be off";
  if (state.since != absl::InfinitePast()) {
    absl::StrAppend(&text, " since ",
                    absl::FormatTime("%Y-%m-%d %H:%M", state.since, context.zone));
  }
  absl::StrAppend(&text, ": ", state.remedy);
  if (!result.running_problem.empty()) {
    absl::StrAppend(&text, "; running processes are not counted either");
  }
  if (result.accounting_has_changed) {
    context.console.Error(text);
  } else {
    context.console.Warn(text);
  }
}

// Whether the kernel writes to `path` within two seconds; a rotation is over by then.
bool IsWrittenTo(const std::string& path) {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) absl::SleepFor(absl::Milliseconds(500));
    if (acct::GrowsWhenAProcessEnds(path).value_or(false)) return true;
  }
  return false;
}

// What the run did, in one sentence.
std::string Outcome(const aggregate::CollectResult& result, const std::string& store) {
  std::string text =
      result.records == 0
          ? absl::StrCat("no new records for ", store)
          : absl::StrCat("added ", notify::Pluralize(result.records, "record"), " from ",
                         notify::Pluralize(result.inputs.size(), "file"), " to ", store);
  if (result.running > 0) {
    absl::StrAppend(&text, ", which counts ", notify::Pluralize(result.running, "running process"));
  }
  return text;
}

}  // namespace

ExitCode RunCollect(CommandContext& context) {
  absl::StatusOr<aggregate::Retention> retention = FindRetention(context);
  if (!retention.ok()) return context.FailUsage(retention.status());
  const absl::StatusOr<std::optional<std::string>> textfile = FindTextfile(context);
  if (!textfile.ok()) return context.FailUsage(textfile.status());
  absl::StatusOr<std::unique_ptr<aggregate::UserDirectory>> names = context.UserNames(kNamesOfRuns);
  if (!names.ok()) return context.Fail(names.status());
  const aggregate::SnapshotStore store(context.StoreDirectory());
  const absl::StatusOr<notify::OutboxState> memory = OutboxOf(store).LoadState();
  // The outbox belongs to a newer cpuagg, which still needs what came after its last report. If
  // nothing of the store can be read, collecting reports the problem.
  if (absl::IsFailedPrecondition(memory.status()) && store.Exists().value_or(false)) {
    return context.Fail(memory.status());
  }
  // If the state is damaged, the last reported run is unknown.
  retention->last_reported_run = memory.value_or(notify::OutboxState()).last_reported_run;
  aggregate::CollectOptions options = {
      .files = {.path = context.AccountingFile(), .other_folders = context.RotatedDirectories()},
      .host = context.HostName(),
      .now = context.now,
      .time_zone = context.zone,
      .retention = *retention,
      // A passwd file answers at once, so its names need no memory.
      .remember_names = !context.flags.passwd.has_value(),
      .accounts_version = aggregate::AccountsVersion(aggregate::AccountFiles())};
  options.probe = acct::ProbeAccounting;
  options.is_written_to = [path = options.files.path] { return IsWrittenTo(path); };
  if (const absl::StatusOr<int64_t> boot_time = acct::ReadBootTime("/proc"); boot_time.ok()) {
    options.booted_at = absl::FromUnixSeconds(*boot_time);
  }
  if (!context.flags.no_running) {
    const std::string proc = context.flags.proc.value_or(context.config.GetOr("PROC", ""));
    options.read_processes = [proc] {
      return acct::ReadProcessTable(proc.empty() ? "/proc" : proc);
    };
    options.read_cpu_times = [proc] { return acct::ReadCpuTimes(proc.empty() ? "/proc" : proc); };
    options.is_proc_named = !proc.empty();
  }
  acct::Progress progress;
  options.progress = &progress;
  std::optional<ProgressBar> bar;
  if (context.console.ShowsProgress()) {
    bar.emplace(std::vector<std::string>{options.files.path}, progress);
  }
  const absl::StatusOr<aggregate::CollectResult> result =
      aggregate::Collect(store, **names, options);
  bar.reset();
  if (!result.ok()) return context.Fail(result.status());

  for (const std::string& problem : result->set_aside) {
    context.console.Warn(absl::StrCat(problem, "; it is set aside as *.damaged"));
  }
  if (result->read_again.has_value()) {
    context.console.Warn(absl::StrCat("what runs ", result->read_again->first, " to ",
                                      result->read_again->last,
                                      " held, of which snapshots were damaged or missing, has been "
                                      "read again"));
  }
  for (const acct::ByteAccount& input : result->inputs) {
    context.console.Detail(absl::StrCat(input.name, ": ",
                                        notify::Pluralize(input.records, "record"), " added to ",
                                        store.directory()));
  }
  if (result->inputs.empty()) context.console.Detail("nothing new");
  for (const acct::PassedOver& other : result->passed_over) {
    const std::string text = absl::StrCat(other.path, ": ", other.why, "; it is not read");
    // Notes and folders of other programs may be next to the accounting file.
    if (other.has_usual_name) {
      context.console.Warn(text);
    } else {
      context.console.Detail(text);
    }
  }
  for (const aggregate::KnownRecords& known : result->known_records) {
    context.console.Warn(absl::StrCat(
        known.path, ": the ", notify::Pluralize(known.end - known.begin, "byte"), " at offset ",
        known.begin, " are from another generation, and have been counted already"));
  }
  TellAccounting(context, *result);
  if (!result->running_problem.empty() && !result->accounting.seems_off()) {
    context.console.Warn(
        absl::StrCat("running processes are not counted: ", result->running_problem));
  }
  if (!result->hidden_processes.empty()) {
    context.console.Warn(
        absl::StrCat("not all running processes may be counted: ", result->hidden_processes));
  }
  if (!result->capacity_problem.empty()) {
    context.console.Detail(
        absl::StrCat("how much of the machine was used since the last run is not known: ",
                     result->capacity_problem));
  }
  // Errors, because losses must reach the reader of cron's mail even with --quiet.
  for (const aggregate::Gap& gap : result->gaps) {
    context.console.Error(
        absl::StrCat("gap: ", notify::PeriodText(gap.period, context.zone), ": ", gap.reason));
  }
  for (const aggregate::Runs& runs : result->forgotten) {
    context.console.Detail(absl::StrCat("runs ", runs.first, " to ", runs.last,
                                        " are older than --keep allows, and were deleted"));
  }
  if (result->oldest_kept.has_value()) {
    context.console.Detail(absl::StrCat(
        "usage from ", absl::FormatTime("%Y-%m-%d", *result->oldest_kept, context.zone),
        " on is older than --keep allows and stays, until the runs that read it are as old; cpuagg "
        "forget --before ",
        *retention->days, "d deletes it at once"));
  }
  if (!result->keeps_all_because.empty()) {
    context.console.Warn(absl::StrCat("this run deletes nothing, whatever --keep says: ",
                                      result->keeps_all_because));
  }
  WarnOfUnresolvedUsers(result->unknown_names, context.console);
  if (!result->compaction_problem.empty()) {
    context.console.Warn(
        absl::StrCat("old snapshots could not be merged; the next run tries again: ",
                     result->compaction_problem));
  }
  const bool has_other_files = WarnOfDamage(result->other_files, context.console);
  const bool has_held = WarnOfHeld(result->held, context.console);
  const bool is_damaged =
      WarnOfDamage(result->inputs, context.console) || has_held || has_other_files;
  if (!result->publishing_problem.empty()) {
    context.console.Error(absl::StrCat("the new records have been collected and counted, but ",
                                       result->publishing_problem));
    return kFailed;
  }
  context.console.Tell(Outcome(*result, store.directory()));
  if (textfile->has_value()) {
    const absl::Status updated =
        UpdateTextfile(**textfile, store, {.now = context.now, .keep_days = retention->days});
    if (!updated.ok()) {
      context.console.Error(absl::StrCat("the new records have been collected and counted, but ",
                                         "TEXTFILE is not up to date: ", updated.message()));
      return kFailed;
    }
  }
  return is_damaged || !result->set_aside.empty() ? kDamagedInput : kDone;
}

}  // namespace cpuagg::tools
