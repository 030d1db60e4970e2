// RecordV3View: the fields of one little-endian acct_v3 record, read where they lie.
//
//   acct::RecordV3View record(bytes);  // 64 bytes
//   table.Add(record.uid(), record.user_ticks() + record.system_ticks());
//
// This is the fast way, for the records that x86-64 and arm64 machines write.
// acct/record/record_view.h is the plain one, for all of them. The accessors of both mean the same.

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

// Does not own the bytes, which must outlive it. Every bit pattern of a record has a value in every
// accessor.
class RecordV3View {
 public:
  // `bytes` points at kRecordBytes readable bytes.
  explicit RecordV3View(const uint8_t* bytes) : bytes_(bytes) {}

  // Whether these 64 bytes are a little-endian record of version 3 in every respect in which the
  // kernel writes all records alike. Bytes that begin elsewhere than a record fail this, whatever
  // the records hold; an odd record may fail it as well. Four comparisons, no loop: it is asked for
  // every record.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool IsRegular() const {
    // Known flags alone, version 3, and an exit code in its low 16 bits.
    constexpr uint64_t kHeadMask = 0xffff'0000'0000'ffc0;
    constexpr uint64_t kHead = uint64_t{kVersion3.version} << 8;
    return (LoadLittle64(bytes_) & kHeadMask) == kHead && begin_time() >= kEarliestBegin &&
           has_valid_elapsed() && HasRegularCommand();
  }

  // Whether another regular record follows, for which kRecordBytes more are readable. A hot loop
  // asks this of each regular record, and thereby whether the next one is regular: what is left of
  // a torn record may look regular together with the beginning of the one behind it, but what
  // follows then does not.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool IsFollowedByRegular() const {
    // What is known of this one need not be asked again.
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
  // Non-negative floats are ordered as their bits are, and everything else is above them: negative
  // numbers, infinity and NaN. One comparison of integers.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool has_valid_elapsed() const {
    constexpr uint32_t kLimitBits = std::bit_cast<uint32_t>(static_cast<float>(kElapsedLimit));
    return LoadLittle32(bytes_ + kVersion3.elapsed) < kLimitBits;
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t elapsed_ticks() const {
    // By way of the signed number, which processors convert in one instruction.
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
  // The same record for whoever reads all of them in one way.
  RecordView view() const { return RecordView(bytes_, kVersion3, ByteOrder::kLittle); }

 private:
  ABSL_ATTRIBUTE_ALWAYS_INLINE uint64_t CompTAt(size_t offset) const {
    return DecodeCompT(LoadLittle16(bytes_ + offset));
  }

  // Whether the command begins with a character and is followed by zeros alone, at least one.
  ABSL_ATTRIBUTE_ALWAYS_INLINE bool HasRegularCommand() const {
    if (bytes_[kVersion3.command] < ' ') return false;
#if defined(__SSE2__)
    const __m128i command =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes_ + kVersion3.command));
    const auto zeros =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(command, _mm_setzero_si128())));
    // Bit i says that byte i is zero. If those are the last ones, adding the lowest bit carries
    // over all of them.
    return zeros + (zeros & (0 - zeros)) == 0x10000;
#else
    // Bit 8i + 7 says that byte i is not zero.
    const auto non_zero = [](uint64_t word) {
      constexpr uint64_t kLow = 0x7f7f'7f7f'7f7f'7f7f;
      return (((word & kLow) + kLow) | word) & ~kLow;
    };
    const uint64_t first = non_zero(LoadLittle64(bytes_ + kVersion3.command));
    const uint64_t second = non_zero(LoadLittle64(bytes_ + kVersion3.command + 8));
    // Each such bit needs one in front of it, and there is none at the very end.
    return (first & ~(first << 8 | 0x80)) == 0 && (second & ~(second << 8 | (first >> 56))) == 0 &&
           second >> 63 == 0;
#endif
  }

  const uint8_t* bytes_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_RECORD_V3_VIEW_H_
