// How alike two accounting files are: how they begin, and whether the one has what was read of the
// other. For acct/rotation/recognition.h.

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

// What every generation with a record has at least: two files are compared only if this is equal.
inline constexpr size_t kLeastHeadBytes = kPackedV1Bytes;

// The first bytes of a generation's content, up to Cursor::kMarkBytes. If they are zeros, which
// tell nothing, what follows them comes behind.
absl::StatusOr<std::string> HeadOf(const Generation& generation);

// True of no bytes as well.
bool HasOnlyZeros(absl::string_view bytes);

// The beginning that two files have in common, as far as both go; empty if they have none.
absl::string_view CommonBeginning(absl::string_view a, absl::string_view b);

// Whether two files begin alike. Zeros, which a power failure leaves, tell nothing.
bool AreAlike(absl::string_view a, absl::string_view b);

// Whether they have the same first record.
bool HaveOneFirst(absl::string_view a, absl::string_view b);

// Whether the record with which `head` begins has a process id.
bool HasPid(absl::string_view head);

// Whether a generation that begins as that of a cursor does also has what comes before its offset.
enum class Fit {
  kNone,       // it has something else there
  kShorter,    // it ends before the offset
  kReaches,    // it has
  kUnrelated,  // nothing tells
};

struct Reach {
  std::vector<Fit> fits;           // of each cursor that was asked for
  std::optional<uint64_t> length;  // of the content; nullopt if it was not read to its end
};

// How far a generation that is not compressed, and begins like those of the cursors `asked`
// (indices), goes on what had been read of them.
absl::StatusOr<Reach> ReachOfPlain(const Generation& generation, const std::vector<Cursor>& cursors,
                                   const std::vector<size_t>& asked);

// The same of any content. It is read as far as the cursors need it, or `to_end`.
absl::StatusOr<Reach> ReachOfContent(ByteSource& content, const std::vector<Cursor>& cursors,
                                     const std::vector<size_t>& asked, bool to_end);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_LIKENESS_H_
