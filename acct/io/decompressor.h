// Decompressor: one compressed stream format, step by step. The four formats that rotated
// accounting files come in: gzip, xz, zstd and bzip2.

#ifndef CPUAGG_ACCT_IO_DECOMPRESSOR_H_
#define CPUAGG_ACCT_IO_DECOMPRESSOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cpuagg::acct {

class Decompressor {
 public:
  struct Step {
    size_t consumed = 0;  // bytes of the input
    size_t produced = 0;  // bytes of the output
    // A member is complete, and its checksum right; what follows is another one or nothing.
    bool member_complete = false;
  };

  virtual ~Decompressor() = default;

  // Decompresses as much of `input` as fits `output`. With input left and room in the output it
  // makes progress. After a complete member the next call begins another one. DataLoss if the input
  // is damaged, which gzip says when all has come out that was before the damage;
  // ResourceExhausted if it asks for more memory than 256 MiB; both are final.
  virtual absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                          absl::Span<uint8_t> output) = 0;

  // What the format is called: "gzip".
  virtual absl::string_view name() const = 0;
};

// As many bytes tell which format it is.
inline constexpr size_t kMagicBytes = 6;

// The decompressor for a stream that begins with `head`; null if that is no compressed stream.
std::unique_ptr<Decompressor> DecompressorFor(absl::string_view head);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_DECOMPRESSOR_H_
