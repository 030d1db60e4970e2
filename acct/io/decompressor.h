// Decompressor: one compressed stream format, step by step. Supports the formats of rotated
// accounting files: gzip, xz, zstd and bzip2.

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
    // A member is complete and its checksum is right. Another member or the end follows.
    bool member_complete = false;
  };

  virtual ~Decompressor() = default;

  // Decompresses as much of `input` as fits into `output`. Makes progress whenever there is input
  // and room in the output. After a complete member, the next call begins another one. DataLoss if
  // the input is damaged; gzip reports that only after all output from before the damage.
  // ResourceExhausted if decompressing needs more than 256 MiB of memory. Both errors are final. If
  // there is less memory than it needs, the program ends as by `new` (acct/io/out_of_memory.h): the
  // file is not to blame.
  virtual absl::StatusOr<Step> Decompress(absl::Span<const uint8_t> input,
                                          absl::Span<uint8_t> output) = 0;

  // The name of the format, for example "gzip".
  virtual absl::string_view name() const = 0;
};

// The number of bytes that identify the format.
inline constexpr size_t kMagicBytes = 6;

// The decompressor for a stream that begins with `head`; null if that is not a known compressed
// format.
std::unique_ptr<Decompressor> DecompressorFor(absl::string_view head);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_DECOMPRESSOR_H_
