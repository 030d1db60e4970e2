// Measures how fast the records of a compressed file are read, for each format. The files are
// packed by the usual programs.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/testing/temp_dir.h"
#include "benchmark/benchmark.h"
#include "benchmarks/history_file.h"

namespace cpuagg {
namespace {

void BM_Inflate(benchmark::State& state, const char* packer) {
  constexpr int64_t kRecords = 1 << 18;
  constexpr int64_t kBytes = kRecords * 64;
  const acct::testing::TempDir dir;
  const std::string plain = dir.Path("pacct");
  const std::string packed = dir.Path("packed");
  const absl::Status written = benchmarks::WriteHistory(plain, {.records = kRecords});
  if (!written.ok() ||
      std::system(absl::StrCat(packer, " -c < ", plain, " > ", packed).c_str()) != 0) {
    state.SkipWithError("no file");
    return;
  }
  for (auto _ : state) {
    absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(packed);
    int64_t bytes = 0;
    for (;;) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
      if (!block.ok() || block->empty()) break;
      benchmark::DoNotOptimize(block->data());
      bytes += static_cast<int64_t>(block->size());
    }
    if (bytes != kBytes || !(*source)->damage().empty()) state.SkipWithError("wrong result");
  }
  state.SetBytesProcessed(state.iterations() * kBytes);
}
BENCHMARK_CAPTURE(BM_Inflate, gzip, "gzip");
BENCHMARK_CAPTURE(BM_Inflate, zstd, "zstd -q");
BENCHMARK_CAPTURE(BM_Inflate, xz, "xz");
BENCHMARK_CAPTURE(BM_Inflate, bzip2, "bzip2");

}  // namespace
}  // namespace cpuagg

BENCHMARK_MAIN();
