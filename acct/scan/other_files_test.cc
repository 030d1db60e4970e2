// Other files of this machine must not be taken for accounting files with users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "acct/record/plausibility.h"
#include "acct/scan/record_scanner.h"
#include "acct/testing/sanitized.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

namespace fs = std::filesystem;

// The regular files of a few MiB at most below `root`.
void Collect(const char* root, std::vector<std::string>& paths) {
  constexpr uint64_t kMostBytes = uint64_t{4} << 20;
  std::error_code error;
  fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code unknown;
    if (at->is_symlink(unknown) || !at->is_regular_file(unknown)) continue;
    const uint64_t bytes = at->file_size(unknown);
    if (!unknown && bytes > 0 && bytes <= kMostBytes) paths.push_back(at->path().string());
  }
}

TEST(OtherFilesTest, HaveNoUsers) {
  std::vector<std::string> paths;
  for (const char* const root : {"/etc", "/usr", "/var/lib"}) Collect(root, paths);
  std::sort(paths.begin(), paths.end());
  // Files of all kinds, within a few seconds.
  constexpr size_t kMostFiles = testing::LessIfSanitized(10'000, 1'000);
  const size_t step = 1 + paths.size() / kMostFiles;
  const RecordFormat format = {.latest_begin = LatestBegin(absl::Now())};
  size_t read = 0;
  for (size_t i = 0; i < paths.size(); i += step) {
    std::ifstream file(paths[i], std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
    if (content.empty()) continue;
    ++read;
    const absl::Span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(content.data()),
                                          content.size());
    RecordScanner scanner(0, format);
    const auto ignore = [](const auto&, uint64_t) {};
    scanner.FinishWhole(bytes, scanner.ScanWhole(bytes, 0, bytes.size(), ignore));
    EXPECT_EQ(scanner.account().records, 0u) << paths[i];
  }
  std::cout << "read " << read << " of " << paths.size() << " files\n";
  RecordProperty("files", static_cast<int>(read));
}

}  // namespace
}  // namespace cpuagg::acct
