// Decides whether bytes look like an accounting record. This is how records are distinguished from
// damage, and how they are found again after damage.

#ifndef CPUAGG_ACCT_RECORD_PLAUSIBILITY_H_
#define CPUAGG_ACCT_RECORD_PLAUSIBILITY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"

namespace cpuagg::acct {

// What a file does not say about itself.
struct RecordFormat {
  // Records of version 0 are big-endian.
  bool big_endian_version0 = false;
  // The ticks per second of records that do not state them; not zero.
  uint32_t default_rate = kTicksPerSecond;
  // Begin times later than this, in seconds since 1970, need other records as evidence.
  uint32_t latest_begin = std::numeric_limits<uint32_t>::max();
};

// The record at the beginning of `bytes`, according to its version byte; nullopt if the version is
// not one of 0 to 3 in either byte order, or if there are too few bytes.
std::optional<RecordView> RecordAt(absl::Span<const uint8_t> bytes, const RecordFormat& format);

// Whether everything in the record is as kernels write it. Bytes that do not start at a record
// boundary fail this, whatever the records contain; an odd record may fail it as well.
// RecordV3View::IsRegular() is the same for little-endian records of version 3.
bool IsRegular(const RecordView& record);

// Whether nothing contradicts that this is a record: weaker than IsRegular().
bool IsPlausible(const RecordView& record);

// Whether the record is regular, began between 1990 and `format.latest_begin`, and has possible
// process ids.
bool HasPossibleNumbers(const RecordView& record, const RecordFormat& format);

// Whether a regular record is credible without neighbours: it began between 1990 and
// `format.latest_begin`, its command is printable, and its process ids are possible. Even so,
// version 0, which has hardly more fields than these, needs a neighbour.
bool StandsAlone(const RecordView& record, const RecordFormat& format);

// Whether the record has a printable command with only zeros after it.
bool HasPrintableCommand(const RecordView& record);

// The value for RecordFormat::latest_begin.
uint32_t LatestBegin(absl::Time now);

// Whether `bytes`, which are fewer than a record, may be the beginning of a record with the same
// version and byte order as `other`.
bool MayBeHead(absl::Span<const uint8_t> bytes, const RecordView& other);

// The same, but checks all fields: whether a regular record like `other` may begin with `bytes`,
// which may also be a whole one and more.
bool MayBeginRegular(absl::Span<const uint8_t> bytes, const RecordView& other);

// Whether `bytes`, which are fewer than a record, may be the beginning of a record of any version.
bool MayBeginRecord(absl::Span<const uint8_t> bytes);

// The length in bytes of the record at the beginning of `bytes`: kRecordBytes. For version 1 it is
// kPackedV1Bytes if another record, or the end of the input, follows there. If what follows does
// not show it, such as a torn record, it is `usual`, the length of a record of version 1 just
// before; 0 if there is none. `is_all` says that the input ends with `bytes`, which may be fewer
// than the length: then the padding has not been written.
size_t LengthOf(const RecordView& record, absl::Span<const uint8_t> bytes,
                const RecordFormat& format, bool is_all, size_t usual);

// Whether records certainly begin here: three regular ones in a row, or as many as there are up to
// the end of the input, perhaps followed by a torn one.
bool RecordsBegin(absl::Span<const uint8_t> bytes, const RecordFormat& format, bool is_all);

// This many bytes decide what is at their beginning; more make no difference.
inline constexpr size_t kLookaheadBytes = 6 * kRecordBytes;

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_PLAUSIBILITY_H_
