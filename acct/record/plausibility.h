// Whether bytes look like an accounting record: how records are told from damage, and how they are
// found again behind it.

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

// What a file does not say of itself.
struct RecordFormat {
  // Records of version 0 are big-endian.
  bool big_endian_version0 = false;
  // Ticks a second where the record does not say it; not zero.
  uint32_t default_rate = kTicksPerSecond;
  // What began later than this, in seconds since 1970, needs other records for witnesses.
  uint32_t latest_begin = std::numeric_limits<uint32_t>::max();
};

// The record that `bytes` begin with as their version byte has it; nullopt if that is none of 0 to
// 3 in either byte order, or if there are too few bytes.
std::optional<RecordView> RecordAt(absl::Span<const uint8_t> bytes, const RecordFormat& format);

// Whether everything in the record is as kernels write it. Bytes that begin elsewhere than a record
// fail this, whatever the records hold; an odd record may fail it as well.
// RecordV3View::IsRegular() is the same for little-endian records of version 3.
bool IsRegular(const RecordView& record);

// Whether nothing in the record contradicts that it is one: weaker than IsRegular().
bool IsPlausible(const RecordView& record);

// Whether the record is regular, began between 1990 and `format.latest_begin`, and has process ids
// that are possible.
bool HasPossibleNumbers(const RecordView& record, const RecordFormat& format);

// Whether a regular record looks like one without a neighbour: it began between 1990 and
// `format.latest_begin`, its command is printable, and its process ids are possible. Version 0,
// which is little more than that, needs company even so.
bool StandsAlone(const RecordView& record, const RecordFormat& format);

// Whether the record has a command, which is printable, and nothing behind it.
bool HasPrintableCommand(const RecordView& record);

// As a RecordFormat has it.
uint32_t LatestBegin(absl::Time now);

// Whether `bytes`, fewer than a record has, may be the beginning of one of the same version and
// byte order as `other`.
bool MayBeHead(absl::Span<const uint8_t> bytes, const RecordView& other);

// How many bytes the record at the beginning of `bytes` takes. That is kRecordBytes, but for
// version 1 kPackedV1Bytes if another record or the end of the input (which `is_all` says is the
// end of `bytes`) follows there.
size_t LengthOf(const RecordView& record, absl::Span<const uint8_t> bytes,
                const RecordFormat& format, bool is_all);

// Whether records begin here for sure: three regular ones in a row, or as many as there are up to
// the end of the input, where a torn one may follow them.
bool RecordsBegin(absl::Span<const uint8_t> bytes, const RecordFormat& format, bool is_all);

// As many bytes decide what is at their beginning; more make no difference.
inline constexpr size_t kLookaheadBytes = 6 * kRecordBytes;

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_PLAUSIBILITY_H_
