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

  // The next block, valid until the next call; empty at the end. Every block but the last is a
  // multiple of 64 bytes long. An error, and the end, are final. DataLoss when the file changed
  // under the reader such that earlier blocks cannot be relied on either.
  virtual absl::StatusOr<absl::Span<const uint8_t>> Next() = 0;

  // Tells that `window`, a part of the last block, is about to be read. Only a hint, for speed and
  // for whoever watches the progress; may be called by several threads at once.
  virtual void WillRead(absl::Span<const uint8_t> window) const = 0;

  // After the end: what cut the input short, in words; empty if nothing did. The blocks that came
  // before it are good.
  virtual const std::string& damage() const = 0;

  // The length in bytes of what Next() will give in all, if it is known beforehand; else zero.
  virtual uint64_t size_hint() const = 0;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_BYTE_SOURCE_H_
