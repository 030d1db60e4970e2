#include "acct/testing/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::acct::testing {
namespace {

void WriteWithMode(const std::string& path, absl::string_view content, std::ios::openmode mode) {
  std::ofstream file(path, std::ios::binary | mode);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  EXPECT_TRUE(file) << "cannot write " << path;
}

}  // namespace

TempDir::TempDir() {
  path_ = absl::StrCat(::testing::TempDir(), "/cpuagg.XXXXXX");
  EXPECT_NE(mkdtemp(path_.data()), nullptr) << path_;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::Path(absl::string_view name) const { return absl::StrCat(path_, "/", name); }

std::string TempDir::Write(absl::string_view name, absl::string_view content) const {
  WriteWithMode(Path(name), content, std::ios::trunc);
  return Path(name);
}

void TempDir::Append(absl::string_view name, absl::string_view content) const {
  WriteWithMode(Path(name), content, std::ios::app);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << "cannot read " << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace cpuagg::acct::testing
