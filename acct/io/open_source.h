// Opens inputs, whatever they are: a file, a pipe, standard input, plain or compressed.

#ifndef CPUAGG_ACCT_IO_OPEN_SOURCE_H_
#define CPUAGG_ACCT_IO_OPEN_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"

namespace cpuagg::acct {

// Opens the accounting file at `path`; "-" is standard input. A regular file is mapped at the
// length it has now; pipes and devices are read to their end. What is compressed with gzip, xz,
// zstd or bzip2 is decompressed; the content decides, not the name. InvalidArgument for a
// directory. `progress`, if there is one, is told of the input and of what is read from it, and
// outlives the source.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path,
                                                       Progress* progress = nullptr);

// The same for a file that is open already: from its beginning, and what is still to come of a
// pipe.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(File file);

// How many bytes OpenSource() will read from the files at `paths`; zero if that cannot be told
// beforehand, as of a pipe. Opens none of them.
uint64_t BytesToRead(const std::vector<std::string>& paths);

// The bytes [begin, end) of an open regular file, which is at least `end` bytes long.
absl::StatusOr<std::unique_ptr<ByteSource>> MapSource(File file, uint64_t begin, uint64_t end,
                                                      Progress* progress = nullptr);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_OPEN_SOURCE_H_
