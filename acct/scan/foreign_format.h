// Recognises the accounting files of other systems, so that a message can name the system. cpuagg
// cannot read them.

#ifndef CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_
#define CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_

#include <cstdint>

#include "absl/types/span.h"

namespace cpuagg::acct {

// The system whose accounting file seems to begin with `bytes`, which are some of its records; ""
// if unknown. If the system has several formats, the name includes the format: "FreeBSD (acctv2)".
const char* ForeignFormat(absl::Span<const uint8_t> bytes);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_FOREIGN_FORMAT_H_
