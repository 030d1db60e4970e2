// ForEachRecord: the records of an input one by one, in order, as long as they are wanted.
//
//   absl::StatusOr<acct::ByteAccount> account =
//       acct::ForEachRecord(*source, {}, [&](const auto& record, uint64_t offset) {
//         ... record.uid() ...
//         return true;  // go on
//       });
//
// Where order does not matter, ReadRecords() (acct/scan/record_reader.h) is faster.

#ifndef CPUAGG_ACCT_SCAN_FOR_EACH_RECORD_H_
#define CPUAGG_ACCT_SCAN_FOR_EACH_RECORD_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/read_options.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::acct {

// Calls `sink(record, offset)` for each record of `source`, on this thread, until it returns false.
// `record` is a RecordV3View or a RecordView, valid during the call, and `offset` where it stands
// in the file. `options.threads` and `options.watch` do not matter here. The account is that of the
// bytes that were read. An error is that of ByteSource::Next(); `sink` has had what came before it.
template <typename Sink>
absl::StatusOr<ByteAccount> ForEachRecord(ByteSource& source, const ReadOptions& options,
                                          Sink&& sink) {
  RecordScanner scanner(options.base, options.format);
  scanner.GoOnBehind(options.before);
  uint64_t invalid_elapsed = 0;
  bool go_on = true;
  const auto pass_on = [&](const auto& record, uint64_t offset) {
    if (!record.has_valid_elapsed()) ++invalid_elapsed;
    if (go_on) go_on = sink(record, offset);
  };
  // Little enough that not much is read in vain once `sink` has had enough.
  constexpr size_t kPieceBytes = size_t{1} << 20;
  while (go_on) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    for (size_t at = 0; go_on && at < block->size(); at += kPieceBytes) {
      const absl::Span<const uint8_t> piece = block->subspan(at, kPieceBytes);
      source.WillRead(piece);
      scanner.Scan(piece, pass_on);
    }
  }
  scanner.Finish(pass_on);
  ByteAccount account = scanner.account();
  account.invalid_elapsed = invalid_elapsed;
  account.cut_short = source.damage();
  return account;
}

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_FOR_EACH_RECORD_H_
