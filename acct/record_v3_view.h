// RecordV3View: the fields of one little-endian acct_v3 record, read where they lie.
//
//   acct::RecordV3View record(bytes);  // 64 bytes
//   table.Add(record.uid(), record.user_time() + record.system_time());
//
// Layout: struct acct_v3 of linux/acct.h, see acct/layout.h.

#ifndef CPUAGG_ACCT_RECORD_V3_VIEW_H_
#define CPUAGG_ACCT_RECORD_V3_VIEW_H_

#include <bit>
#include <cstdint>

#include "absl/types/span.h"
#include "acct/comp_t.h"
#include "acct/layout.h"
#include "acct/little_endian.h"
#include "acct/units.h"

namespace cpuagg::acct {

// Longer than any process lives, in ticks: 87 years. What claims more is damage.
inline constexpr uint64_t kElapsedLimit = uint64_t{1} << 38;

// As many records can be added up in 64 bits whatever they hold: 2^26 * kElapsedLimit is the most.
inline constexpr uint64_t kMaxRecordsPerTally = (uint64_t{1} << 26) - 1;

// Does not own the bytes, which must outlive it. Every bit pattern of a record has a value in every
// accessor; whether the record is one at all is the scanner's question (acct/record_scanner.h).
class RecordV3View {
 public:
  // `bytes` points at kRecordBytes readable bytes.
  explicit RecordV3View(const uint8_t* bytes) : bytes_(bytes) {}

  uint8_t flags() const { return bytes_[v3::kFlag]; }
  Uid uid() const { return Uid(LoadLittle32(bytes_ + v3::kUid)); }

  // ac_btime: when the process began, in seconds since 1970.
  uint32_t begin_time() const { return LoadLittle32(bytes_ + v3::kBeginTime); }

  // ac_etime as stored, in ticks. The kernel writes whole numbers; a damaged file may hold
  // anything, NaN included.
  float raw_elapsed() const { return LoadLittleFloat(bytes_ + v3::kElapsed); }
  bool has_valid_elapsed() const {
    // Non-negative floats are ordered as their bits are, and everything else is above them:
    // negative numbers, infinity and NaN. One comparison of integers, and no branch.
    constexpr uint32_t kLimitBits = std::bit_cast<uint32_t>(static_cast<float>(kElapsedLimit));
    return LoadLittle32(bytes_ + v3::kElapsed) < kLimitBits;
  }
  // ac_etime in whole ticks; zero where the stored value is none that a process can have.
  Ticks elapsed() const {
    return Ticks(has_valid_elapsed() ? static_cast<uint64_t>(raw_elapsed()) : 0);
  }

  // When the process ended, in seconds since 1970: ac_btime + ac_etime.
  int64_t end_time() const {
    return int64_t{begin_time()} + static_cast<int64_t>(elapsed().whole_seconds());
  }

  Ticks user_time() const { return Ticks(CompTAt(v3::kUserTime)); }
  Ticks system_time() const { return Ticks(CompTAt(v3::kSystemTime)); }

  // ac_mem: the size of the address space at exit, in KiB.
  uint64_t memory_kib() const { return CompTAt(v3::kMemory); }
  // ac_io: a count whose meaning differs between kernels; many leave it at zero.
  uint64_t io() const { return CompTAt(v3::kIo); }
  uint64_t minor_faults() const { return CompTAt(v3::kMinorFaults); }
  uint64_t major_faults() const { return CompTAt(v3::kMajorFaults); }

  // ac_comm: 16 bytes, zero-terminated when written by the kernel.
  absl::Span<const uint8_t> raw_command() const {
    return absl::MakeConstSpan(bytes_ + v3::kCommand, v3::kCommandBytes);
  }

 private:
  uint64_t CompTAt(size_t offset) const { return DecodeCompT(LoadLittle16(bytes_ + offset)); }

  const uint8_t* bytes_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_V3_VIEW_H_
