// Measures how fast records are decoded and added up. The file is in the page cache.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/open_source.h"
#include "acct/record/comp_t.h"
#include "acct/scan/byte_account.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/tally/aggregator.h"
#include "aggregate/usage/grouping.h"
#include "benchmark/benchmark.h"
#include "benchmarks/history_file.h"

namespace cpuagg::aggregate {
namespace {

void BM_DecodeCompT(benchmark::State& state) {
  uint16_t bits = 0;
  for (auto _ : state) benchmark::DoNotOptimize(acct::DecodeCompT(bits++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeCompT);

// Calls `aggregate(source)`, which returns an account, with a million records.
template <typename Aggregation>
void Run(benchmark::State& state, uint32_t users, const Aggregation& aggregate) {
  constexpr int64_t kRecords = 1 << 20;
  const acct::testing::TempDir dir;
  const std::string path = dir.Path("pacct");
  const absl::Status written =
      benchmarks::WriteHistory(path, {.records = kRecords, .users = users});
  if (!written.ok()) {
    state.SkipWithError(std::string(written.message()).c_str());
    return;
  }
  for (auto _ : state) {
    const absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(path);
    const absl::StatusOr<acct::ByteAccount> account = aggregate(**source);
    if (!account.ok() || account->records != kRecords) state.SkipWithError("wrong result");
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * kRecords * 64);
}

// Arguments: users, threads.
void BM_AggregateByUid(benchmark::State& state) {
  Run(state, static_cast<uint32_t>(state.range(0)), [&](acct::ByteSource& source) {
    UserTotals totals;
    return Aggregate(source, {.threads = static_cast<size_t>(state.range(1))}, totals);
  });
}
BENCHMARK(BM_AggregateByUid)
    ->ArgNames({"users", "threads"})
    ->Args({5, 1})
    ->Args({200, 1})
    ->Args({200, 2})
    ->Args({100'000, 1})
    ->Args({100'000, 2})
    ->UseRealTime();

void BM_AggregateBy(benchmark::State& state, const Grouping& by) {
  Run(state, 200, [&](acct::ByteSource& source) {
    GroupTotals totals{.by = by};
    return Aggregate(source, {.threads = 1}, totals);
  });
}
BENCHMARK_CAPTURE(BM_AggregateBy, user_command, {Dimension::kUser, Dimension::kCommand});
BENCHMARK_CAPTURE(BM_AggregateBy, user_hour, {Dimension::kUser, Dimension::kHour});
BENCHMARK_CAPTURE(BM_AggregateBy, command, {Dimension::kCommand});
BENCHMARK_CAPTURE(BM_AggregateBy, user_command_hour,
                  {Dimension::kUser, Dimension::kCommand, Dimension::kHour});

}  // namespace
}  // namespace cpuagg::aggregate

BENCHMARK_MAIN();
