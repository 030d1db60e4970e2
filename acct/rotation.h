// The generations of an accounting file: the file itself and what rotation made of its
// predecessors.
//
// Names say where to look and nothing else, since every rotation changes them: pacct.0, pacct.1.gz
// (savelog, which renames first and restarts accounting afterwards, so that pacct.0 still grows for
// a while), pacct.1, pacct.2.gz, pacct-20261122.gz (logrotate, by renaming or by copying and
// truncating). A generation is known by its content: the bytes it begins with, and those just
// before where reading stopped, the same whether it is compressed or not.

#ifndef CPUAGG_ACCT_ROTATION_H_
#define CPUAGG_ACCT_ROTATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/byte_source.h"
#include "acct/cursor.h"
#include "acct/file.h"
#include "acct/read_plan.h"

namespace cpuagg::acct {

// A generation that is open, so that its inode is its own and deleting it does no harm, with the
// length it had when all newer ones were open already. Since a file only grows until its successor
// takes over, nothing was written to it later if its successor has content.
struct Generation {
  File file;
  uint64_t size = 0;  // of the file, compressed or not
  int64_t modified_nanos = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
  bool is_compressed = false;
};

// The generations of `path` that exist, newest first as their names have it, each of them once even
// while a rotation is under way. NotFound if there is none, Unavailable if rotation does not leave
// off.
absl::StatusOr<std::vector<Generation>> OpenGenerations(const std::string& path);

// The content of a generation from its beginning, decompressed.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenContent(const Generation& generation);

// Which of `generations` continues which of `cursors`, by content and, where content leaves a
// choice, by inode; which hold nothing new because another one holds the same. The input of
// PlanReading().
absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors);

// Where in the order of generations a name stands: `suffix` is what follows the name of the
// accounting file. Smaller is newer; nullopt if rotation makes no such names.
std::optional<std::vector<int64_t>> AgeByName(absl::string_view suffix);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_H_
