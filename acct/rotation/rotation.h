// The generations of an accounting file: the file itself and what rotation made of its
// predecessors.
//
// They are looked for beside the accounting file (if that is a symbolic link, beside its target as
// well), in other folders that rotation moves them to, and under every name that begins as that of
// the accounting file. Names change with every rotation: pacct.0, pacct.1.gz (savelog, which
// renames first and restarts accounting afterwards, so that pacct.0 still grows for a while),
// pacct-20261122.gz (logrotate, by renaming or by copying and truncating), pacct.20261125.backup
// (an admin). So a file of a usual name counts as a generation, and one of any other name if it
// holds accounting records. acct/rotation/recognition.h tells which generation each of them is.

#ifndef CPUAGG_ACCT_ROTATION_ROTATION_H_
#define CPUAGG_ACCT_ROTATION_ROTATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/folder_listing.h"

namespace cpuagg::acct {

// A generation, with the length it had when all newer ones were listed already. Since a file only
// grows until its successor takes over, nothing was written to it later if its successor has
// content.
class Generation {
 public:
  std::string path;
  uint64_t size = 0;  // of the file, compressed or not
  int64_t modified_nanos = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
  // When the file was made; 0 where the file system does not know it, and of what was not asked
  // (see Cursor::born_nanos).
  int64_t born_nanos = 0;
  // It has the name of the accounting file: the kernel writes to it, unless it is being rotated.
  bool is_current = false;
  // It has a name as rotation gives them. A file of another name may be a copy.
  bool has_usual_name = false;
  // The cursor (an index) that says that it has been read to its end and not been written to since.
  // Such a file is not opened.
  std::optional<size_t> seal = std::nullopt;
  // Not known of what is sealed.
  bool is_compressed = false;

  // Opens it. Aborted if another file has its name by now.
  absl::StatusOr<File> Open() const;
  // The content from its beginning, decompressed.
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenContent() const;

  // Keeps it open, so that its inode is its own and deleting it does no harm.
  void Hold(File file) { held_ = std::make_shared<File>(std::move(file)); }

 private:
  std::shared_ptr<const File> held_;
};

struct GenerationListing {
  std::vector<Generation> generations;  // newest first
  std::vector<PassedOver> passed_over;
};

// How many of the newest generations that are not sealed are kept open; the others are opened when
// they are read, so that the limit of open files does not limit their number.
inline constexpr size_t kMostHeld = 16;

// The generations that exist, each of them once even while a rotation is under way. `cursors` seal
// those that have been read. NotFound if there is none (and none that is unreadable), Unavailable
// if rotation does not leave off, InvalidArgument if the accounting file itself is neither a
// regular file nor a folder.
absl::StatusOr<GenerationListing> ListGenerations(const AccountingFiles& files,
                                                  const std::vector<Cursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_ROTATION_H_
