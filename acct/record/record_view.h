// RecordView: the fields of one accounting record of any version and byte order, read where they
// lie.
//
//   acct::RecordView record(bytes, acct::kVersion2, acct::ByteOrder::kBig);
//   record.user_ticks() / double{record.rate()}  // seconds
//
// This is the plain way to read a record, told by acct/record/layout.h;
// acct/record/record_v3_view.h is the fast one, for the kind that Linux writes today. The accessors
// of both mean the same.

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

// Longer than any process lives, in ticks: 87 years at 100 Hz. What claims more is damage.
inline constexpr uint64_t kElapsedLimit = uint64_t{1} << 38;

// Processes that began before 1978 (2^28 seconds after 1970) are as unlikely as a machine of that
// age; clocks that were never set say 1970.
inline constexpr uint32_t kEarliestBegin = uint32_t{1} << 28;

// As many records can be added up in 64 bits whatever they hold: 2^26 * kElapsedLimit is the most.
inline constexpr uint64_t kMaxRecordsPerAccumulator = (uint64_t{1} << 26) - 1;

// Does not own the bytes, which must outlive it. Every bit pattern of a record has a value in every
// accessor; whether the record is one at all is the scanner's question
// (acct/scan/record_scanner.h).
class RecordView {
 public:
  // `bytes` points at kRecordBytes readable bytes, of version 1 at kPackedV1Bytes. `default_rate`,
  // which is not zero, is the tick rate of a record that does not tell its own.
  RecordView(const uint8_t* bytes, const Layout& layout, ByteOrder order,
             uint32_t default_rate = kTicksPerSecond)
      : bytes_(bytes), layout_(&layout), order_(order), default_rate_(default_rate) {}

  uint8_t version() const { return layout_->version; }
  ByteOrder byte_order() const { return order_; }

  uint8_t flags() const { return bytes_[kFlagOffset]; }
  uint16_t tty() const { return At16(layout_->tty); }
  // As wait(2) gives it: exit status above the signal.
  uint32_t exit_code() const { return At32(layout_->exit_code); }
  // Version 0 had 16 bits for ids at first. The 32 bits that came later count if they agree with
  // those.
  Uid uid() const { return Uid(HasWideIds() ? At32(layout_->uid) : At16(layout_->uid16)); }
  Gid gid() const { return Gid(HasWideIds() ? At32(layout_->gid) : At16(layout_->gid16)); }
  std::optional<uint32_t> pid() const { return OptionalAt32(layout_->pid); }
  std::optional<uint32_t> ppid() const { return OptionalAt32(layout_->ppid); }

  // ac_btime: when the process began, in seconds since 1970.
  uint32_t begin_time() const { return At32(layout_->begin_time); }

  // The ticks in a second of this record's times; never zero.
  uint32_t rate() const {
    if (layout_->version == kVersion3.version) return kTicksPerSecond;
    const uint16_t own = layout_->rate == kAbsent ? uint16_t{0} : At16(layout_->rate);
    return own == 0 ? default_rate_ : own;
  }

  // ac_etime as stored: version 3 may hold anything, NaN included.
  double raw_elapsed() const;
  bool has_valid_elapsed() const {
    const double raw = raw_elapsed();
    return !std::signbit(raw) && raw < static_cast<double>(kElapsedLimit);
  }
  // ac_etime in whole ticks; zero where the stored value is none that a process can have.
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

  // ac_comm: 16 bytes, zero-terminated when written by the kernel.
  absl::Span<const uint8_t> raw_command() const {
    return absl::MakeConstSpan(bytes_ + layout_->command, kCommandBytes);
  }

  const uint8_t* bytes() const { return bytes_; }
  // Itself: what RecordV3View has of this name gives one of these.
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
