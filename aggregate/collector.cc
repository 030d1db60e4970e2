#include "aggregate/collector.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/cursor.h"
#include "acct/open_source.h"
#include "acct/process_table.h"
#include "acct/read_plan.h"
#include "acct/rotation.h"
#include "aggregate/aggregator.h"
#include "aggregate/running.h"
#include "aggregate/snapshot.h"

namespace cpuagg::aggregate {
namespace {

constexpr int64_t kBucketSeconds = 3600;

// How far past a full UTC hour the hours of `zone` begin: zero for most, half an hour for India.
int64_t HourPhase(absl::TimeZone zone, absl::Time now) {
  const int64_t offset = zone.At(now).offset;
  return (kBucketSeconds - offset % kBucketSeconds) % kBucketSeconds;
}

// Content from some offset on, all of which leaves its marks.
class MarkedSource : public acct::ByteSource {
 public:
  MarkedSource(std::unique_ptr<acct::ByteSource> source, uint64_t begin)
      : source_(std::move(source)), missing_(begin) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    for (;;) {
      absl::StatusOr<absl::Span<const uint8_t>> block = source_->Next();
      if (!block.ok() || block->empty()) return block;
      marks_.Add(*block);
      const uint64_t passed = std::min<uint64_t>(missing_, block->size());
      missing_ -= passed;
      block->remove_prefix(passed);
      if (!block->empty()) return block;
    }
  }
  void WillRead(absl::Span<const uint8_t>) const override {}
  const std::string& damage() const override { return source_->damage(); }
  uint64_t size_hint() const override { return 0; }

  acct::Cursor cursor() const { return marks_.cursor(); }

 private:
  std::unique_ptr<acct::ByteSource> source_;
  uint64_t missing_;
  acct::Marks marks_;
};

struct ReadSegment {
  acct::InputAccount account;
  // How far the generation has been read; nullopt if nothing of it was.
  std::optional<acct::Cursor> cursor;
};

// A torn record at the end is left for the next run, when its writer may have completed it.
absl::StatusOr<ReadSegment> ReadPlain(const acct::Generation& generation, uint64_t begin,
                                      uint64_t end, BucketTotals& totals) {
  absl::StatusOr<acct::File> file = generation.file.Duplicate();
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source =
      acct::MapSource(*std::move(file), begin, end);
  if (!source.ok()) return source.status();
  absl::StatusOr<acct::InputAccount> account = Aggregate(**source, {.base = begin}, totals);
  if (!account.ok()) return account.status();
  account->bytes -= std::exchange(account->trailing_bytes, 0);
  ReadSegment read{.account = *std::move(account)};
  const uint64_t reached = begin + read.account.bytes;
  if (reached > 0) {
    absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(generation.file, reached);
    if (!cursor.ok()) return cursor.status();
    read.cursor = *std::move(cursor);
  }
  return read;
}

// What is compressed is complete: it is sealed, and what is torn at its end stays so.
absl::StatusOr<ReadSegment> ReadCompressed(const acct::Generation& generation, uint64_t begin,
                                           BucketTotals& totals) {
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> content = acct::OpenContent(generation);
  if (!content.ok()) return content.status();
  MarkedSource source(*std::move(content), begin);
  absl::StatusOr<acct::InputAccount> account = Aggregate(source, {.base = begin}, totals);
  if (!account.ok()) return account.status();
  ReadSegment read{.account = *std::move(account), .cursor = source.cursor()};
  read.cursor->device = generation.device;
  read.cursor->inode = generation.inode;
  read.cursor->sealed_bytes = generation.size;
  read.cursor->sealed_nanos = generation.modified_nanos;
  return read;
}

// The cursors of all generations: `read` are those of the ones that were read now, newest first and
// by the index of the cursor that they replace; the others of `previous` are kept. Those whose
// generation is gone come last, and are forgotten in the end.
std::vector<acct::Cursor> NextCursors(const std::vector<acct::Cursor>& previous,
                                      const std::vector<acct::KnownGeneration>& generations,
                                      const std::vector<std::optional<acct::Cursor>>& read) {
  constexpr size_t kMostRemembered = 100;
  std::vector<acct::Cursor> next;
  std::vector<bool> is_kept(previous.size());
  for (size_t g = 0; g < generations.size(); ++g) {
    const std::optional<size_t> known = generations[g].cursor;
    if (read[g].has_value()) {
      next.push_back(*read[g]);
      if (known.has_value()) is_kept[*known] = true;
    }
  }
  for (const bool is_present : {true, false}) {
    for (size_t c = 0; c < previous.size(); ++c) {
      const bool is_here =
          std::any_of(generations.begin(), generations.end(),
                      [c](const acct::KnownGeneration& known) { return known.cursor == c; });
      if (is_kept[c] || is_here != is_present || next.size() >= kMostRemembered) continue;
      next.push_back(previous[c]);
      next.back().is_gone = !is_present;
    }
  }
  return next;
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

  // Before the file, so that whoever ends from now on is known when the record comes.
  CollectResult result;
  std::optional<acct::ProcessTable> processes;
  if (options.process_root.has_value()) {
    absl::StatusOr<acct::ProcessTable> table = acct::ReadProcessTable(*options.process_root);
    if (table.ok()) {
      processes = *std::move(table);
    } else {
      result.running_problem = std::string(table.status().message());
    }
  }

  absl::StatusOr<std::vector<acct::Generation>> generations =
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
  RunningCarry running = previous->has_value() ? (*previous)->running : RunningCarry();
  const acct::ProcessTable* const table = processes.has_value() ? &*processes : nullptr;
  totals.watched_pids = PidsToWatch(running, table);
  std::vector<std::optional<acct::Cursor>> reached(generations->size());
  for (const acct::Segment& segment : plan.segments) {
    const acct::Generation& generation = (*generations)[segment.generation];
    absl::StatusOr<ReadSegment> read =
        segment.end.has_value() ? ReadPlain(generation, segment.begin, *segment.end, totals)
                                : ReadCompressed(generation, segment.begin, totals);
    if (!read.ok()) return read.status();
    reached[segment.generation] = std::move(read->cursor);
    if (read->account.bytes == 0 && !read->account.damaged()) continue;
    read->account.name = generation.file.path();
    result.records += read->account.records;
    result.inputs.push_back(std::move(read->account));
  }
  if (plan.has_gap) {
    result.gaps.push_back(
        {.period = {.begin = (*previous)->captured_at, .end = options.now},
         .reason = absl::StrCat("the accounting file that was read last is neither ",
                                options.accounting_file,
                                " nor one of its rotated generations any more; what was added to "
                                "it since is unknown")});
  }
  snapshot.cursors = NextCursors(cursors, *known, reached);
  const int64_t now = absl::ToUnixSeconds(options.now);
  UserBucketTable running_changes;
  if (totals.records_without_pid == 0) {
    UpdateRunning(
        table, totals.exits, now, [&](int64_t time) { return totals.BucketOf(time); }, running,
        running_changes);
  } else {
    ForgetRunning(totals.BucketOf(now), running, running_changes);
    result.running_problem = "the records of this kernel have no process ids";
  }
  // Most processes sleep most of the time, and change nothing.
  bool has_changes = false;
  for (const auto& [key, change] : running_changes) {
    if (change.running_user == 0 && change.running_system == 0) continue;
    totals.usage[key] += change;
    has_changes = true;
  }
  const bool has_news =
      !result.inputs.empty() || plan.has_gap || snapshot.cursors != cursors || has_changes;
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
  snapshot.running = std::move(running);
  if (absl::Status status = store.Publish(snapshot); !status.ok()) return status;
  return result;
}

}  // namespace cpuagg::aggregate
