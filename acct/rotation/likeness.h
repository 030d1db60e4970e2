// Compares accounting files: whether they begin alike, and whether one contains what has been read
// of the other. For acct/rotation/recognition.h.

#ifndef CPUAGG_ACCT_ROTATION_LIKENESS_H_
#define CPUAGG_ACCT_ROTATION_LIKENESS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/byte_source.h"
#include "acct/record/layout.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::acct {

// Every generation with a record has at least this many bytes. Two files are compared only if these
// are equal.
inline constexpr size_t kLeastHeadBytes = kPackedV1Bytes;

// The first bytes of a generation's content, up to Cursor::kMarkBytes. If these are zeros, which
// identify nothing, the bytes that follow the zeros are appended.
absl::StatusOr<std::string> HeadOf(const Generation& generation);

// Also true for an empty string.
bool HasOnlyZeros(absl::string_view bytes);

// The common beginning of two files, as far as both go; empty if they differ at once.
absl::string_view CommonBeginning(absl::string_view a, absl::string_view b);

// Whether two files begin alike. Zeros, which a power failure leaves, do not count.
bool AreAlike(absl::string_view a, absl::string_view b);

// Whether two files have the same first record.
bool HaveOneFirst(absl::string_view a, absl::string_view b);

// Whether the first record of `head` has a process id.
bool HasPid(absl::string_view head);

// Whether a generation with the same beginning as a cursor also has the bytes before the cursor's
// offset.
enum class Fit {
  kNone,       // it has other bytes there
  kShorter,    // it ends before the offset
  kReaches,    // it has them
  kUnrelated,  // cannot be decided
};

struct Reach {
  std::vector<Fit> fits;           // one for each of the cursors asked for
  std::optional<uint64_t> length;  // of the content; nullopt if it was not read to its end
};

// How far a generation matches the cursors `asked` (indices). It is not compressed and has the same
// beginning as they have.
absl::StatusOr<Reach> ReachOfPlain(const Generation& generation, const std::vector<Cursor>& cursors,
                                   const std::vector<size_t>& asked);

// The same for any content. Reads it as far as the cursors require, or to its end if `to_end`.
absl::StatusOr<Reach> ReachOfContent(ByteSource& content, const std::vector<Cursor>& cursors,
                                     const std::vector<size_t>& asked, bool to_end);

// How many bytes at the beginning of two contents are equal.
absl::StatusOr<uint64_t> CommonLength(ByteSource& a, ByteSource& b);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_LIKENESS_H_
