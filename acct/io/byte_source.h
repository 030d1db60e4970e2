// ByteSource: the bytes of an input in blocks, from a memory map, a stream or a compressed file.
//
//   std::unique_ptr<ByteSource> source = ...OpenSource("/var/log/account/pacct");
//   for (;;) {
//     absl::Span<const uint8_t> block = ...source->Next();
//     if (block.empty()) break;
//     ...
//   }

#ifndef CPUAGG_ACCT_IO_BYTE_SOURCE_H_
#define CPUAGG_ACCT_IO_BYTE_SOURCE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace cpuagg::acct {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // The next block, valid until the next call; empty at the end. The length of each block but the
  // last is a multiple of 64 bytes. Errors and the end are final. DataLoss if the file changed
  // during reading, so that earlier blocks are unreliable too.
  virtual absl::StatusOr<absl::Span<const uint8_t>> Next() = 0;

  // Announces that the caller is about to read `window`, a part of the last block, for the progress
  // display. Several threads may call it at once.
  virtual void WillRead(absl::Span<const uint8_t> window) const = 0;

  // After the end: a description of what cut the input short; empty if nothing did. The blocks
  // before it are good.
  virtual const std::string& damage() const = 0;

  // The total length in bytes of what Next() will give, if it is known beforehand; else zero.
  virtual uint64_t size_hint() const = 0;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_BYTE_SOURCE_H_
