#include "benchmarks/peer_files.h"

#include <utime.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace cpuagg::benchmarks {

void PeerFiles::Write(const std::string& name, const HistoryShape& shape) const {
  if (std::filesystem::exists(Path(name))) return;
  if (const absl::Status written = WriteHistory(Path(name), shape); !written.ok()) {
    Fail(std::string(written.message()));
  }
}

void PeerFiles::Compress(const std::string& name, const char* program, const char* ending) const {
  const std::string packed = absl::StrCat(Path(name), ending);
  if (!std::filesystem::exists(packed)) Run({program, "-qc", Path(name)}, packed);
}

void PeerFiles::WriteGenerations(const std::string& name, const std::string& whole,
                                 int count) const {
  constexpr uint64_t kRecordBytes = 64;
  std::filesystem::create_directory(Path(name));
  const uint64_t records = std::filesystem::file_size(Path(whole)) / kRecordBytes;
  std::ifstream all(Path(whole), std::ios::binary);
  std::string content;
  for (int i = count - 1; i >= 0; --i) {
    const auto left = static_cast<uint64_t>(i);
    const auto total = static_cast<uint64_t>(count);
    // The newest has what the division leaves.
    content.resize(i == 0 ? (records - records / total * (total - 1)) * kRecordBytes
                          : records / total * kRecordBytes);
    all.read(content.data(), static_cast<std::streamsize>(content.size()));
    const std::string path = Path(name) + "/pacct" + (i == 0 ? "" : absl::StrCat(".", i));
    std::ofstream(path, std::ios::binary) << content;
    constexpr time_t kEnd = 1'770'000'000;
    const struct utimbuf times = {.actime = kEnd, .modtime = kEnd - static_cast<time_t>(left) * 60};
    utime(path.c_str(), &times);
  }
}

Words PeerFiles::Report(const std::string& name, const Words& flags) const {
  Words words = {kCpuagg, "report", "--format=csv", "--passwd", kPasswd};
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back(Path(name));
  return words;
}

Words PeerFiles::Collect(const std::string& store, const std::string& name) const {
  return {kCpuagg, "collect", "--quiet",   "--config",          "/dev/null", "--passwd",
          kPasswd, "--store", Path(store), "--accounting-file", Path(name)};
}

Words PeerFiles::Csv(const std::string& path) {
  return {kCpuagg, "records", "--format=csv", "--passwd", kPasswd, path};
}

Words PeerFiles::Floor(const char* how, int threads, const std::string& name) const {
  return {"benchmarks/floor", how, absl::StrCat(threads), Path(name)};
}

void PeerFiles::Same(const Words& a, const Words& b, bool sorted) const {
  if (OutputOf(a, sorted) != OutputOf(b, sorted)) {
    Fail(absl::StrCat("'", absl::StrJoin(a, " "), "' and '", absl::StrJoin(b, " "),
                      "' do not agree"));
  }
}

int64_t PeerFiles::LinesOf(const Words& words) const {
  const std::string output = OutputOf(words, /*sorted=*/false);
  return std::count(output.begin(), output.end(), '\n');
}

std::string PeerFiles::OutputOf(const Words& words, bool sorted) const {
  Run(words, Path("output"));
  std::stringstream text;
  text << std::ifstream(Path("output")).rdbuf();
  if (!sorted) return text.str();
  Words lines = absl::StrSplit(text.str(), '\n');
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

}  // namespace cpuagg::benchmarks
