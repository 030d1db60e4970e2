// MemorySource: bytes in memory, presented like a file or like a stream.

#ifndef CPUAGG_ACCT_TESTING_MEMORY_SOURCE_H_
#define CPUAGG_ACCT_TESTING_MEMORY_SOURCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"

namespace cpuagg::acct::testing {

class MemorySource : public ByteSource {
 public:
  // All of `bytes`, which must outlive the source, in one block, like a memory map.
  explicit MemorySource(absl::Span<const uint8_t> bytes)
      : MemorySource(bytes, bytes.size(), bytes.size()) {}
  // In blocks of `block_bytes` bytes, a multiple of 64, like a pipe.
  MemorySource(absl::Span<const uint8_t> bytes, size_t block_bytes)
      : MemorySource(bytes, block_bytes, 0) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    const absl::Span<const uint8_t> block = rest_.subspan(0, std::min(block_bytes_, rest_.size()));
    rest_.remove_prefix(block.size());
    return block;
  }
  void WillRead(absl::Span<const uint8_t>) const override {}
  const std::string& damage() const override { return damage_; }
  uint64_t size_hint() const override { return size_hint_; }

 private:
  MemorySource(absl::Span<const uint8_t> bytes, size_t block_bytes, uint64_t size_hint)
      : rest_(bytes), block_bytes_(block_bytes), size_hint_(size_hint) {}

  absl::Span<const uint8_t> rest_;
  size_t block_bytes_;
  uint64_t size_hint_;
  const std::string damage_;
};

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_MEMORY_SOURCE_H_
