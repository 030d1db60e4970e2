// RotatingFile: an accounting file as the kernel writes it, as rotation moves it about, and as
// admins, compressors and backups disturb it.

#ifndef CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_
#define CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::aggregate::testing {

// How a system rotates its accounting file.
struct RotationScheme {
  const char* name;
  bool is_dated = false;
  int first_number = 0;  // of the newest rotated file
  bool copies_and_truncates = false;
  int compressed_from = -1;  // the age, in rotations, from which files are compressed; -1: never
  size_t kept = 7;           // rotated files; 0: the content is thrown away
  bool rotates_empty = false;
  const char* folder = "";  // of the rotated files, beside the accounting file
  const char* prefix = "";  // of what tells them apart, instead of what is usual
  bool is_linked = false;   // the file that is known is a symbolic link to the one that is rotated
};

const std::vector<RotationScheme>& RotationSchemes();

class RotatingFile {
 public:
  // `path` need not be there.
  RotatingFile(std::string path, const RotationScheme& scheme);

  // What the kernel does, at the file that it has open, which may have been renamed meanwhile.
  // `number` stands for the record.
  void Append(absl::string_view record, uint64_t number);

  // Rotates; not while the kernel still writes to what was rotated last. The kernel goes on with
  // the old file until Reopen(), unless that is compressed at once. Returns the numbers of the
  // records that are in no file any more.
  std::vector<uint64_t> Rotate();

  // How many rotated files have been removed.
  uint64_t removals() const { return removals_; }

  // accton(8): the kernel goes on with the file at the path, a new one if there is none.
  void Reopen();

  // What a power failure does to what the kernel had written last: the last records are gone, and
  // perhaps there is part of one instead, or zeros. Returns the numbers of those that are gone;
  // none if this is not possible now.
  std::vector<uint64_t> CutOff(std::mt19937_64& random);

  // Whether copies or hard links of generations lie about.
  bool has_remains() const { return !remains_.empty(); }

  // Does one of the things that happen beside rotation, none of which changes which records there
  // are: copies (whole, cut off, compressed) and hard links come and go, compression is begun and
  // not finished, a torn record is left at an end, pipes, folders and notes lie about; unless
  // somebody reads (`is_read`), a generation is appended to another one.
  void Disturb(std::mt19937_64& random, bool is_read);

 private:
  struct Generation {
    std::string path;
    bool is_compressed = false;
    int date = 0;
    std::vector<uint64_t> records;
    bool is_torn = false;  // nothing whole can be appended to it
  };

  std::string PathOf(const Generation& generation, size_t age) const;
  void Compress(Generation& generation, const std::string& target) const;
  // Removes what lies beside the generations and was made of them.
  void RemoveRemains();
  void JoinOldest();

  std::string path_;
  RotationScheme scheme_;
  Generation current_;
  std::vector<Generation> rotated_;  // newest first
  bool is_at_rotated_ = false;       // the kernel writes to rotated_[0]
  int last_date_ = 20260101;
  uint64_t removals_ = 0;
  int truncations_ = 0;
  int remains_made_ = 0;
  std::vector<std::string> remains_;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_
