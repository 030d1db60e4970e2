// The accounting files of other systems, which are told so that a message can name them. None of
// them is read.

#ifndef CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_
#define CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_

#include <cstdint>

#include "absl/types/span.h"

namespace cpuagg::acct {

// The system whose accounting file seems to begin with `bytes`, some records of it, and if it has
// several formats, which one: "FreeBSD (acctv2)". "" for any other.
const char* ForeignFormat(absl::Span<const uint8_t> bytes);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_
