// RecordScanner::Slot: a place at which a record would begin. For the parts of RecordScanner only.

#ifndef CPUAGG_ACCT_SCAN_RECORD_SLOT_H_
#define CPUAGG_ACCT_SCAN_RECORD_SLOT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::acct {

inline bool AreZeros(absl::Span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t c) { return c == 0; });
}

struct RecordScanner::Slot {
  absl::Span<const uint8_t> bytes;   // from the place on
  bool is_all = false;               // nothing follows `bytes`
  std::optional<RecordView> record;  // that begins here, if its version byte is right
  size_t length = 0;                 // that it has, or a slot of something else
  absl::Span<const uint8_t> rest;    // after the slot
  std::optional<RecordView> next;    // with which `rest` begins
  bool is_regular = false;
  bool is_before_regular = false;
  // What follows shows that a record ends where this one would.
  bool is_before_record = false;

  absl::Span<const uint8_t> own_bytes() const { return bytes.subspan(0, kRecordBytes); }
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_RECORD_SLOT_H_
