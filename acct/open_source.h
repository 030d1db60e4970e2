// Opens inputs, whatever they are: a file, a pipe, standard input, plain or compressed.

#ifndef CPUAGG_ACCT_OPEN_SOURCE_H_
#define CPUAGG_ACCT_OPEN_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "acct/byte_source.h"
#include "acct/file.h"

namespace cpuagg::acct {

// Opens the accounting file at `path`; "-" is standard input. A regular file is mapped at the
// length it has now; pipes and devices are read to their end. What is compressed with gzip, xz,
// zstd or bzip2 is decompressed; the content decides, not the name. InvalidArgument for a
// directory.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path);

// The bytes [begin, end) of an open regular file, which is at least `end` bytes long.
absl::StatusOr<std::unique_ptr<ByteSource>> MapSource(File file, uint64_t begin, uint64_t end);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_OPEN_SOURCE_H_
