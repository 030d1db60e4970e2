// ForEachRecord: a whole input, record by record.
//
//   absl::StatusOr<acct::InputAccount> account =
//       acct::ForEachRecord(*source, [&](acct::RecordV3View record) { table.Add(record); });

#ifndef CPUAGG_ACCT_RECORD_READER_H_
#define CPUAGG_ACCT_RECORD_READER_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/input_account.h"
#include "acct/record_scanner.h"
#include "acct/record_v3_view.h"

namespace cpuagg::acct {

// Calls `sink(RecordV3View)` for each record of `source`, in order, and accounts for every byte.
// `base` is the offset of the first byte within its file. On an error the records given so far must
// be thrown away (see ByteSource::Next).
template <typename Sink>
absl::StatusOr<InputAccount> ForEachRecord(ByteSource& source, Sink&& sink, uint64_t base = 0) {
  RecordScanner scanner(base);
  for (;;) {
    absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    scanner.Scan(*block, sink);
  }
  scanner.Finish(sink);
  return scanner.account();
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_RECORD_READER_H_
