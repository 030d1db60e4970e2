// RecordView: the fields of one accounting record of any version and byte order, read in place.
//
//   acct::RecordView record(bytes, acct::kVersion2, acct::ByteOrder::kBig);
//   record.user_ticks() / double{record.rate()}  // seconds
//
// This is the general view, driven by acct/record/layout.h. acct/record/record_v3_view.h is the
// fast one, for the records that Linux writes today. The accessors of both mean the same.

#ifndef CPUAGG_ACCT_RECORD_RECORD_VIEW_H_
#define CPUAGG_ACCT_RECORD_RECORD_VIEW_H_

#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "acct/record/byte_order.h"
#include "acct/record/comp_t.h"
#include "acct/record/layout.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

// In ticks, longer than any process lives: 87 years at 100 Hz. A longer elapsed time means damage.
inline constexpr uint64_t kElapsedLimit = uint64_t{1} << 38;

// In seconds since 1970: 2^28, in 1978. Hardly any process began earlier: no machine is that old,
// and a clock that was never set says 1970.
inline constexpr uint32_t kEarliestBegin = uint32_t{1} << 28;

// The sums over this many records fit into 64 bits, whatever the records contain: the largest is
// 2^26 * kElapsedLimit.
inline constexpr uint64_t kMaxRecordsPerAccumulator = (uint64_t{1} << 26) - 1;

// Does not own the bytes, which must outlive it. All accessors return a value for every bit
// pattern. The scanner decides whether the bytes are a record at all (acct/scan/record_scanner.h).
class RecordView {
 public:
  // `bytes` points at kRecordBytes readable bytes, or kPackedV1Bytes for version 1. `default_rate`,
  // which must not be zero, is the tick rate of a record that does not state its own.
  RecordView(const uint8_t* bytes, const Layout& layout, ByteOrder order,
             uint32_t default_rate = kTicksPerSecond)
      : bytes_(bytes), layout_(&layout), order_(order), default_rate_(default_rate) {}

  uint8_t version() const { return layout_->version; }
  ByteOrder byte_order() const { return order_; }

  uint8_t flags() const { return bytes_[kFlagOffset]; }
  uint16_t tty() const { return At16(layout_->tty); }
  // As returned by wait(2): the exit status above the signal.
  uint32_t exit_code() const { return At32(layout_->exit_code); }
  // Version 0 had 16-bit ids at first. The later 32-bit ids are used if they agree with those.
  Uid uid() const { return Uid(HasWideIds() ? At32(layout_->uid) : At16(layout_->uid16)); }
  Gid gid() const { return Gid(HasWideIds() ? At32(layout_->gid) : At16(layout_->gid16)); }
  std::optional<uint32_t> pid() const { return OptionalAt32(layout_->pid); }
  std::optional<uint32_t> ppid() const { return OptionalAt32(layout_->ppid); }

  // ac_btime: when the process began, in seconds since 1970.
  uint32_t begin_time() const { return At32(layout_->begin_time); }

  // The ticks per second of this record's times; never zero.
  uint32_t rate() const {
    if (layout_->version == kVersion3.version) return kTicksPerSecond;
    const uint16_t own = layout_->rate == kAbsent ? uint16_t{0} : At16(layout_->rate);
    return own == 0 ? default_rate_ : own;
  }

  // ac_etime as stored. In version 3 it may be anything, including NaN.
  double raw_elapsed() const;
  bool has_valid_elapsed() const {
    const double raw = raw_elapsed();
    return !std::signbit(raw) && raw < static_cast<double>(kElapsedLimit);
  }
  // ac_etime in whole ticks; zero if the stored value is impossible.
  uint64_t elapsed_ticks() const {
    return has_valid_elapsed() ? static_cast<uint64_t>(raw_elapsed()) : 0;
  }

  // When the process ended, ac_btime + ac_etime, in hundredths of a second since 1970.
  int64_t end_hundredths() const {
    return int64_t{begin_time()} * 100 + static_cast<int64_t>(elapsed_ticks() * 100 / rate());
  }

  uint64_t user_ticks() const { return CompTAt(layout_->user_time); }
  uint64_t system_ticks() const { return CompTAt(layout_->system_time); }

  // ac_mem: the size of the address space at exit, in KiB.
  uint64_t memory_kib() const { return CompTAt(layout_->memory); }
  // ac_io: a count whose meaning differs between kernels; many leave it at zero.
  uint64_t io() const { return CompTAt(layout_->io); }
  // ac_rw: blocks read or written; Linux writes zero.
  uint64_t blocks() const { return CompTAt(layout_->blocks); }
  uint64_t minor_faults() const { return CompTAt(layout_->minor_faults); }
  uint64_t major_faults() const { return CompTAt(layout_->major_faults); }
  uint64_t swaps() const { return CompTAt(layout_->swaps); }

  // ac_comm: 16 bytes. The kernel terminates it with a zero.
  absl::Span<const uint8_t> raw_command() const {
    return absl::MakeConstSpan(bytes_ + layout_->command, kCommandBytes);
  }

  const uint8_t* bytes() const { return bytes_; }
  // Returns itself, as the counterpart of RecordV3View::view().
  const RecordView& view() const { return *this; }
  const Layout& layout() const { return *layout_; }

 private:
  uint16_t At16(size_t offset) const { return Load16(bytes_ + offset, order_); }
  uint32_t At32(size_t offset) const { return Load32(bytes_ + offset, order_); }
  uint64_t CompTAt(size_t offset) const { return DecodeCompT(At16(offset)); }
  std::optional<uint32_t> OptionalAt32(size_t offset) const {
    if (offset == kAbsent) return std::nullopt;
    return At32(offset);
  }
  bool HasWideIds() const {
    return layout_->version != kVersion0.version ||
           (static_cast<uint16_t>(At32(layout_->uid)) == At16(layout_->uid16) &&
            static_cast<uint16_t>(At32(layout_->gid)) == At16(layout_->gid16));
  }

  const uint8_t* bytes_;
  const Layout* layout_;
  ByteOrder order_;
  uint32_t default_rate_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_RECORD_VIEW_H_
