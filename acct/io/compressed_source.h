// CompressedSource: the content of a compressed file, in blocks.

#ifndef CPUAGG_ACCT_IO_COMPRESSED_SOURCE_H_
#define CPUAGG_ACCT_IO_COMPRESSED_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/decompressor.h"
#include "acct/io/sequential_file.h"

namespace cpuagg::acct {

// Decompresses one member after another. The input ends early at truncated or damaged data, and at
// data after a member that is neither another member nor zeros. damage() then says why, and up to
// which offset the compressed file was good. The first block is short, for callers that only want
// to know how the file begins.
class CompressedSource : public ByteSource {
 public:
  CompressedSource(SequentialFile file, std::unique_ptr<Decompressor> decompressor);

  absl::StatusOr<absl::Span<const uint8_t>> Next() override;
  void WillRead(absl::Span<const uint8_t>) const override {}
  uint64_t size_hint() const override { return 0; }
  const std::string& damage() const override { return damage_; }

 private:
  // Reads more input if there is none left, unless the file is at its end.
  absl::Status Refill();
  // Whether another member begins at the input. Sets `damage_` if something else does.
  absl::StatusOr<bool> AnotherMemberBegins();
  void EndEarly(absl::string_view why);

  SequentialFile file_;
  std::unique_ptr<Decompressor> decompressor_;
  std::vector<uint8_t> compressed_;
  absl::Span<const uint8_t> input_;  // the unconsumed part of `compressed_`
  uint64_t consumed_ = 0;
  std::vector<uint8_t> block_;
  bool between_members_ = false;
  bool ended_ = false;
  std::string damage_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_COMPRESSED_SOURCE_H_
