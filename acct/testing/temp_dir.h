// TempDir: a directory of a test, removed on destruction.

#ifndef CPUAGG_ACCT_TESTING_TEMP_DIR_H_
#define CPUAGG_ACCT_TESTING_TEMP_DIR_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cpuagg::acct::testing {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // The path of `name` inside. Does not create it.
  std::string Path(absl::string_view name) const;
  // Writes `content` to `name`, replacing any previous file, and returns the path.
  std::string Write(absl::string_view name, absl::string_view content) const;
  // Appends `content` to `name`.
  void Append(absl::string_view name, absl::string_view content) const;

 private:
  std::string path_;
};

// The content of the file at `path`. Fails the test if it does not exist.
std::string ReadFile(const std::string& path);

}  // namespace cpuagg::acct::testing

#endif  // CPUAGG_ACCT_TESTING_TEMP_DIR_H_
