// How fast records are decoded and added up. The file is in the page cache.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/comp_t.h"
#include "acct/open_source.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/aggregator.h"
#include "benchmark/benchmark.h"
#include "benchmarks/history_file.h"

namespace cpuagg {
namespace {

void BM_DecodeCompT(benchmark::State& state) {
  uint16_t bits = 0;
  for (auto _ : state) benchmark::DoNotOptimize(acct::DecodeCompT(bits++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeCompT);

// Arguments: users, threads.
void BM_AggregateByUid(benchmark::State& state) {
  constexpr int64_t kRecords = 1 << 20;
  const acct::testing::TempDir dir;
  const std::string path = dir.Path("pacct");
  const absl::Status written = benchmarks::WriteHistory(
      path, {.records = kRecords, .users = static_cast<uint32_t>(state.range(0))});
  if (!written.ok()) {
    state.SkipWithError(std::string(written.message()).c_str());
    return;
  }
  for (auto _ : state) {
    absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
    aggregate::UserTotals totals;
    const auto account =
        aggregate::Aggregate(**source, {.threads = static_cast<size_t>(state.range(1))}, totals);
    if (!account.ok() || account->records != kRecords) state.SkipWithError("wrong result");
    benchmark::DoNotOptimize(totals.usage.size());
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * kRecords * 64);
}
BENCHMARK(BM_AggregateByUid)
    ->ArgNames({"users", "threads"})
    ->Args({5, 1})
    ->Args({200, 1})
    ->Args({200, 2})
    ->Args({100'000, 1})
    ->UseRealTime();

}  // namespace
}  // namespace cpuagg

BENCHMARK_MAIN();
