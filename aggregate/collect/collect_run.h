// Prepares a collect run: reads what is new, and builds the snapshot to publish. Changes nothing
// and needs no lock.

#ifndef CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_
#define CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/io/progress.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/kernel/cpu_times.h"
#include "acct/rotation/rotation.h"
#include "acct/scan/byte_account.h"
#include "aggregate/collect/consistent_listing.h"
#include "aggregate/collect/new_records.h"
#include "aggregate/collect/position.h"
#include "aggregate/names/name_memory.h"
#include "aggregate/names/user_directory.h"
#include "aggregate/report/report.h"
#include "aggregate/running/accounting_state.h"
#include "aggregate/snapshot/snapshot.h"
#include "aggregate/store/compaction.h"
#include "aggregate/store/snapshot_store.h"

namespace cpuagg::aggregate {

struct CollectOptions {
  acct::AccountingFiles files;
  std::string host;
  absl::Time now;
  // The zone of the hours, days and months.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  Retention retention = {};
  absl::Duration lock_timeout = absl::Seconds(5);
  // When this machine booted, by its current clock, if known.
  std::optional<absl::Time> booted_at = std::nullopt;
  // Whether the store keeps the directory's answers for an hour, so that not every run has to ask
  // again.
  bool remember_names = false;
  // Answers that the store keeps count only with this one, which is AccountsVersion()
  // (aggregate/names/account_files.h) before the run.
  std::string accounts_version = {};
  // Reads the running processes, to count what they have used so far. Null: does not count them.
  ProcessReader read_processes = nullptr;
  // Reads the machine's counters, to tell how much of it was used. Null: does not keep them.
  std::function<absl::StatusOr<acct::CpuTimes>()> read_cpu_times = nullptr;
  // Ends a process and returns what its record will have, to check that the accounting file is for
  // the same processes. Null: assumes that it is. See aggregate/running/accounting_trust.h.
  std::function<absl::StatusOr<acct::AccountingProbe>()> probe = nullptr;
  // The path of the kernel's limits; see acct/kernel/accounting_pause.h.
  std::string accounting_limits = acct::kAccountingLimits;
  // Checks once more, briefly, whether the kernel writes to the accounting file. Called if the
  // record of `probe` is missing for the first time (a rotation may just have turned accounting
  // off), or if only a similar record with another process id came. Null: believes it at once.
  std::function<bool()> is_written_to = nullptr;
  // The user named the /proc explicitly and so vouches for it.
  bool is_proc_named = false;
  // Learns what is to be read and what has been. May be null.
  acct::Progress* progress = nullptr;
};

struct CollectResult {
  uint64_t records = 0;
  uint64_t running = 0;                        // the processes that run, if they are counted
  std::vector<acct::ByteAccount> inputs;       // of the parts read by this run, oldest first
  std::vector<acct::ByteAccount> held;         // as in NewRecords
  std::vector<acct::ByteAccount> other_files;  // as in NewRecords
  std::vector<Gap> gaps;                       // found by this run
  // Records inside files that had already been counted, and files next to the generations that are
  // not generations.
  std::vector<KnownRecords> known_records;
  std::vector<acct::PassedOver> passed_over;
  // Whether accounting is on, and whether that has changed since the previous run.
  AccountingState accounting;
  bool accounting_has_changed = false;
  // Why running processes are not counted although they should be; empty if they are.
  std::string running_problem;
  // Why some running processes may be missing from the count; empty if none is.
  std::string hidden_processes;
  // Why the time since the last run does not count for how much of the machine was used, although
  // it should; empty if it does.
  std::string capacity_problem;
  // The users that appear by id until a later run learns their names, and why.
  UnknownNames unknown_names;
  // The damaged snapshots that were set aside, each with its problem.
  std::vector<std::string> set_aside;
  // The runs whose records this run has read again, because some of their snapshots were damaged or
  // missing.
  std::optional<Runs> read_again;
  // Why a crash may undo what this run has published; empty if it cannot.
  std::string publishing_problem;
  // Why old snapshots could not be merged; empty if they could. The next run tries again.
  std::string compaction_problem;
  // The runs that the store deleted because of Retention::days, and why it deleted none although it
  // should have.
  std::vector<Runs> forgotten;
  // When the oldest usage begins that is older than Retention::days and stays, because a recent run
  // read it, or it is merged with what is more recent.
  std::optional<absl::Time> oldest_kept;
  std::string keeps_all_because;
};

// A snapshot ready to be published, and the result to report.
struct Draft {
  Snapshot snapshot;
  CollectResult result;
  bool has_news = false;
  // The new content of the name memory, if it has changed.
  std::optional<NameMemory> names;
};

// The file in which the store keeps the user directory's answers.
inline std::string NamesPath(const SnapshotStore& store) { return store.directory() + "/names.pb"; }

// Lists the generations, reads what is new after `position`, which is a position in `store`, and
// asks `directory` for names. If runs of the last days are missing inside the store, reads
// everything since then again, provided that it still exists; the draft then replaces the later
// snapshots. Returns the errors of Collect().
absl::StatusOr<Draft> PrepareRun(const SnapshotStore& store, UserDirectory& directory,
                                 const CollectOptions& options, const Position& position);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_
