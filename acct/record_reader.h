// ReadRecords: a whole input, record by record, on one thread or several.
//
//   struct Tally {
//     void Add(RecordV3View record);
//     Tally Fresh() const;            // an empty one with the same settings, for another thread
//     void Merge(const Tally& other);
//   };
//   absl::StatusOr<acct::InputAccount> account = acct::ReadRecords(*source, {.threads = 2}, tally);

#ifndef CPUAGG_ACCT_RECORD_READER_H_
#define CPUAGG_ACCT_RECORD_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <thread>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "acct/layout.h"
#include "acct/record_scanner.h"
#include "acct/record_v3_view.h"

namespace cpuagg::acct {

struct ReadOptions {
  uint64_t base = 0;   // the offset of the source's first byte within its file
  size_t threads = 1;  // at most; small inputs and streams are read by one
};

// Adds each record of `source` to `tally`, and accounts for every byte. The result does not depend
// on the number of threads as long as that of Add() and Merge() does not depend on their order. On
// an error `tally` is of no use (see ByteSource::Next).
template <typename Tally>
absl::StatusOr<InputAccount> ReadRecords(ByteSource& source, const ReadOptions& options,
                                         Tally& tally);

namespace internal {

// Moves `thread` away from the processor that the caller runs on, if it may run on others: a new
// thread is often left there for longer than it takes to read a whole file.
void StartElsewhere(std::thread& thread);

// Adds records to a tally, never more at once than a sum holds for sure.
template <typename Tally>
class Batch {
 public:
  explicit Batch(Tally& tally) : tally_(tally), local_(tally.Fresh()) {}

  void Scan(RecordScanner& scanner, absl::Span<const uint8_t> block) {
    constexpr size_t kBatchBytes = (kMaxRecordsPerTally - 1) / 2 * kRecordBytes;
    for (size_t at = 0; at < block.size(); at += kBatchBytes) {
      const absl::Span<const uint8_t> piece = block.subspan(at, kBatchBytes);
      if (bytes_ + piece.size() > 2 * kBatchBytes) Settle();
      bytes_ += piece.size();
      scanner.Scan(piece, Sink());
    }
  }
  void Finish(RecordScanner& scanner) {
    scanner.Finish(Sink());
    Settle();
  }

 private:
  auto Sink() {
    return [this](RecordV3View record) ABSL_ATTRIBUTE_ALWAYS_INLINE { local_.Add(record); };
  }
  void Settle() {
    tally_.Merge(local_);
    local_ = tally_.Fresh();
    bytes_ = 0;
  }

  Tally& tally_;
  Tally local_;
  uint64_t bytes_ = 0;
};

template <typename Tally>
InputAccount ReadPart(const ByteSource& source, absl::Span<const uint8_t> part, uint64_t base,
                      Tally& tally) {
  // As much as the second-level cache holds.
  constexpr size_t kWindowBytes = size_t{1} << 21;
  RecordScanner scanner(base);
  Batch<Tally> batch(tally);
  for (size_t at = 0; at < part.size(); at += kWindowBytes) {
    const absl::Span<const uint8_t> window = part.subspan(at, kWindowBytes);
    source.WillRead(window);
    batch.Scan(scanner, window);
  }
  batch.Finish(scanner);
  return scanner.account();
}

template <typename Tally>
InputAccount ReadDivided(const ByteSource& source, absl::Span<const uint8_t> block,
                         const ReadOptions& options, Tally& tally) {
  struct Worker {
    Tally tally;
    InputAccount account;
    std::thread thread;
  };
  const std::vector<absl::Span<const uint8_t>> parts =
      RecordScanner::Divide(block, options.threads);
  std::list<Worker> workers;
  uint64_t base = options.base + parts[0].size();
  for (size_t i = 1; i < parts.size(); ++i) {
    Worker& worker = workers.emplace_back(Worker{.tally = tally.Fresh()});
    worker.thread = std::thread([&source, &worker, part = parts[i], base] {
      worker.account = ReadPart(source, part, base, worker.tally);
    });
    base += parts[i].size();
  }
  InputAccount account = ReadPart(source, parts[0], options.base, tally);
  for (Worker& worker : workers) {
    worker.thread.join();
    tally.Merge(worker.tally);
    account.Append(worker.account);
  }
  return account;
}

}  // namespace internal

template <typename Tally>
absl::StatusOr<InputAccount> ReadRecords(ByteSource& source, const ReadOptions& options,
                                         Tally& tally) {
  absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
  if (!block.ok()) return block.status();
  if (block->size() == source.size_hint()) {
    // The whole input at once, as a memory map gives it. A thread takes as long to begin as half a
    // megabyte to read.
    constexpr size_t kWorthAThread = size_t{4} << 20;
    const ReadOptions limited = {
        .base = options.base,
        .threads = std::min(options.threads, 1 + block->size() / kWorthAThread)};
    InputAccount account = internal::ReadDivided(source, *block, limited, tally);
    block = source.Next();
    if (!block.ok()) return block.status();
    account.cut_short = source.damage();
    return account;
  }
  RecordScanner scanner(options.base);
  internal::Batch<Tally> batch(tally);
  while (!block->empty()) {
    batch.Scan(scanner, *block);
    block = source.Next();
    if (!block.ok()) return block.status();
  }
  batch.Finish(scanner);
  InputAccount account = scanner.account();
  account.cut_short = source.damage();
  return account;
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_READER_H_
