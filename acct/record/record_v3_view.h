// RecordV3View: the fields of one little-endian acct_v3 record, read in place.
//
//   acct::RecordV3View record(bytes);  // 64 bytes
//   table.Add(record.uid(), record.user_ticks() + record.system_ticks());
//
// This is the fast view, for the records that x86-64 and arm64 machines write.
// acct/record/record_view.h has the general one, for all records. The accessors of both mean the
// same.

#ifndef CPUAGG_ACCT_RECORD_RECORD_V3_VIEW_H_
#define CPUAGG_ACCT_RECORD_RECORD_V3_VIEW_H_

#include <bit>
#include <cstdint>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "acct/record/byte_order.h"
#include "acct/record/comp_t.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/record/units.h"

namespace cpuagg::acct {

// Does not own the bytes, which must outlive it. All accessors return a value for every bit
// pattern.
class RecordV3View {
 public:
  // `bytes` points at kRecordBytes readable bytes.
  explicit RecordV3View(const uint8_t* bytes) : bytes_(bytes) {}

  // The first eight bytes of a regular record: only known flags, version 3, and an exit code in the
  // low 16 bits.
  static constexpr uint64_t kHeadMask = 0xffff'0000'0000'ffc0;
  static constexpr uint64_t kHead = uint64_t{kVersion3.version} << 8;

  // Whether these 64 bytes look exactly like a little-endian record of version 3 from the kernel.
  // Bytes that do not start at a record boundary fail this, whatever the records contain; an odd
  // record may fail it as well. Four comparisons without a loop: the hot loops call it for every
  // record.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool IsRegular() const {
    return (LoadLittle64(bytes_) & kHeadMask) == kHead && begin_time() >= kEarliestBegin &&
           has_valid_elapsed() && HasRegularCommand();
  }

  // Whether another regular record follows. The next kRecordBytes bytes must be readable. A hot
  // loop calls this for each regular record, which also tells it whether the next one is regular.
  // It is needed because the rest of a torn record may look regular together with the beginning of
  // the next record, but then the bytes after it do not.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool IsFollowedByRegular() const {
    // The compiler need not check again what is known of this record.
    if (!has_valid_elapsed()) __builtin_unreachable();
    return RecordV3View(bytes_ + kRecordBytes).IsRegular();
  }

  static constexpr uint8_t version() { return kVersion3.version; }
  static constexpr ByteOrder byte_order() { return ByteOrder::kLittle; }

  uint8_t flags() const { return bytes_[kFlagOffset]; }
  ABSL_ATTRIBUTE_ALWAYS_INLINE Uid uid() const { return Uid(LoadLittle32(bytes_ + kVersion3.uid)); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE Gid gid() const { return Gid(LoadLittle32(bytes_ + kVersion3.gid)); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint16_t tty() const { return LoadLittle16(bytes_ + kVersion3.tty); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint32_t exit_code() const {
    return LoadLittle32(bytes_ + kVersion3.exit_code);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE std::optional<uint32_t> pid() const {
    return LoadLittle32(bytes_ + kVersion3.pid);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE std::optional<uint32_t> ppid() const {
    return LoadLittle32(bytes_ + kVersion3.ppid);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint32_t begin_time() const {
    return LoadLittle32(bytes_ + kVersion3.begin_time);
  }

  static constexpr uint32_t rate() { return kTicksPerSecond; }

  double raw_elapsed() const {
    return static_cast<double>(LoadLittleFloat(bytes_ + kVersion3.elapsed));
  }
  // The bits of non-negative floats have the same order as the floats. All others (negative
  // numbers, infinity and NaN) are larger. So one comparison of integers is enough.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool has_valid_elapsed() const {
    return LoadLittle32(bytes_ + kVersion3.elapsed) < kElapsedLimitBits;
  }
  static constexpr uint32_t kElapsedLimitBits =
      std::bit_cast<uint32_t>(static_cast<float>(kElapsedLimit));
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t elapsed_ticks() const {
    // Converts to a signed number first, which processors do in one instruction.
    static_assert(kElapsedLimit <= uint64_t{1} << 62);
    return has_valid_elapsed() ? static_cast<uint64_t>(static_cast<int64_t>(
                                     LoadLittleFloat(bytes_ + kVersion3.elapsed)))
                               : 0;
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE int64_t end_hundredths() const {
    static_assert(kTicksPerSecond == 100);
    return int64_t{begin_time()} * 100 + static_cast<int64_t>(elapsed_ticks());
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t user_ticks() const { return CompTAt(kVersion3.user_time); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t system_ticks() const {
    return CompTAt(kVersion3.system_time);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t memory_kib() const { return CompTAt(kVersion3.memory); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t io() const { return CompTAt(kVersion3.io); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t blocks() const { return CompTAt(kVersion3.blocks); }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t minor_faults() const {
    return CompTAt(kVersion3.minor_faults);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t major_faults() const {
    return CompTAt(kVersion3.major_faults);
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t swaps() const { return CompTAt(kVersion3.swaps); }

  ABSL_ATTRIBUTE_ALWAYS_INLINE absl::Span<const uint8_t> raw_command() const {
    return absl::MakeConstSpan(bytes_ + kVersion3.command, kCommandBytes);
  }

  const uint8_t* bytes() const { return bytes_; }
  // The same record as a RecordView, for code that reads all records in one way.
  RecordView view() const { return RecordView(bytes_, kVersion3, ByteOrder::kLittle); }

 private:
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t CompTAt(size_t offset) const {
    return DecodeCompT(LoadLittle16(bytes_ + offset));
  }

  // Whether the command begins with a printable character, and only zeros follow its end, at least
  // one.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool HasRegularCommand() const {
    if (bytes_[kVersion3.command] < ' ') return false;
#if defined(__SSE2__)
    const __m128i command =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes_ + kVersion3.command));
    const auto zeros =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(command, _mm_setzero_si128())));
    // Bit i is set if byte i is zero. If the zero bytes are the last ones, adding the lowest set
    // bit carries over all of them.
    return zeros + (zeros & (0 - zeros)) == 0x10000;
#else
    // Bit 8i + 7 is set if byte i is not zero.
    const auto non_zero = [](uint64_t word) {
      constexpr uint64_t kLow = 0x7f7f'7f7f'7f7f'7f7f;
      return (((word & kLow) + kLow) | word) & ~kLow;
    };
    const uint64_t first = non_zero(LoadLittle64(bytes_ + kVersion3.command));
    const uint64_t second = non_zero(LoadLittle64(bytes_ + kVersion3.command + 8));
    // Before each such bit there must be another one, and the last byte must be zero.
    return (first & ~(first << 8 | 0x80)) == 0 && (second & ~(second << 8 | (first >> 56))) == 0 &&
           second >> 63 == 0;
#endif
  }

  const uint8_t* bytes_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_RECORD_V3_VIEW_H_
