// What became of every byte of an input:
//
//   decoded + skipped + trailing = bytes
//
// Damage is data here, not an error: it is passed over, listed, and counted for nobody.

#ifndef CPUAGG_ACCT_SCAN_BYTE_ACCOUNT_H_
#define CPUAGG_ACCT_SCAN_BYTE_ACCOUNT_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "acct/record/layout.h"

namespace cpuagg::acct {

enum class SkipReason {
  kZeros,              // nothing but zero bytes, as a hole in the file reads
  kReservedVersion,    // version 4 or 5, which linux/acct.h reserves and no kernel writes
  kBigEndianVersion0,  // a record of version 0 if it is read in the other byte order
  kMisaligned,   // what is left of a record that was cut, or stray bytes: records follow where
                 // none was expected
  kNoRecord,     // a version byte that no accounting writer uses
  kImplausible,  // has a known version, but amid damage does not look like a record
};

// A phrase for people: "not an accounting record".
const char* SkipReasonText(SkipReason reason);

// A machine's word for it: "no_record".
const char* SkipReasonName(SkipReason reason);

// The bytes [begin, end) of an input, which were not decoded.
struct SkippedRegion {
  uint64_t begin = 0;
  uint64_t end = 0;
  SkipReason reason = SkipReason::kNoRecord;

  friend bool operator==(const SkippedRegion&, const SkippedRegion&) = default;
};

std::ostream& operator<<(std::ostream& os, const SkippedRegion& region);

// The account of one input. `bytes` is the length of what was read.
struct ByteAccount {
  // More regions than this are counted in `regions` and not listed, so that a hostile file cannot
  // take memory in proportion to its length.
  static constexpr size_t kMaxListed = 1000;

  std::string name;
  uint64_t offset = 0;  // where in the file the first of the bytes stands
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t skipped_bytes = 0;
  // The length of the torn record at the end, 0 to kRecordBytes - 1.
  uint64_t trailing_bytes = 0;
  uint64_t regions = 0;
  std::vector<SkippedRegion> skipped;
  // The system whose accounting file it seems to be instead of one of Linux; "" if none is known.
  const char* foreign_format = "";
  // Records that count, but whose elapsed time is no time (NaN, negative, beyond any lifetime).
  uint64_t invalid_elapsed = 0;

  // The bytes at its beginning (as decompressed) that were left to another input, called `repeats`,
  // which has them as well. Not part of `bytes`.
  uint64_t repeated_bytes = 0;
  std::string repeats;

  // What cut a compressed input short, in words; empty if nothing did. What came before it counts.
  std::string cut_short;

  uint64_t decoded_bytes() const { return bytes - skipped_bytes - trailing_bytes; }
  bool damaged() const { return skipped_bytes > 0 || trailing_bytes > 0 || !cut_short.empty(); }

  // Adds [begin, end), which begins at or after the end of the last region; joined with it if it
  // follows directly and for the same reason.
  void AddSkipped(uint64_t begin, uint64_t end, SkipReason reason);

  // Adds the account of other bytes: those that follow the ones of this account, or of what has the
  // same name at another time. What is no number is kept from the first of the two that has it;
  // `name`, `offset` and what is repeated stay.
  void Add(const ByteAccount& other);
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_BYTE_ACCOUNT_H_
