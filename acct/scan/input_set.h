// InputSet: several accounting files, read as one history in which each record counts once.
//
// The same records are often in several files: a file named twice, a hard link, pacct.1 next to
// pacct.1.gz, a copy made while the file still grew. They are recognised by content. If two files
// share records up to the end of one of them, the shared part begins at the beginning of at least
// one of them: that file is read from after the shared part.
//
//   absl::StatusOr<InputSet> set = InputSet::Open({"pacct.1", "pacct.1.gz", "pacct"}, format);
//   do {
//     for (size_t i = 0; i < set->inputs().size(); ++i) {
//       ... read inputs()[i] with set->watch(), collecting hits[i] ...
//     }
//   } while (*set->Learn(hits));  // true if some records came twice: forget them, and read again

#ifndef CPUAGG_ACCT_SCAN_INPUT_SET_H_
#define CPUAGG_ACCT_SCAN_INPUT_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"
#include "acct/record/plausibility.h"
#include "acct/scan/duplicate_detector.h"

namespace cpuagg::acct {

// The name of an input, for people.
std::string DisplayName(const std::string& path);

struct Input {
  std::string name;
  std::string path;  // can be opened repeatedly
  // The number of bytes at the beginning (after decompression) that another input has as well, and
  // the name of that input.
  uint64_t repeated_bytes = 0;
  std::string repeats;
  // The last of those bytes, for ReadOptions::before.
  std::vector<uint8_t> before;
  // The whole input is repeated.
  bool is_copy = false;
  // It is read as a whole, so several threads can divide it; unknown for a single input.
  bool is_whole = false;
};

class InputSet {
 public:
  // Opens each of `paths` once, to find out how it begins; "-" is standard input. If there are
  // several, inputs that cannot be read twice are first copied to temporary files. Fails if one of
  // them cannot be read.
  static absl::StatusOr<InputSet> Open(const std::vector<std::string>& paths,
                                       const RecordFormat& format);

  const std::vector<Input>& inputs() const { return inputs_; }

  // The part of an input to read: without the bytes that it repeats.
  static absl::StatusOr<std::unique_ptr<ByteSource>> OpenRest(const Input& input,
                                                              Progress* progress = nullptr);

  // What to watch for while reading; null if there is nothing.
  const DuplicateDetector* watch() const { return watch_.get(); }

  // Processes the hits of each input. True if inputs() has changed; then what was read does not
  // count.
  absl::StatusOr<bool> Learn(const std::vector<std::vector<DuplicateHit>>& hits);

 private:
  explicit InputSet(const RecordFormat& format) : format_(format) {}

  // Reads the first record of the rest of each input.
  absl::Status FindHeads();
  // Finds inputs with the same beginning.
  absl::Status CompareBeginnings();
  // Leaves `bytes` more bytes of `input` to `other`.
  static void Leave(Input& input, const Input& other, uint64_t bytes);

  RecordFormat format_;
  std::vector<Input> inputs_;
  struct Head {
    std::string record;   // empty if there is none
    uint64_t offset = 0;  // of the record
    size_t bytes = 0;     // from this record to the next one
  };
  std::vector<Head> heads_;
  std::unique_ptr<DuplicateDetector> watch_;
  std::vector<File> temporary_files_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_INPUT_SET_H_
