// Finds the generations of an accounting file: the file itself and its rotated predecessors.
//
// The folders searched are that of the accounting file (if it is a symbolic link, also that of its
// target) and other folders to which rotation moves files. The name must begin with the name of the
// accounting file. Names change with every rotation:
//
// - pacct.0, pacct.1.gz: savelog, which renames first and restarts accounting afterwards, so that
//   pacct.0 still grows for a while
// - pacct-20261122.gz: logrotate, by renaming, or by copying and truncating
// - pacct.20261125.backup: an admin
//
// So a file with a usual name counts as a generation; any other file counts if it holds accounting
// records. acct/rotation/recognition.h decides which generation each file is.

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
#include "acct/io/progress.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/folder_listing.h"

namespace cpuagg::acct {

// A generation, with its length at a time when all newer generations had already been listed. A
// file grows only until its successor takes over. So if its successor has content, nothing was
// appended to it after that time.
class Generation {
 public:
  std::string path;
  uint64_t size = 0;  // of the file, compressed or not
  int64_t modified_nanos = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
  // The creation time; 0 if the file system does not know it, or if it was not needed (see
  // Cursor::born_nanos).
  int64_t born_nanos = 0;
  // It has the name of the accounting file: the kernel writes to it, except during a rotation.
  bool is_current = false;
  // It has a name that a usual rotation gives. A file with another name may be a copy.
  bool has_usual_name = false;
  // The cursor (an index) that shows that this file was read to its end and has not changed since.
  // Such a sealed file is not opened.
  std::optional<size_t> seal = std::nullopt;
  // Unknown for a sealed file, and one of AccountingFiles::known.
  bool is_compressed = false;

  // Opens it. Aborted if another file has its name now.
  absl::StatusOr<File> Open() const;
  // Its content from the beginning, decompressed. Reports what is read to `progress`, if that is
  // not null.
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenContent(Progress* progress = nullptr) const;

  // Keeps `file` open, so that its inode number is not reused and deleting it does no harm.
  void Hold(File file) { held_ = std::make_shared<File>(std::move(file)); }

 private:
  std::shared_ptr<const File> held_;
};

struct GenerationListing {
  std::vector<Generation> generations;  // newest first
  std::vector<PassedOver> passed_over;
};

// How many of the newest unsealed generations are kept open. The others are opened when they are
// read, so that the limit of open files does not limit their number.
inline constexpr size_t kMostHeld = 16;

// The existing generations, each once, even during a rotation. `cursors` seal those that have
// already been read. NotFound if there is no generation, not even an unreadable one. Unavailable if
// the files keep changing during the listing. InvalidArgument if the accounting file is neither a
// regular file nor a folder.
absl::StatusOr<GenerationListing> ListGenerations(const AccountingFiles& files,
                                                  const std::vector<Cursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_ROTATION_H_
