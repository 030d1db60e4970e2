// ReadAll: everything that a source gives.

#ifndef CPUAGG_ACCT_TESTING_READ_ALL_H_
#define CPUAGG_ACCT_TESTING_READ_ALL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "gtest/gtest.h"

namespace cpuagg::acct::testing {

// All bytes of `source`. Fails the test if the length of a block before the last is not divisible
// by 64.
inline absl::StatusOr<std::string> ReadAll(ByteSource& source) {
  std::string all;
  bool last = false;
  for (;;) {
    absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) return all;
    EXPECT_FALSE(last) << "a block came after one that was not a multiple of 64";
    last = block->size() % 64 != 0;
    all.append(block->begin(), block->end());
  }
}

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_READ_ALL_H_
