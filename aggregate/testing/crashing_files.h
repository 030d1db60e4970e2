// CrashingFiles: file changes that stop where a crash would stop them, and lose what a power cut
// may lose.
//
//   CrashingFiles files(dir.Path("trash"));
//   files.StopAt(3, CrashingFiles::Stop::kPowerCut);  // the fourth call is the first to fail
//   WriteFileAtomically(path, content, 0640, files);
//   files.Restart(random);                            // the disk as the machine finds it again

#ifndef CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_
#define CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/atomic_file.h"

namespace cpuagg::aggregate::testing {

class CrashingFiles : public acct::FileSystem {
 public:
  enum class Stop {
    kKill,      // what was done stays done
    kPowerCut,  // unsynced changes may be undone, and files may be torn
    kError,     // one call fails, as on a full disk, and the program continues
  };

  // `trash` becomes a directory for files that may have to be restored. It must be on the same file
  // system as the files.
  explicit CrashingFiles(std::string trash);

  // Stops call number `call`, counted from zero from now on.
  void StopAt(uint64_t call, Stop stop);
  // The number of calls since StopAt() or Restart().
  uint64_t calls() const { return calls_; }
  bool has_stopped() const { return has_stopped_; }
  // Lets calls through again, after the disk has lost what `random` chooses.
  void Restart(std::mt19937_64& random);

  absl::StatusOr<int> Create(const std::string& path, std::string& temporary, mode_t mode) override;
  absl::Status Write(int fd, const std::string& path, absl::string_view content) override;
  absl::Status Sync(int fd, const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& directory) override;

 private:
  // A change of a directory that has not been synced.
  struct Change {
    enum class Kind { kCreated, kRenamed, kRemoved } kind;
    std::string from;
    std::string to;       // of kRenamed
    std::string trashed;  // the previous file, moved to the trash; empty if there was none
  };

  // Unavailable if this call is stopped.
  absl::Status Allow(absl::string_view call);
  // Moves the file at `path` to the trash. Returns an empty string if there is none.
  std::string Trash(const std::string& path);
  void Undo(const Change& change);

  std::string trash_;
  uint64_t trashed_ = 0;
  uint64_t calls_ = 0;
  uint64_t stop_at_ = UINT64_MAX;
  Stop stop_ = Stop::kKill;
  bool has_stopped_ = false;
  std::vector<Change> unsynced_changes_;
  std::set<std::string> unsynced_files_;
  std::string created_;  // by the last Create(); the next writes and syncs use its descriptor
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_
