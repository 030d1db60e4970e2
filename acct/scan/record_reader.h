// ReadRecords: reads a whole input, record by record, on one thread or several.
//
//   struct Accumulator {
//     // `record` is a RecordV3View or a RecordView, valid during the call, and `offset` its place.
//     template <typename Record>
//     void Add(const Record& record, uint64_t offset);
//     // An empty one with the same settings, for another thread.
//     Accumulator Fresh() const;
//     void Merge(Accumulator other);
//     // Optional: see acct/scan/record_scanner.h.
//     size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset);
//     // Optional: whether several threads read `input` faster than one, despite the merging.
//     bool GainsFromThreads(absl::Span<const uint8_t> input) const;
//   };
//   absl::StatusOr<acct::ByteAccount> account =
//       acct::ReadRecords(*source, {.threads = 2}, accumulator);

#ifndef CPUAGG_ACCT_SCAN_RECORD_READER_H_
#define CPUAGG_ACCT_SCAN_RECORD_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/start_thread.h"
#include "acct/record/layout.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/duplicate_detector.h"
#include "acct/scan/read_options.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::acct {

// Adds each record of `source` to `accumulator`, and accounts for every byte. The result does not
// depend on the number of threads if the results of Add() and Merge() do not depend on their order.
// After an error the content of `accumulator` is meaningless (see ByteSource::Next).
template <typename Accumulator>
absl::StatusOr<ByteAccount> ReadRecords(ByteSource& source, const ReadOptions& options,
                                        Accumulator& accumulator);

namespace internal {

// The sink of a RecordScanner: adds to an accumulator.
template <typename Accumulator>
struct BatchSink {
  Accumulator& accumulator;

  template <typename Record>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void operator()(const Record& record, uint64_t offset) {
    accumulator.Add(record, offset);
  }
  size_t AddRegular(const uint8_t* begin, const uint8_t* end, uint64_t offset) requires requires {
    accumulator.AddRegular(begin, end, offset);
  }
  { return accumulator.AddRegular(begin, end, offset); }
};

// Adds records to an accumulator, and never more at once than a sum can safely hold.
template <typename Accumulator>
class Batch {
 public:
  explicit Batch(Accumulator& accumulator)
      : accumulator_(accumulator), local_(accumulator.Fresh()) {}

  // The sink for a RecordScanner. Valid as long as the batch.
  auto Sink() { return BatchSink<Accumulator>{local_}; }
  // Announces that the next `bytes` bytes are about to be scanned.
  void Expect(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > kMaxRecordsPerAccumulator * kPackedV1Bytes) FlushLocal(bytes);
  }
  void Finish() { FlushLocal(0); }

 private:
  void FlushLocal(size_t expected) {
    accumulator_.Merge(std::move(local_));
    local_ = accumulator_.Fresh();
    bytes_ = expected;
  }

  Accumulator& accumulator_;
  Accumulator local_;
  uint64_t bytes_ = 0;
};

// About the size of the second-level cache.
inline constexpr size_t kWindowBytes = size_t{1} << 21;

// One thread's part of an input that is completely in memory.
template <typename Accumulator>
struct Part {
  size_t begin;
  Accumulator accumulator;
  RecordScanner scanner;
  size_t stop = 0;  // where the next part begins
  size_t reached = begin;
  std::thread thread = {};

  // Continues from `reached` to `stop`.
  void Read(const ByteSource& source, absl::Span<const uint8_t> input) {
    Batch<Accumulator> batch(accumulator);
    while (reached < stop) {
      const absl::Span<const uint8_t> window =
          input.subspan(reached, std::min(kWindowBytes, stop - reached));
      source.WillRead(window);
      // A record that begins in the window may end after it.
      batch.Expect(window.size() + kRecordBytes);
      const size_t last = reached;
      reached = scanner.ScanWhole(input, reached, reached + window.size(), batch.Sink());
      if (reached == last) break;
    }
    batch.Finish();
  }
};

template <typename Accumulator>
ByteAccount ReadDivided(const ByteSource& source, absl::Span<const uint8_t> input,
                        const ReadOptions& options, Accumulator& accumulator) {
  const auto part_from = [&](size_t begin) {
    Part<Accumulator> part = {.begin = begin,
                              .accumulator = accumulator.Fresh(),
                              .scanner = RecordScanner(options.base + begin, options.format)};
    if (options.may_grow) part.scanner.MayGrow();
    return part;
  };
  std::list<Part<Accumulator>> parts;
  parts.push_back(part_from(0));
  parts.back().scanner.GoOnBehind(options.before);
  for (size_t i = 1; i < options.threads; ++i) {
    // The first thread has to start the others.
    const size_t begin = RecordScanner::FindRecord(input, input.size() / options.threads * i);
    if (begin > parts.back().begin && begin < input.size()) parts.push_back(part_from(begin));
  }
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const auto next = std::next(part);
    part->stop = next == parts.end() ? input.size() : next->begin;
    if (part == parts.begin()) continue;
    part->thread = StartThread([&source, &part = *part, input] { part.Read(source, input); });
  }
  // Reads the first part, and the parts that got no thread.
  for (Part<Accumulator>& part : parts) {
    if (!part.thread.joinable()) part.Read(source, input);
  }
  for (Part<Accumulator>& part : parts) {
    if (part.thread.joinable()) part.thread.join();
  }

  // A part is used if the part before it ended exactly where it begins. If damage prevents that,
  // the part before it reads on to the end instead.
  ByteAccount account;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const auto next = std::next(part);
    if (next != parts.end() && part->reached != next->begin) {
      parts.erase(next, parts.end());
      part->stop = input.size();
      part->Read(source, input);
    }
    if (std::next(part) == parts.end()) part->scanner.FinishWhole(input, part->reached);
    accumulator.Merge(std::move(part->accumulator));
    account.Add(part->scanner.account());
  }
  return account;
}

template <typename Accumulator>
absl::StatusOr<ByteAccount> ReadUnwatched(ByteSource& source, const ReadOptions& options,
                                          Accumulator& accumulator) {
  absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
  if (!block.ok()) return block.status();
  if (options.adds_directly && block->size() == source.size_hint()) {
    RecordScanner scanner(options.base, options.format);
    scanner.GoOnBehind(options.before);
    if (options.may_grow) scanner.MayGrow();
    source.WillRead(*block);
    const size_t reached =
        scanner.ScanWhole(*block, 0, block->size(), BatchSink<Accumulator>{accumulator});
    scanner.FinishWhole(*block, reached);
    block = source.Next();
    if (!block.ok()) return block.status();
    ByteAccount added = scanner.account();
    added.cut_short = source.damage();
    return added;
  }
  if (block->size() == source.size_hint()) {
    // The whole input at once, as from a memory map. Starting a thread takes as long as reading
    // half a megabyte.
    constexpr size_t kWorthAThread = size_t{4} << 20;
    ReadOptions limited = options;
    limited.threads = std::min(options.threads, 1 + block->size() / kWorthAThread);
    if constexpr (requires { accumulator.GainsFromThreads(*block); }) {
      if (limited.threads > 1 && !accumulator.GainsFromThreads(*block)) limited.threads = 1;
    }
    ByteAccount account = ReadDivided(source, *block, limited, accumulator);
    block = source.Next();
    if (!block.ok()) return block.status();
    account.cut_short = source.damage();
    return account;
  }
  RecordScanner scanner(options.base, options.format);
  scanner.GoOnBehind(options.before);
  Batch<Accumulator> batch(accumulator);
  while (!block->empty()) {
    batch.Expect(block->size());
    scanner.Scan(*block, batch.Sink());
    block = source.Next();
    if (!block.ok()) return block.status();
  }
  scanner.Finish(batch.Sink());
  batch.Finish();
  ByteAccount account = scanner.account();
  account.cut_short = source.damage();
  return account;
}

}  // namespace internal

template <typename Accumulator>
absl::StatusOr<ByteAccount> ReadRecords(ByteSource& source, const ReadOptions& options,
                                        Accumulator& accumulator) {
  if (options.watch == nullptr) return internal::ReadUnwatched(source, options, accumulator);
  WatchingAccumulator<Accumulator> watching{
      .watch = options.watch, .accumulator = std::exchange(accumulator, accumulator.Fresh())};
  absl::StatusOr<ByteAccount> account = internal::ReadUnwatched(source, options, watching);
  accumulator.Merge(std::move(watching.accumulator));
  options.hits->insert(options.hits->end(), watching.hits.begin(), watching.hits.end());
  return account;
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_RECORD_READER_H_
