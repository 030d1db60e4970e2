// ReadOptions: where an input's bytes stand, and how they are read.

#ifndef CPUAGG_ACCT_SCAN_READ_OPTIONS_H_
#define CPUAGG_ACCT_SCAN_READ_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "acct/record/plausibility.h"
#include "acct/scan/duplicate_detector.h"

namespace cpuagg::acct {

struct ReadOptions {
  uint64_t base = 0;   // the offset of the source's first byte within its file
  size_t threads = 1;  // at most; small inputs and streams use one
  RecordFormat format;
  // The bytes before `base`, or the last of them, if they have already been read.
  absl::Span<const uint8_t> before;
  // The input may still grow: what later bytes could change is left as trailing bytes. Only for
  // inputs that a source has in memory as a whole.
  bool may_grow = false;
  // The accumulator has so few records that those of this source can be added to it as they are, if
  // it is read by one thread (see kMaxRecordsPerAccumulator). Otherwise they are added up apart
  // from it, and merged.
  bool adds_directly = false;
  // What to watch for, and where to add the hits (see acct/scan/input_set.h).
  const DuplicateDetector* watch = nullptr;
  std::vector<DuplicateHit>* hits = nullptr;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_READ_OPTIONS_H_
