#include "aggregate/collect/new_records.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/recognition.h"
#include "acct/rotation/rotation.h"
#include "acct/rotation/sealed_cursor.h"
#include "acct/scan/duplicate_detector.h"
#include "aggregate/collect/read_range.h"

namespace cpuagg::aggregate {
namespace {

using acct::Cursor;
using acct::Generation;
using acct::KnownGeneration;
using acct::UnreadRange;

// Whether the kernel may still write to each generation. It does not write to copies, which are
// ignored here, nor to generations that were already complete and have not changed.
std::vector<bool> FindGrowing(const std::vector<Generation>& generations,
                              const std::vector<KnownGeneration>& known,
                              const std::vector<Cursor>& cursors, absl::Time now) {
  constexpr absl::Duration kFresh = absl::Minutes(1);
  std::vector<size_t> candidates;
  std::vector<acct::GenerationState> states;
  for (size_t g = 0; g < generations.size(); ++g) {
    const Generation& generation = generations[g];
    const Cursor* const cursor = known[g].cursor.has_value() ? &cursors[*known[g].cursor] : nullptr;
    const bool is_copy = known[g].holds_nothing_new && !generation.seal.has_value();
    const bool was_complete = generation.seal.has_value() && !cursor->may_grow;
    if (!generation.is_current && !generation.has_usual_name && (is_copy || was_complete)) continue;
    const absl::Duration age = now - absl::FromUnixNanos(generation.modified_nanos);
    candidates.push_back(g);
    states.push_back(
        {.is_current = generation.is_current,
         .has_records = generation.has_usual_name && generation.size >= acct::kPackedV1Bytes,
         .has_grown = generation.has_usual_name && cursor != nullptr &&
                      !generation.seal.has_value() && !known[g].holds_nothing_new &&
                      !generation.is_compressed &&
                      generation.size > known[g].resumes_at.value_or(cursor->offset),
         .is_fresh = absl::AbsDuration(age) < kFresh});
  }
  const std::vector<bool> may_grow = acct::MayGrow(states);
  std::vector<bool> result(generations.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const size_t g = candidates[i];
    const bool was_complete =
        generations[g].seal.has_value() && !cursors[*generations[g].seal].may_grow;
    result[g] = may_grow[i] && !generations[g].is_compressed &&
                (!was_complete || generations[g].is_current);
  }
  return result;
}

// Whether `cursor` has enough content to recognise its generation inside another file. A record
// with a process id is proof, unless all are alike, which only tests write. Without process ids it
// takes two different records, since short commands leave the same record several times.
bool IsProof(const Cursor& cursor) {
  if (cursor.head.size() < acct::kRecordBytes || cursor.tail.size() < acct::kRecordBytes) {
    return false;
  }
  const std::string first = cursor.head.substr(0, acct::kRecordBytes);
  if (cursor.offset >= 2 * acct::kRecordBytes) {
    return cursor.tail.substr(cursor.tail.size() - acct::kRecordBytes) != first;
  }
  const std::optional<acct::RecordView> record = acct::RecordAt(
      {reinterpret_cast<const uint8_t*>(first.data()), first.size()}, acct::RecordFormat());
  return record.has_value() && record->pid().value_or(0) != 0;
}

// Watches for the generations that were read before.
acct::DuplicateDetector WatchFor(const std::vector<Cursor>& cursors) {
  std::vector<std::string> heads(cursors.size());
  for (size_t c = 0; c < cursors.size(); ++c) {
    if (IsProof(cursors[c])) heads[c] = cursors[c].head.substr(0, acct::kPackedV1Bytes);
  }
  return acct::DuplicateDetector(std::move(heads));
}

// The bytes [begin, begin + count) of the content; fewer if it ends before.
absl::StatusOr<std::string> ContentAt(const Generation& generation, uint64_t begin,
                                      uint64_t count) {
  if (!generation.is_compressed) {
    const absl::StatusOr<acct::File> file = generation.Open();
    if (!file.ok()) return file.status();
    return file->ReadAt(begin, count);
  }
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> content = generation.OpenContent();
  if (!content.ok()) return content.status();
  std::string bytes;
  for (uint64_t position = 0; bytes.size() < count;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    const uint64_t skipped = std::min<uint64_t>(block->size(), begin - std::min(begin, position));
    const absl::Span<const uint8_t> part = block->subspan(skipped, count - bytes.size());
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
    position += block->size();
  }
  return bytes;
}

// The bytes before `end`, as many as a cursor keeps.
absl::StatusOr<std::string> BytesBefore(const Generation& generation, uint64_t end) {
  const uint64_t count = std::min(end, Cursor::kMarkBytes);
  if (count == 0) return std::string();
  return ContentAt(generation, end - count, count);
}

// One reading, and the known generations that it found.
class Reading {
 public:
  Reading(const ConsistentListing& consistent, const std::vector<Cursor>& cursors,
          const BucketTotals& totals, absl::Time now, acct::Progress* progress)
      : consistent_(consistent),
        cursors_(cursors),
        empty_totals_(totals),
        now_(now),
        progress_(progress) {}

  absl::StatusOr<NewRecords> Run() {
    absl::StatusOr<std::vector<KnownGeneration>> known =
        acct::Recognise(consistent_.generations, cursors_);
    if (!known.ok()) return known.status();
    known_ = *std::move(known);
    growing_ = FindGrowing(consistent_.generations, known_, cursors_, now_);
    for (const KnownGeneration& generation : known_) {
      last_end_.push_back(
          generation.cursor.has_value() ? cursors_[*generation.cursor].last_end_seconds : 0);
    }
    const acct::ReadPlan plan = acct::PlanReading(cursors_, known_);
    const acct::DuplicateDetector watch = WatchFor(cursors_);
    std::vector<KnownRecords> passed_over;
    std::vector<UnreadRange> ranges = plan.ranges;
    // Known records are noticed only after they have been counted. So everything is read again
    // without them, until no more are found.
    for (;;) {
      NewRecords result{.totals = empty_totals_, .known = passed_over};
      hits_.clear();
      if (absl::Status status = ReadSegments(ranges, watch, result); !status.ok()) {
        return status;
      }
      const absl::StatusOr<bool> has_more = PassOver(ranges, passed_over);
      if (!has_more.ok()) return has_more.status();
      if (*has_more) continue;
      // A generation that is found inside another file is not missing.
      for (const size_t c : plan.missing) {
        if (found_again_.contains(c)) continue;
        result.has_gap = true;
        const auto cut =
            std::find_if(known_.begin(), known_.end(), [&](const KnownGeneration& generation) {
              return generation.resumes_at.has_value() && generation.cursor == c;
            });
        if (cut != known_.end())
          result.cut_path = consistent_.generations[cut - known_.begin()].path;
      }
      return result;
    }
  }

 private:
  struct Hits {
    UnreadRange range;
    std::vector<acct::DuplicateHit> hits;
  };

  // The bytes that are read of the files for `ranges`. A compressed file is read from its
  // beginning.
  uint64_t BytesOf(const std::vector<UnreadRange>& ranges) const {
    uint64_t sum = 0;
    for (const UnreadRange& range : ranges) {
      const Generation& generation = consistent_.generations[range.generation];
      sum += generation.is_compressed ? generation.size
                                      : range.end.value_or(generation.size) - range.begin;
    }
    return sum;
  }

  absl::Status ReadSegments(const std::vector<UnreadRange>& ranges,
                            const acct::DuplicateDetector& watch, NewRecords& result) {
    std::vector<std::optional<Cursor>> reached(consistent_.generations.size());
    std::vector<int64_t> last_end = last_end_;
    std::vector<size_t> unfinished;  // generations at whose end something waits
    if (progress_ != nullptr) progress_->Expect(BytesOf(ranges));
    for (const UnreadRange& range : ranges) {
      const size_t g = range.generation;
      const Generation& generation = consistent_.generations[g];
      const Cursor* const cursor =
          known_[g].cursor.has_value() ? &cursors_[*known_[g].cursor] : nullptr;
      const bool goes_on = cursor != nullptr && range.begin == cursor->offset;
      const absl::StatusOr<std::string> before =
          goes_on ? cursor->tail : BytesBefore(generation, range.begin);
      if (!before.ok()) return before.status();
      hits_.push_back({.range = range});
      result.totals.scan_offset = consistent_.scan_offsets[g];
      absl::StatusOr<RangeRead> read =
          ReadRange(generation, range,
                    {.is_complete = !growing_[g],
                     .reported_torn_bytes = goes_on ? cursor->trailing_bytes : 0,
                     .format = {.latest_begin = acct::LatestBegin(now_)},
                     .before = *before,
                     .watch = cursors_.empty() ? nullptr : &watch,
                     .hits = &hits_.back().hits,
                     .progress = progress_},
                    result.totals);
      if (!read.ok()) return read.status();
      if (!read->span.empty()) last_end[g] = std::max(last_end[g], read->span.last_end);
      if (read->cursor.has_value()) {
        reached[g] = std::move(read->cursor);
        reached[g]->last_end_seconds = last_end[g];
      }
      const uint64_t reached_to = range.begin + read->account.bytes;
      // What follows a range that ends earlier has been read elsewhere.
      const bool is_at_end = range.end.value_or(generation.size) >= generation.size;
      const bool is_unfinished = growing_[g] && is_at_end && reached_to < generation.size;
      if (is_unfinished) unfinished.push_back(g);
      const bool has_waiting = is_unfinished && generation.size - reached_to >= acct::kRecordBytes;
      result.has_waiting |= has_waiting;
      const acct::HeldBytes held = std::exchange(read->account.held, {});
      if (held.bytes > 0 || has_waiting) {
        result.held.push_back({.name = generation.path,
                               .offset = reached_to,
                               .bytes = std::max(held.bytes, generation.size - reached_to),
                               .records = held.records,
                               .skipped = held.skipped,
                               .foreign_format = read->account.foreign_format});
      }
      if (read->account.bytes == 0 && !read->account.damaged()) {
        if (read->account.begins_otherwise && !has_waiting && held.bytes == 0) {
          result.other_files.push_back({.name = generation.path,
                                        .bytes = generation.size,
                                        .trailing_bytes = generation.size,
                                        .begins_otherwise = true});
        }
        continue;
      }
      read->account.name = generation.path;
      read->account.offset = range.begin;
      result.records += read->account.records;
      result.inputs.push_back(std::move(read->account));
    }
    // Copies get cursors of their own, by which the next run recognises them.
    for (size_t g = 0; g < consistent_.generations.size(); ++g) {
      const Generation& generation = consistent_.generations[g];
      if (!known_[g].holds_nothing_new || generation.seal.has_value()) continue;
      absl::StatusOr<Cursor> end = acct::CursorAtEnd(generation);
      if (!end.ok()) return end.status();
      for (const size_t u : unfinished) {
        const absl::StatusOr<bool> is_beyond = IsBeyond(generation, *end, u, reached[u]);
        if (!is_beyond.ok()) return is_beyond.status();
        if (!*is_beyond) continue;
        // What waits in the one has not been read in the other either.
        end = reached[u].value_or(Cursor());
        end->device = generation.device;
        end->inode = generation.inode;
      }
      end->last_end_seconds = last_end[g];
      if (end->offset > 0) reached[g] = *std::move(end);
    }
    AddEmpty(reached);
    result.cursors = acct::NextCursors(cursors_, known_, reached);
    MarkGrowing(reached, result.cursors);
    return absl::OkStatus();
  }

  // Whether `end`, the end of `copy`, is further than generation `original` was read, whose cursor
  // is `reached` (none if nothing of it was), and `copy` is a copy of it.
  absl::StatusOr<bool> IsBeyond(const Generation& copy, const Cursor& end, size_t original,
                                const std::optional<Cursor>& reached) const {
    if (reached.has_value() && end.offset <= reached->offset) return false;
    if (reached.has_value()) return IsThere(copy, *reached, 0);
    const absl::StatusOr<std::string> head =
        ContentAt(consistent_.generations[original], 0, end.head.size());
    if (!head.ok()) return head.status();
    return head->compare(0, acct::kPackedV1Bytes, end.head, 0, acct::kPackedV1Bytes) == 0;
  }

  // Also remembers an empty generation that the kernel writes to, if there have been records: if it
  // fills and disappears before the next run, that is a gap.
  void AddEmpty(std::vector<std::optional<Cursor>>& reached) const {
    const bool has_records =
        std::any_of(cursors_.begin(), cursors_.end(),
                    [](const Cursor& c) { return c.offset > 0; }) ||
        std::any_of(reached.begin(), reached.end(),
                    [](const std::optional<Cursor>& c) { return c.has_value() && c->offset > 0; });
    if (!has_records) return;
    for (size_t g = 0; g < consistent_.generations.size(); ++g) {
      const Generation& generation = consistent_.generations[g];
      if (generation.size > 0 || !growing_[g]) continue;
      reached[g] = {.device = generation.device,
                    .inode = generation.inode,
                    .sealed_nanos = generation.modified_nanos,
                    .born_nanos = generation.born_nanos};
    }
  }

  // Cursors are in the order of the generations; those of missing ones follow.
  void MarkGrowing(const std::vector<std::optional<Cursor>>& reached,
                   std::vector<Cursor>& cursors) const {
    size_t next = 0;
    for (size_t g = 0; g < consistent_.generations.size(); ++g) {
      const bool is_as_before = known_[g].cursor.has_value() && !known_[g].resumes_at.has_value();
      if (!reached[g].has_value() && !is_as_before) continue;
      cursors[next].may_grow = growing_[g];
      if (growing_[g]) cursors[next].born_nanos = consistent_.generations[g].born_nanos;
      if (!growing_[g]) cursors[next].TrimMarks();
      ++next;
    }
  }

  // Cuts the recognised parts out of `ranges`. Returns whether there were any.
  absl::StatusOr<bool> PassOver(std::vector<UnreadRange>& ranges,
                                std::vector<KnownRecords>& passed_over) {
    std::vector<UnreadRange> left;
    const size_t before = passed_over.size();
    for (const Hits& found : hits_) {
      UnreadRange rest = found.range;
      const Generation& generation = consistent_.generations[rest.generation];
      // If several generations have the same beginning, such as a whole one and copies of it,
      // chooses the longest.
      std::vector<acct::DuplicateHit> hits = found.hits;
      std::sort(hits.begin(), hits.end(),
                [&](const acct::DuplicateHit& a, const acct::DuplicateHit& b) {
                  return std::tuple(a.offset, cursors_[b.head].offset) <
                         std::tuple(b.offset, cursors_[a.head].offset);
                });
      for (const acct::DuplicateHit& hit : hits) {
        if (hit.offset < rest.begin || known_[rest.generation].cursor == hit.head) continue;
        const absl::StatusOr<bool> is_there = IsThere(generation, cursors_[hit.head], hit.offset);
        if (!is_there.ok()) return is_there.status();
        const uint64_t end = hit.offset + cursors_[hit.head].offset;
        if (!*is_there || (rest.end.has_value() && end > *rest.end)) continue;
        passed_over.push_back({generation.path, hit.offset, end});
        found_again_.insert(hit.head);
        int64_t& last_end = last_end_[rest.generation];
        last_end = std::max(last_end, cursors_[hit.head].last_end_seconds);
        left.push_back({rest.generation, rest.begin, hit.offset});
        rest.begin = end;
      }
      left.push_back(rest);
    }
    ranges = std::move(left);
    return passed_over.size() > before;
  }

  static absl::StatusOr<bool> IsThere(const Generation& generation, const Cursor& cursor,
                                      uint64_t offset) {
    const absl::StatusOr<std::string> tail =
        ContentAt(generation, offset + cursor.offset - cursor.tail.size(), cursor.tail.size());
    if (!tail.ok()) return tail.status();
    return *tail == cursor.tail;
  }

  const ConsistentListing& consistent_;
  const std::vector<Cursor>& cursors_;
  const BucketTotals& empty_totals_;
  absl::Time now_;
  acct::Progress* progress_;
  std::vector<KnownGeneration> known_;
  std::vector<bool> growing_;
  std::vector<int64_t> last_end_;  // of what had been read of each generation; see acct::Cursor
  std::vector<Hits> hits_;
  std::set<size_t> found_again_;  // cursors
};

}  // namespace

absl::StatusOr<NewRecords> ReadNewRecords(const ConsistentListing& consistent,
                                          const std::vector<acct::Cursor>& cursors,
                                          const BucketTotals& totals, absl::Time now,
                                          acct::Progress* progress) {
  return Reading(consistent, cursors, totals, now, progress).Run();
}

}  // namespace cpuagg::aggregate
