// The way that real files go, through the loop that reads regular records of version 3 where they
// lie, against a decoder that knows nothing of it: the same sums for every user and hour.
//
// The decoder below shares no code with acct/. It takes the places of the records from the scanner
// and everything else, byte by byte, from struct acct and struct acct_v3 of linux/acct.h.
//
// The input is four bytes of options, which Options tells, and then the file. The decoder stays in
// one file with its check, long as it is, so that both are read against linux/acct.h at once.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/record/byte_order.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_v3_view.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/record_reader.h"
#include "acct/scan/record_scanner.h"
#include "acct/testing/fuzz_check.h"
#include "acct/testing/memory_source.h"
#include "aggregate/running/bucket_totals.h"
#include "aggregate/running/running.h"
#include "aggregate/tally/aggregator.h"
#include "aggregate/tally/table_accumulator.h"
#include "aggregate/tally/usage_table.h"
#include "aggregate/usage/period.h"
#include "aggregate/usage/usage.h"

namespace cpuagg::aggregate {
namespace {

using acct::testing::MemorySource;
using acct::testing::Require;
using Bytes = absl::Span<const uint8_t>;

constexpr size_t kOptionBytes = 4;

struct Options {
  acct::RecordFormat format;
  bool with_threads;     // a hundred times slower, so only for one in 32 inputs that ask for it
  size_t stream_blocks;  // of 64 bytes
  int64_t days_before;   // of the store's bucket policy; a midnight
  bool has_period;
  int64_t period_seconds;
  int64_t period_nanoseconds;  // both ends of the period are this much after the full second

  // `bytes` is the whole input.
  explicit Options(Bytes bytes)
      : with_threads((bytes[0] & 0xf0) == 0xf0 &&
                     std::accumulate(bytes.begin(), bytes.end(), 0u) % 32 == 0),
        stream_blocks(1 + bytes[1] % 16),
        days_before((int64_t{bytes[2]} << 24) / 86'400 * 86'400),
        has_period((bytes[0] & 0x08) != 0),
        period_seconds(int64_t{bytes[3]} * bytes[3]),
        period_nanoseconds(bytes[2] % 2 == 0 ? 0 : 500'000'000) {
    constexpr uint32_t kRates[] = {100, 1024, 1, 0xffff'ffff};
    format.big_endian_version0 = (bytes[0] & 0x01) != 0;
    format.default_rate = kRates[(bytes[0] >> 1) % 4];
  }
};

// The values of one record.
struct Plain {
  uint32_t uid = 0;
  std::optional<uint32_t> pid;
  uint32_t rate = 0;
  uint32_t begin = 0;
  std::optional<uint64_t> elapsed;  // none: not a time that a process can have
  uint64_t user = 0;
  uint64_t system = 0;
  uint64_t memory = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;

  int64_t end_hundredths() const {
    return int64_t{begin} * 100 + static_cast<int64_t>(elapsed.value_or(0) * 100 / rate);
  }
};

// The numbers of one record, in its byte order.
class Fields {
 public:
  Fields(const uint8_t* record, bool is_big_endian)
      : record_(record), is_big_endian_(is_big_endian) {}

  uint32_t U16(size_t at) const {
    const uint32_t first = record_[at];
    const uint32_t second = record_[at + 1];
    return is_big_endian_ ? first * 256 + second : first + second * 256;
  }
  uint32_t U32(size_t at) const {
    const uint32_t first = U16(at);
    const uint32_t second = U16(at + 2);
    return is_big_endian_ ? first * 65'536 + second : first + second * 65'536;
  }
  // comp_t: 13 bits, multiplied by eight as often as the upper three bits say.
  uint64_t Comp(size_t at) const {
    uint64_t value = U16(at) % 8192;
    for (uint32_t times = U16(at) / 8192; times > 0; --times) value *= 8;
    return value;
  }
  // comp2_t: a hidden bit above 19 others, and a 5-bit exponent of two; denormal if that is zero.
  uint64_t Comp2(uint32_t high, uint32_t low) const {
    const uint32_t bits = high * 65'536 + low;
    const uint32_t exponent = bits / 524'288;
    uint64_t value = bits % 524'288;
    if (exponent > 0) value += 524'288;
    for (uint32_t times = 1; times < exponent; ++times) value *= 2;
    return value;
  }
  // IEEE 754, as an integer up to 2^38, which is longer than any process lives.
  std::optional<uint64_t> Float(size_t at) const {
    const uint32_t bits = U32(at);
    const uint32_t exponent = bits / 8'388'608 % 256;
    const uint64_t mantissa = bits % 8'388'608 + (exponent > 0 ? 8'388'608 : 0);
    if (bits >= 0x8000'0000) return std::nullopt;  // negative
    if (exponent >= 127 + 38) return std::nullopt;
    if (exponent < 127) return 0;
    if (exponent < 127 + 23) return mantissa >> (127 + 23 - exponent);
    return mantissa << (exponent - 127 - 23);
  }
  uint32_t U8(size_t at) const { return record_[at]; }

 private:
  const uint8_t* record_;
  bool is_big_endian_;
};

Plain DecodeVersion3(const Fields& fields) {
  return {.uid = fields.U32(8),
          .pid = fields.U32(16),
          .rate = 100,
          .begin = fields.U32(24),
          .elapsed = fields.Float(28),
          .user = fields.Comp(32),
          .system = fields.Comp(34),
          .memory = fields.Comp(36),
          .io = fields.Comp(38),
          .minor_faults = fields.Comp(42),
          .major_faults = fields.Comp(44)};
}

Plain DecodeOlder(const Fields& fields, int version, uint32_t default_rate) {
  Plain plain = {.rate = default_rate,
                 .begin = fields.U32(8),
                 .elapsed = fields.Comp(16),
                 .user = fields.Comp(12),
                 .system = fields.Comp(14),
                 .memory = fields.Comp(18),
                 .io = fields.Comp(20),
                 .minor_faults = fields.Comp(24),
                 .major_faults = fields.Comp(26)};
  // Version 1 has no ac_ahz, so all later fields are two bytes earlier.
  const size_t back = version == 1 ? 2 : 0;
  if (version != 1 && fields.U16(30) != 0) plain.rate = fields.U16(30);
  if (version != 0) {
    const uint64_t longer = fields.Comp2(fields.U8(53 - back), fields.U16(54 - back));
    const bool is_there = fields.U8(53 - back) != 0 || fields.U16(54 - back) != 0;
    if (is_there) plain.elapsed = longer;
  }
  if (*plain.elapsed >= uint64_t{1} << 38) plain.elapsed.reset();
  plain.uid = fields.U32(56 - back);
  // In version 0 the 32-bit ids may be padding.
  const bool agree =
      plain.uid % 65'536 == fields.U16(2) && fields.U32(60 - back) % 65'536 == fields.U16(4);
  if (version == 0 && !agree) plain.uid = fields.U16(2);
  return plain;
}

Plain Decode(const uint8_t* record, const acct::RecordFormat& format) {
  const int version = record[1] % 128;
  const bool is_big_endian = record[1] >= 128 || (version == 0 && format.big_endian_version0);
  const Fields fields(record, is_big_endian);
  Require(version <= 3, "a record has one of four versions");
  return version == 3 ? DecodeVersion3(fields) : DecodeOlder(fields, version, format.default_rate);
}

struct PlainSums {
  uint64_t processes = 0;
  std::map<uint32_t, TickSums> ticks;  // by rate
  uint64_t memory = 0;
  uint64_t largest_memory = 0;
  uint64_t io = 0;
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;

  void Add(const Plain& plain) {
    ++processes;
    TickSums& sums = ticks[plain.rate];
    sums.user += plain.user;
    sums.system += plain.system;
    sums.elapsed += plain.elapsed.value_or(0);
    sums.largest_cpu = std::max(sums.largest_cpu, plain.user + plain.system);
    memory += plain.memory;
    largest_memory = std::max(largest_memory, plain.memory);
    io += plain.io;
    minor_faults += plain.minor_faults;
    major_faults += plain.major_faults;
  }
};

void RequireSame(const Usage& usage, PlainSums plain) {
  Require(usage.processes == plain.processes, "the same number of processes");
  Require(usage.ticks == plain.ticks[100], "the same times at 100 Hz");
  plain.ticks.erase(100);
  Require(usage.other_rates.map() == plain.ticks, "the same times at other rates");
  Require(usage.memory_kib == plain.memory, "the same memory");
  Require(usage.largest_memory_kib == plain.largest_memory, "the same largest process");
  Require(usage.io == plain.io, "the same io");
  Require(usage.minor_faults == plain.minor_faults, "the same minor faults");
  Require(usage.major_faults == plain.major_faults, "the same major faults");
  Require(usage.running_user == 0 && usage.running_system == 0, "nobody is running");
}

// Sums up a whole file with the simple decoder.
struct PlainTotals {
  Period period;
  int64_t days_before;
  std::map<uint32_t, PlainSums> users = {};
  std::map<std::pair<uint32_t, int64_t>, PlainSums> buckets = {};
  std::vector<ProcessExit> exits = {};  // of all processes with an id
  uint64_t records_without_pid = 0;
  uint64_t invalid_elapsed = 0;  // in the period
  int64_t first_begin = std::numeric_limits<int64_t>::max();
  int64_t last_end = std::numeric_limits<int64_t>::min();

  void Add(const Plain& plain) {
    const int64_t end = plain.end_hundredths() / 100;
    constexpr int64_t kHour = 3600;
    const int64_t width = end < days_before ? 24 * kHour : kHour;
    int64_t bucket = end / width * width;
    if (bucket > end) bucket -= width;
    buckets[{plain.uid, bucket}].Add(plain);
    if (plain.pid.has_value()) {
      exits.push_back({.pid = *plain.pid,
                       .begin_time = plain.begin,
                       .end_time = end,
                       .uid = acct::Uid(plain.uid),
                       .user_ticks = plain.user,
                       .system_ticks = plain.system});
    } else {
      ++records_without_pid;
    }
    if (!period.Contains(absl::FromUnixSeconds(end))) return;
    users[plain.uid].Add(plain);
    if (!plain.elapsed.has_value()) ++invalid_elapsed;
    first_begin = std::min(first_begin, int64_t{plain.begin});
    last_end = std::max(last_end, end);
  }
};

void RequireSame(const UserTotals& totals, const acct::ByteAccount& account,
                 const PlainTotals& plain) {
  Require(totals.usage.size() == plain.users.size(), "the same users");
  for (const auto& [uid, sums] : plain.users) {
    const std::optional<Usage> found = totals.usage.Find(acct::Uid(uid));
    Require(found.has_value(), "every user is there");
    RequireSame(*found, sums);
  }
  Require(totals.span.first_begin == plain.first_begin, "the same beginning");
  Require(totals.span.last_end == plain.last_end, "the same end");
  Require(account.invalid_elapsed == plain.invalid_elapsed, "as many invalid times");
}

void RequireSame(const BucketTotals& totals, const PlainTotals& plain) {
  std::vector<ProcessExit> exits;
  for (const ProcessExit& exit : plain.exits) {
    if (totals.watched_pids.contains(exit.pid)) exits.push_back(exit);
  }
  Require(std::equal(totals.exits.begin(), totals.exits.end(), exits.begin(), exits.end(),
                     [](const ProcessExit& a, const ProcessExit& b) {
                       return a.pid == b.pid && a.begin_time == b.begin_time &&
                              a.end_time == b.end_time && a.uid == b.uid &&
                              a.user_ticks == b.user_ticks && a.system_ticks == b.system_ticks;
                     }),
          "the same ends of the processes that are watched");
  Require(totals.records_without_pid == plain.records_without_pid, "as many records without id");
  Require(totals.usage.size() == plain.buckets.size(), "the same buckets");
  for (const auto& [key, sums] : plain.buckets) {
    const auto found = totals.usage.find({acct::Uid(key.first), key.second});
    Require(found != totals.usage.end(), "every bucket is there");
    RequireSame(found->second, sums);
  }
  // Commands have the same buckets here.
  std::map<std::pair<uint32_t, int64_t>, Usage> of_commands;
  for (const auto& [key, usage] : totals.commands) {
    of_commands[{key.uid.value(), key.begin}] += usage;
  }
  Require(of_commands.size() == plain.buckets.size(), "the same buckets of commands");
  for (const auto& [key, sums] : plain.buckets) RequireSame(of_commands[key], sums);
}

struct UidOf {
  template <typename Record>
  acct::Uid operator()(const Record& record) const {
    return record.uid();
  }
};

// With the loops for processors without AVX2, all of the file.
void AggregateWithoutAvx2(Bytes file, const Options& options, const PlainTotals& plain) {
  MemorySource source(file);
  TableAccumulator<acct::Uid, UidOf, /*kMayUseAvx2=*/false> accumulator{.key_of = UidOf()};
  acct::ByteAccount account = *acct::ReadRecords(source, {.format = options.format}, accumulator);
  account.invalid_elapsed = accumulator.summary.invalid_elapsed;
  UserTotals totals;
  totals.usage = std::move(accumulator.usage);
  accumulator.summary.AddTo(totals.span);
  RequireSame(totals, account, plain);
}

std::vector<uint64_t> OffsetsOf(Bytes file, const acct::RecordFormat& format) {
  std::vector<uint64_t> offsets;
  const auto sink = [&](const auto&, uint64_t offset) { offsets.push_back(offset); };
  acct::RecordScanner scanner(0, format);
  scanner.Scan(file, sink);
  scanner.Finish(sink);
  return offsets;
}

void AggregateEveryWay(Bytes file, const Options& options) {
  const std::vector<uint64_t> offsets = OffsetsOf(file, options.format);
  Period period;
  if (options.has_period && !offsets.empty()) {
    // With an end that makes a difference.
    const Plain first = Decode(file.data() + offsets.front(), options.format);
    period.begin = absl::FromUnixSeconds(first.end_hundredths() / 100) +
                   absl::Nanoseconds(options.period_nanoseconds);
    period.end = period.begin + absl::Seconds(options.period_seconds);
  }
  PlainTotals plain = {.period = period, .days_before = options.days_before};
  for (const uint64_t offset : offsets) plain.Add(Decode(file.data() + offset, options.format));

  const auto aggregate = [&](MemorySource source, size_t threads) {
    UserTotals totals = {.period = period};
    const acct::ByteAccount account =
        *Aggregate(source, {.threads = threads, .format = options.format}, totals);
    Require(account.records == offsets.size(), "as many records as the scanner gives");
    RequireSame(totals, account, plain);
  };
  // So small a file has one thread, however many may be used.
  aggregate(MemorySource(file), 4);
  aggregate(MemorySource(file, options.stream_blocks * acct::kRecordBytes), 1);
  if (period.is_all()) AggregateWithoutAvx2(file, options, plain);

  MemorySource source(file);
  BucketTotals buckets = {
      .policy = {.days_before = options.days_before, .command_days_before = options.days_before}};
  if (!plain.exits.empty()) {
    buckets.watched_pids = {plain.exits.front().pid, plain.exits.back().pid};
  }
  Require(Aggregate(source, {.format = options.format}, buckets).ok(), "memory can be read");
  RequireSame(buckets, plain);
}

// Enough records before and after `file` that a second thread begins inside it.
std::vector<uint8_t> AmidMillions(Bytes file) {
  static const std::vector<uint8_t> records = [] {
    constexpr size_t kCount = (size_t{2} << 20) / acct::kRecordBytes;
    std::vector<uint8_t> bytes(kCount * acct::kRecordBytes);
    for (size_t i = 0; i < kCount; ++i) {
      uint8_t* const record = bytes.data() + i * acct::kRecordBytes;
      record[1] = 3;
      record[8] = static_cast<uint8_t>(i % 5);    // ac_uid
      record[27] = 0x65;                          // ac_btime: in 2023
      record[32] = static_cast<uint8_t>(i % 11);  // ac_utime
      record[48] = 'x';                           // ac_comm
    }
    return bytes;
  }();
  std::vector<uint8_t> all = records;
  all.insert(all.end(), file.begin(), file.end());
  all.insert(all.end(), records.begin(), records.end());
  return all;
}

// Several threads are used only for large files, for which the simple decoder is too slow. So their
// result is compared with that of one thread.
void AggregateWithThreads(Bytes file, const Options& options) {
  const std::vector<uint8_t> large = AmidMillions(file);
  UserTotals totals[2];
  acct::ByteAccount accounts[2];
  for (const size_t i : {0, 1}) {
    MemorySource source(large);
    accounts[i] = *Aggregate(source, {.threads = 1 + i, .format = options.format}, totals[i]);
  }
  Require(totals[0].usage == totals[1].usage, "the same sums with two threads");
  Require(totals[0].span.first_begin == totals[1].span.first_begin, "the same beginning");
  Require(totals[0].span.last_end == totals[1].span.last_end, "the same end");
  Require(accounts[0].bytes == accounts[1].bytes, "the same bytes");
  Require(accounts[0].records == accounts[1].records, "the same number of records");
  Require(accounts[0].skipped == accounts[1].skipped, "the same regions skipped");
  Require(accounts[0].trailing_bytes == accounts[1].trailing_bytes, "the same rest");
  Require(accounts[0].invalid_elapsed == accounts[1].invalid_elapsed, "as many invalid times");
}

// At every offset of the file, both views must agree on what is regular, and on its values.
void CompareViews(Bytes file) {
  for (Bytes rest = file; rest.size() >= acct::kRecordBytes; rest.remove_prefix(1)) {
    if (rest[acct::kVersionOffset] != 3) continue;
    const acct::RecordV3View fast(rest.data());
    const acct::RecordView view(rest.data(), acct::kVersion3, acct::ByteOrder::kLittle);
    Require(fast.IsRegular() == acct::IsRegular(view), "the same records are regular");
    Require(fast.has_valid_elapsed() == view.has_valid_elapsed(), "the same times are valid");
    Require(fast.end_hundredths() == view.end_hundredths(), "the same end");
    Require(fast.flags() == view.flags(), "the same flags");
    Require(fast.tty() == view.tty(), "the same terminal");
    Require(fast.gid() == view.gid(), "the same group");
  }
}

void Run(Bytes input) {
  if (input.size() < kOptionBytes) return;
  const Options options(input);
  const Bytes file = input.subspan(kOptionBytes);
  CompareViews(file);
  AggregateEveryWay(file, options);
  if (options.with_threads) AggregateWithThreads(file, options);
}

}  // namespace
}  // namespace cpuagg::aggregate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cpuagg::aggregate::Run(absl::MakeConstSpan(data, size));
  return 0;
}
