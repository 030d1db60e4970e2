// ByteAccount: accounts for every byte of an input:
//
//   decoded + skipped + trailing = bytes
//
// Damage is data here, not an error: it is skipped, listed, and not counted for any user.

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
  kZeros,              // only zero bytes, as in a hole of the file
  kReservedVersion,    // version 4 or 5, which linux/acct.h reserves and no kernel writes
  kBigEndianVersion0,  // looks like a version 0 record in the other byte order
  kMisaligned,   // the rest of a cut record, or stray bytes: the records after it are off the grid
  kNoRecord,     // a version byte that no accounting writer uses
  kImplausible,  // a known version, but implausible next to damage
};

// A description for people: "not an accounting record".
const char* SkipReasonText(SkipReason reason);

// An identifier for programs: "no_record".
const char* SkipReasonName(SkipReason reason);

// The bytes [begin, end) of an input, which could not be decoded.
struct SkippedRegion {
  uint64_t begin = 0;
  uint64_t end = 0;
  SkipReason reason = SkipReason::kNoRecord;

  friend bool operator==(const SkippedRegion&, const SkippedRegion&) = default;
};

std::ostream& operator<<(std::ostream& os, const SkippedRegion& region);

// Bytes at the end of a file that may grow, some of which look damaged as long as nothing follows
// them. A later scan reads them again.
struct HeldBytes {
  uint64_t bytes = 0;  // 0 if there are none
  uint64_t records = 0;
  std::vector<SkippedRegion> skipped;  // at most ByteAccount::kMaxListed
};

// The account of one input. `bytes` is the number of bytes read.
struct ByteAccount {
  // At most this many regions are listed; `regions` counts the others too. So a hostile file cannot
  // take memory in proportion to its length.
  static constexpr size_t kMaxListed = 1000;

  std::string name;
  uint64_t offset = 0;  // where the first of the bytes is in the file
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t skipped_bytes = 0;
  // The length of the torn record at the end, 0 to kRecordBytes - 1. Of a file that may grow: of
  // all that waits for what follows it.
  uint64_t trailing_bytes = 0;
  // What they are if nothing follows them, if some of that is damage.
  HeldBytes held;
  uint64_t regions = 0;
  std::vector<SkippedRegion> skipped;
  // It is the beginning of a file that is shorter than a record, and no record begins like that.
  bool begins_otherwise = false;
  // The name of another system whose accounting format the file seems to have; "" if none.
  const char* foreign_format = "";
  // Records that count although their elapsed time is invalid: NaN, negative, or longer than any
  // process lives.
  uint64_t invalid_elapsed = 0;

  // The number of bytes at the beginning (after decompression) that another input, `repeats`, has
  // as well and that are counted there. Not part of `bytes`.
  uint64_t repeated_bytes = 0;
  std::string repeats;

  // A description of what cut a compressed input short; empty if nothing did. The data before it
  // counts.
  std::string cut_short;

  uint64_t decoded_bytes() const { return bytes - skipped_bytes - trailing_bytes; }
  bool damaged() const { return skipped_bytes > 0 || trailing_bytes > 0 || !cut_short.empty(); }

  // Adds [begin, end), which begins at or after the end of the last region. Extends the last region
  // if this one follows directly and has the same reason.
  void AddSkipped(uint64_t begin, uint64_t end, SkipReason reason);

  // Adds the account of other bytes: those that follow the ones of this account, or of what has the
  // same name at another time. Text is kept from the first of the two that has it;
  // `name`, `offset` and the repeated bytes stay.
  void Add(const ByteAccount& other);
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_BYTE_ACCOUNT_H_
