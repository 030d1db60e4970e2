#include "aggregate/collector.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/byte_source.h"
#include "acct/cursor.h"
#include "acct/open_source.h"
#include "acct/read_plan.h"
#include "acct/rotation.h"
#include "aggregate/aggregator.h"
#include "aggregate/snapshot.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kBucketSeconds = 3600;

// How far past a full UTC hour the hours of `zone` begin: zero for most, half an hour for India.
int64_t HourPhase(absl::TimeZone zone, absl::Time now) {
  const int64_t offset = zone.At(now).offset;
  return (kBucketSeconds - offset % kBucketSeconds) % kBucketSeconds;
}

// Reads one segment into `totals` and returns its account. A torn record at the end is left
// for the next run, when its writer may have completed it.
absl::StatusOr<acct::InputAccount> ReadSegment(const acct::OpenGeneration& generation,
                                               const acct::Segment& segment, BucketTotals& totals) {
  absl::StatusOr<acct::File> file = generation.file.Duplicate();
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
      acct::MapSource(*std::move(file), segment.begin, segment.end);
  if (!source.ok()) return source.status();
  absl::StatusOr<acct::InputAccount> account = Aggregate(**source, {.base = segment.begin}, totals);
  if (!account.ok()) return account.status();
  account->name = generation.file.path();
  account->bytes -= std::exchange(account->trailing_bytes, 0);
  return account;
}

}  // namespace

absl::StatusOr<CollectResult> Collect(const SnapshotStore& store, UserDirectory& directory,
                                      const CollectOptions& options) {
  absl::StatusOr<StoreLock> lock = store.Lock(options.lock_patience);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<std::optional<Snapshot>> previous = store.LoadNewest();
  if (!previous.ok()) return previous.status();
  const std::vector<acct::Cursor> cursors =
      previous->has_value() ? (*previous)->cursors : std::vector<acct::Cursor>();

  absl::StatusOr<std::vector<acct::OpenGeneration>> generations =
      acct::OpenGenerations(options.accounting_file);
  if (!generations.ok()) return generations.status();
  absl::StatusOr<std::vector<acct::KnownGeneration>> known = acct::Recognise(*generations, cursors);
  if (!known.ok()) return known.status();
  const acct::ReadPlan plan = acct::PlanReading(cursors, *known);

  Snapshot snapshot;
  snapshot.sequence = previous->has_value() ? (*previous)->sequence + 1 : 1;
  snapshot.host = options.host;
  snapshot.captured_at = options.now;

  BucketTotals totals{.width = kBucketSeconds, .phase = HourPhase(options.time_zone, options.now)};
  CollectResult result;
  bool has_news = plan.has_gap;
  for (const acct::Segment& segment : plan.segments) {
    const acct::OpenGeneration& generation = (*generations)[segment.generation];
    absl::StatusOr<acct::InputAccount> account = ReadSegment(generation, segment, totals);
    if (!account.ok()) return account.status();
    const uint64_t reached = segment.begin + account->bytes;
    if (reached > 0) {
      absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(generation.file, reached);
      if (!cursor.ok()) return cursor.status();
      snapshot.cursors.insert(snapshot.cursors.begin(), *std::move(cursor));
    }
    if (account->bytes == 0) continue;
    has_news = true;
    result.records += account->records;
    result.inputs.push_back(*std::move(account));
  }
  if (plan.has_gap) {
    result.gaps.push_back(
        {.period = {.begin = (*previous)->captured_at, .end = options.now},
         .reason = absl::StrCat("the accounting file that was read last is neither ",
                                options.accounting_file, " nor ", options.accounting_file,
                                ".0 any more; what was added to it since is unknown")});
  }
  if (!has_news) return result;

  snapshot.bucket_seconds = totals.width;
  snapshot.usage = std::move(totals.usage);
  snapshot.span = totals.span;
  for (const auto& [key, usage] : snapshot.usage) {
    if (snapshot.names.contains(key.uid)) continue;
    std::optional<std::string> name = directory.NameOf(key.uid);
    if (name.has_value()) snapshot.names.emplace(key.uid, *std::move(name));
  }
  snapshot.inputs = result.inputs;
  snapshot.gaps = result.gaps;
  if (absl::Status status = store.Publish(snapshot); !status.ok()) return status;
  return result;
}

}  // namespace cpuagg::aggregate
