// Opens inputs of any kind: a file, a pipe or standard input, plain or compressed.

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

// Opens the accounting file at `path`; "-" is standard input. Maps a regular file at its current
// length. Reads pipes and devices to their end. Decompresses gzip, xz, zstd and bzip2, which it
// recognises by the content, not the name. InvalidArgument for a directory. Reports the input and
// what is read from it to `progress`, if that is not null; `progress` outlives the source.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path,
                                                       Progress* progress = nullptr);

// The same for a look at how the file begins: reads a regular file that is not compressed in
// pieces, instead of mapping it. Its size_hint() is as if it were mapped.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenBeginning(const std::string& path);

// The same as OpenSource(path) for a file that is already open: all of a regular file, or the rest
// of a pipe. Does not count it as another input.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(File file, Progress* progress = nullptr);

// How many bytes OpenSource() will read from the files at `paths`; zero if that is unknown
// beforehand, for example because one is a pipe. Opens none of them.
uint64_t BytesToRead(const std::vector<std::string>& paths);

// The bytes [begin, end) of an open regular file that is at least `end` bytes long.
absl::StatusOr<std::unique_ptr<ByteSource>> MapSource(File file, uint64_t begin, uint64_t end,
                                                      Progress* progress = nullptr);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_OPEN_SOURCE_H_
