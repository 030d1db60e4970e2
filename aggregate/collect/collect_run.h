// What one collect run reads and finds, up to the snapshot that it would publish. Nothing is
// changed, and no lock is needed.

#ifndef CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_
#define CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_pause.h"
#include "acct/kernel/accounting_probe.h"
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
  // Hours, days and months are those of this zone.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  Retention retention = {};
  absl::Duration lock_timeout = absl::Seconds(5);
  // When this machine booted, by its clock, as far as that is known.
  std::optional<absl::Time> booted_at = std::nullopt;
  // Whether the directory's answers are kept for an hour, in the store, so that it is not asked at
  // each run.
  bool remember_names = false;
  // Gives the processes that run, to count what they have used so far; null to leave them alone.
  ProcessReader read_processes = nullptr;
  // Tells by the record of a process that ends now whether the accounting file is of the same
  // processes; null to take that for granted. See aggregate/running/accounting_trust.h.
  std::function<absl::StatusOr<acct::AccountingProbe>()> probe = nullptr;
  // See acct/kernel/accounting_pause.h.
  std::string accounting_limits = acct::kAccountingLimits;
  // Looks again, for a moment, whether the kernel writes to the accounting file, where the record
  // of `probe` has not come for the first time (a rotation may have turned accounting off just
  // then), or only one like it with another process id. Null to believe it at once.
  std::function<bool()> is_written_to = nullptr;
  // Somebody has named the /proc, and vouches for it.
  bool is_proc_named = false;
};

struct CollectResult {
  uint64_t records = 0;
  std::vector<acct::ByteAccount> inputs;  // of the parts read now, oldest first
  std::vector<Gap> gaps;                  // found now
  // Records in the midst of files that have been counted before; and what lies among the
  // generations and is none.
  std::vector<KnownRecords> known_records;
  std::vector<acct::PassedOver> passed_over;
  // Whether accounting is on, and whether that has changed since the run before.
  AccountingState accounting;
  bool accounting_has_changed = false;
  // Why running processes are not counted, if they should be; empty if they are.
  std::string running_problem;
  // Why some of them may be missing, if they are counted; empty if none is.
  std::string hidden_processes;
  // The users that are by their ids until a later run finds out what they are called, and why.
  UnknownNames unknown_names;
  // The snapshots that were found damaged and set aside, and how they are damaged.
  std::vector<std::string> set_aside;
  // The runs that this one has read again, since some of them were damaged or missing.
  std::optional<Runs> read_again;
  // Why a crash may undo what this run has published; empty if it may not.
  std::string publishing_problem;
  // Why old snapshots could not be merged, which the next run will try again; empty if they could.
  std::string compaction_problem;
  // What Retention::days made the store forget; and why it forgot nothing, although it should have.
  std::vector<Runs> forgotten;
  std::string keeps_all_because;
};

// A snapshot that may be published, and what is to be said of it.
struct Draft {
  Snapshot snapshot;
  CollectResult result;
  bool has_news = false;
  // What is remembered of the user directory, if that has changed.
  std::optional<NameMemory> names;
};

// Where the store keeps what is remembered of the user directory.
std::string NamesPath(const SnapshotStore& store);

// Looks around, reads what is new after `position`, which is of `store`, and asks `directory` for
// names. If runs of the last days are missing in the midst of the store, all that came since then
// is read again, if it is there; the draft takes the place of the later snapshots. Errors as those
// of Collect().
absl::StatusOr<Draft> PrepareRun(const SnapshotStore& store, UserDirectory& directory,
                                 const CollectOptions& options, const Position& position);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_COLLECT_COLLECT_RUN_H_
