// Fuzzes the scanner with arbitrary bytes: as a whole, in blocks, in windows, with two scanners and
// with several threads. Each way must give the same records and account for every byte.
//
// The input is four bytes of options (see Options), followed by the file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "acct/scan/record_scanner.h"
#include "acct/testing/fuzz_check.h"
#include "acct/testing/memory_source.h"

namespace cpuagg::acct {
namespace {

using testing::MemorySource;
using testing::Require;
using Bytes = absl::Span<const uint8_t>;

constexpr size_t kOptionBytes = 4;

struct Options {
  RecordFormat format;
  bool with_threads;
  size_t threads;
  size_t block_bytes;   // for a scan in blocks
  size_t window_bytes;  // for a scan in windows
  size_t divided_at;    // where a second scanner searches for its first record

  Options(Bytes bytes, size_t file_bytes)
      : with_threads((bytes[0] & 0x08) != 0),
        threads(2 + (bytes[0] >> 4) % 4),
        block_bytes(1 + size_t{bytes[1]}),
        window_bytes(1 + size_t{bytes[2]}),
        divided_at(file_bytes * bytes[3] / 256) {
    constexpr uint32_t kRates[] = {100, 1024, 1, 0xffff'ffff};
    format.big_endian_version0 = (bytes[0] & 0x01) != 0;
    format.default_rate = kRates[(bytes[0] >> 1) % 4];
  }
};

// A record as a scanner returned it.
struct Seen {
  uint64_t offset;
  int version;
  ByteOrder order;
  uint32_t uid;

  friend bool operator==(const Seen&, const Seen&) = default;
};

// Makes sure that the value is computed.
template <typename Value>
void Use(Value value) {
  volatile Value used = value;
  (void)used;
}

// Calls every accessor once. Ignores the results; the sanitizers check the calls.
template <typename Record>
void UseCommonAccessors(const Record& record) {
  Use(record.flags());
  Use(record.tty());
  Use(record.uid().value());
  Use(record.gid().value());
  Use(record.begin_time());
  Use(record.end_hundredths());
  Use(record.user_ticks());
  Use(record.system_ticks());
  Use(record.memory_kib());
  Use(record.io());
  Use(record.minor_faults());
  Use(record.major_faults());
  Use(record.raw_elapsed());
  Use(record.exit_code());
  Use(record.pid().value_or(0));
  Use(record.ppid().value_or(0));
  Use(record.blocks());
  Use(record.swaps());
  for (const uint8_t c : record.raw_command()) Use(c);
  Require(record.rate() != 0, "a rate is never zero");
  Require(record.elapsed_ticks() < kElapsedLimit, "no elapsed time is beyond the limit");
  Require(record.has_valid_elapsed() || record.elapsed_ticks() == 0, "an invalid time is zero");
}

void UseAccessors(const RecordView& record) {
  UseCommonAccessors(record);
  Require(!IsRegular(record) || IsPlausible(record), "what is regular is plausible");
}
void UseAccessors(RecordV3View record) {
  UseCommonAccessors(record);
  UseAccessors(record.view());
}

// The records of one scan, in order. Also an accumulator for ReadRecords().
struct Records {
  Bytes file;
  std::vector<Seen> seen = {};

  template <typename Record>
  void Add(const Record& record, uint64_t offset) {
    const RecordView view = record.view();
    UseAccessors(record);
    const size_t bytes = view.version() == 1 ? kPackedV1Bytes : kRecordBytes;
    Require(offset <= file.size() && file.size() - offset >= bytes, "a record is in the file");
    Require(std::memcmp(view.bytes(), file.data() + offset, bytes) == 0,
            "a record holds what the file has at its offset");
    seen.push_back({offset, view.version(), view.byte_order(), record.uid().value()});
  }
  Records Fresh() const { return {.file = file}; }
  void Merge(const Records& other) {
    seen.insert(seen.end(), other.seen.begin(), other.seen.end());
  }

  auto Sink() {
    return [this](const auto& record, uint64_t offset) { Add(record, offset); };
  }
};

struct Scanned {
  Records records;
  ByteAccount account = {};
};

void RequireSame(const Scanned& a, const Scanned& b) {
  Require(a.records.seen == b.records.seen, "the same records");
  Require(a.account.bytes == b.account.bytes, "the same bytes");
  Require(a.account.records == b.account.records, "the same number of records");
  Require(a.account.skipped_bytes == b.account.skipped_bytes, "as many bytes skipped");
  Require(a.account.trailing_bytes == b.account.trailing_bytes, "the same rest");
  Require(a.account.regions == b.account.regions, "as many regions skipped");
  Require(a.account.skipped == b.account.skipped, "the same regions skipped");
}

// Records, regions and the rest must be adjacent and make up the whole file.
void RequireEveryByteAnsweredFor(const Scanned& scanned) {
  const ByteAccount& account = scanned.account;
  const uint64_t size = scanned.records.file.size();
  Require(account.bytes == size, "the account is of the whole file");
  Require(account.records == scanned.records.seen.size(), "every record is counted");
  Require(account.trailing_bytes < kRecordBytes, "the rest is shorter than a record");
  Require(account.regions == account.skipped.size(), "all regions are listed, being few");
  uint64_t at = 0;
  uint64_t decoded = 0;
  uint64_t skipped = 0;
  auto region = account.skipped.begin();
  const auto skip = [&] {
    for (; region != account.skipped.end() && region->begin == at; ++region) {
      Require(region->end > region->begin, "a region is not empty");
      skipped += region->end - region->begin;
      at = region->end;
    }
  };
  skip();
  for (size_t i = 0; i < scanned.records.seen.size(); ++i) {
    const Seen& record = scanned.records.seen[i];
    Require(record.offset == at, "a record begins where the last thing ended");
    uint64_t next = size - account.trailing_bytes;
    if (i + 1 < scanned.records.seen.size()) next = scanned.records.seen[i + 1].offset;
    if (region != account.skipped.end()) next = std::min(next, region->begin);
    Require(next > at, "offsets ascend");
    const uint64_t length = next - at;
    Require(length == kRecordBytes ||
                (record.version == 1 && length >= kPackedV1Bytes && length < kRecordBytes),
            "a record is as long as records are");
    decoded += length;
    at = next;
    skip();
  }
  Require(region == account.skipped.end(), "the regions are ordered and disjoint");
  Require(at + account.trailing_bytes == size, "what is left is the rest");
  Require(skipped == account.skipped_bytes, "the regions are what was skipped");
  Require(decoded == account.decoded_bytes(), "the records are what was decoded");
}

Scanned ScanAsWhole(Bytes file, const RecordFormat& format) {
  Scanned scanned = {.records = {.file = file}};
  RecordScanner scanner(0, format);
  scanner.FinishWhole(file, scanner.ScanWhole(file, 0, file.size(), scanned.records.Sink()));
  scanned.account = scanner.account();
  return scanned;
}

Scanned ScanInWindows(Bytes file, const RecordFormat& format, size_t window_bytes) {
  Scanned scanned = {.records = {.file = file}};
  RecordScanner scanner(0, format);
  size_t reached = 0;
  while (reached < file.size()) {
    const size_t stop = std::min(reached + window_bytes, file.size());
    const size_t last = reached;
    reached = scanner.ScanWhole(file, reached, stop, scanned.records.Sink());
    if (reached == last) break;
  }
  scanner.FinishWhole(file, reached);
  scanned.account = scanner.account();
  return scanned;
}

Scanned ScanInBlocks(Bytes file, const RecordFormat& format, size_t block_bytes) {
  Scanned scanned = {.records = {.file = file}};
  RecordScanner scanner(0, format);
  for (size_t at = 0; at < file.size(); at += block_bytes) {
    const Bytes part = file.subspan(at, std::min(block_bytes, file.size() - at));
    // In a buffer of its own, so that reading beyond its end is detected.
    const std::vector<uint8_t> block(part.begin(), part.end());
    scanner.Scan(block, scanned.records.Sink());
  }
  scanner.Finish(scanned.records.Sink());
  scanned.account = scanner.account();
  return scanned;
}

// Must give the same as one scanner, unless the first scanner cannot stop where the second one
// begins.
void ScanWithRelief(Bytes file, const Options& options, const Scanned& whole) {
  const size_t at = RecordScanner::FindRecord(file, options.divided_at);
  Require(at >= options.divided_at && at <= file.size(), "the search for a record goes ahead");
  if (at == file.size()) return;
  Scanned scanned = {.records = {.file = file}};
  RecordScanner first(0, options.format);
  if (first.ScanWhole(file, 0, at, scanned.records.Sink()) != at) return;
  RecordScanner second(at, options.format);
  second.FinishWhole(file, second.ScanWhole(file, at, file.size(), scanned.records.Sink()));
  scanned.account = first.account();
  scanned.account.Add(second.account());
  RequireSame(scanned, whole);
}

// ReadRecords() would use a single thread for inputs as small as these.
Scanned ReadWithThreads(Bytes file, const Options& options) {
  Scanned scanned = {.records = {.file = file}};
  const MemorySource source(file);
  scanned.account = internal::ReadDivided(
      source, file, {.threads = options.threads, .format = options.format}, scanned.records);
  return scanned;
}

Scanned ReadStream(Bytes file, const Options& options) {
  Scanned scanned = {.records = {.file = file}};
  MemorySource source(file, (1 + options.block_bytes % 8) * kRecordBytes);
  scanned.account = *ReadRecords(source, {.format = options.format}, scanned.records);
  return scanned;
}

// All accessors must return a value for every bit pattern, even where the scanner would not find a
// record.
void ReadSlotsAsEveryVersion(Bytes file, const RecordFormat& format) {
  for (Bytes rest = file; rest.size() >= kPackedV1Bytes; rest.remove_prefix(kPackedV1Bytes)) {
    for (const Layout* layout : {&kVersion0, &kVersion1, &kVersion2, &kVersion3}) {
      const size_t bytes = layout->version == 1 ? kPackedV1Bytes : kRecordBytes;
      if (rest.size() < bytes) continue;
      const std::vector<uint8_t> slot(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(bytes));
      for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
        UseAccessors(RecordView(slot.data(), *layout, order, format.default_rate));
      }
    }
  }
}

void Run(Bytes input) {
  if (input.size() < kOptionBytes) return;
  const Bytes file = input.subspan(kOptionBytes);
  // Longer files have more regions than are listed, and nothing else of interest.
  constexpr size_t kMaxBytes = 16'000;
  if (file.size() > kMaxBytes) return;
  const Options options(input, file.size());

  const Scanned whole = ScanAsWhole(file, options.format);
  RequireEveryByteAnsweredFor(whole);
  RequireSame(ScanInWindows(file, options.format, options.window_bytes), whole);
  RequireSame(ScanInBlocks(file, options.format, options.block_bytes), whole);
  RequireSame(ReadStream(file, options), whole);
  ScanWithRelief(file, options, whole);
  if (options.with_threads) RequireSame(ReadWithThreads(file, options), whole);
  ReadSlotsAsEveryVersion(file, options.format);
}

}  // namespace
}  // namespace cpuagg::acct

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::acct::Run(absl::MakeConstSpan(data, size));
  return 0;
}
