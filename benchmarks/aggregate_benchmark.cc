// How fast records are decoded and added up. The file is in the page cache.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include "absl/status/statusor.h"
#include "acct/comp_t.h"
#include "acct/open_source.h"
#include "acct/testing/record_builder.h"
#include "aggregate/aggregator.h"
#include "benchmark/benchmark.h"

namespace cpuagg {
namespace {

// A file of `records` records of `users` users at random, removed at the end.
class RandomFile {
 public:
  RandomFile(int64_t records, int64_t users) : path_("/tmp/cpuagg-benchmark.XXXXXX") {
    const int fd = mkstemp(path_.data());
    FILE* const file = fd >= 0 ? fdopen(fd, "w") : nullptr;
    if (file == nullptr) std::abort();
    std::mt19937 random(1);
    acct::testing::RecordBuilder record;
    for (int64_t i = 0; i < records; ++i) {
      record.Uid(static_cast<uint32_t>(1000 + random() % static_cast<uint64_t>(users)))
          .UserTime(static_cast<uint16_t>(random() % 0x4000))
          .SystemTime(static_cast<uint16_t>(random() % 0x2000))
          .Elapsed(static_cast<float>(random() % 100'000));
      fwrite(record.Bytes().data(), 1, record.Bytes().size(), file);
    }
    if (fclose(file) != 0) std::abort();
  }
  ~RandomFile() { unlink(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void BM_DecodeCompT(benchmark::State& state) {
  uint16_t bits = 0;
  for (auto _ : state) benchmark::DoNotOptimize(acct::DecodeCompT(bits++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeCompT);

// Arguments: users, threads.
void BM_AggregateByUid(benchmark::State& state) {
  constexpr int64_t kRecords = 1 << 20;
  const RandomFile file(kRecords, state.range(0));
  for (auto _ : state) {
    absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(file.path());
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
