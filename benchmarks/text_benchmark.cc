// Measures how fast records become lines: those of `cpuagg records` and `cpuagg sa -u`, and the
// sums of `cpuagg sa -m`. The records are in memory, and nothing is printed.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "acct/record/layout.h"
#include "acct/record/record_v3_view.h"
#include "acct/testing/temp_dir.h"
#include "aggregate/names/user_directory.h"
#include "benchmark/benchmark.h"
#include "benchmarks/history_file.h"
#include "notify/lines/gnu_sa.h"
#include "notify/lines/record_lines.h"

namespace cpuagg {
namespace {

constexpr int64_t kRecords = 1 << 16;

// The bytes of an accounting file. Empty if it cannot be written.
std::string History() {
  const acct::testing::TempDir dir;
  const std::string path = dir.Path("pacct");
  const absl::Status written = benchmarks::WriteHistory(path, {.records = kRecords});
  return written.ok() ? acct::testing::ReadFile(path) : "";
}

// Every third user has a name.
std::string Accounts() {
  std::string accounts;
  for (int uid = 1000; uid < 1200; uid += 3) {
    const std::string id = std::to_string(uid);
    accounts += "user" + id + ":x:" + id + ":100::/:/bin/sh\n";
  }
  return accounts;
}

// Calls `add(begin, end)` with the records of a history, repeatedly.
template <typename Add>
void Run(benchmark::State& state, Add add) {
  const std::string history = History();
  if (history.empty()) {
    state.SkipWithError("no history");
    return;
  }
  const auto* const begin = reinterpret_cast<const uint8_t*>(history.data());
  for (auto _ : state) add(begin, begin + history.size());
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(history.size()));
}

// Writes lines of records, as many as a command prints at once.
template <typename Append>
void RunLines(benchmark::State& state, Append append) {
  std::string text;
  Run(state, [&](const uint8_t* begin, const uint8_t* end) {
    for (const uint8_t* at = begin; at != end; at += acct::kRecordBytes) {
      append(acct::RecordV3View(at), static_cast<uint64_t>(at - begin), text);
      constexpr size_t kLarge = size_t{64} << 10;
      if (text.size() >= kLarge) text.clear();
    }
    benchmark::DoNotOptimize(text.data());
  });
}

void RunRecords(benchmark::State& state, notify::RecordLines::Form form) {
  aggregate::PasswdFileDirectory names(Accounts());
  notify::RecordLines lines(form, names, absl::UTCTimeZone());
  RunLines(state, [&](acct::RecordV3View record, uint64_t offset, std::string& text) {
    lines.Append(record, offset, "/var/log/account/pacct", text);
  });
}

void BM_RecordsCsv(benchmark::State& state) { RunRecords(state, notify::RecordLines::Form::kCsv); }
BENCHMARK(BM_RecordsCsv);

void BM_RecordsJson(benchmark::State& state) {
  RunRecords(state, notify::RecordLines::Form::kJson);
}
BENCHMARK(BM_RecordsJson);

void BM_RecordsTable(benchmark::State& state) {
  RunRecords(state, notify::RecordLines::Form::kTable);
}
BENCHMARK(BM_RecordsTable);

void BM_SaUser(benchmark::State& state) {
  aggregate::PasswdFileDirectory names(Accounts());
  notify::SaUserLines lines(names);
  RunLines(state, [&](acct::RecordV3View record, uint64_t, std::string& text) {
    lines.Append(record, text);
  });
}
BENCHMARK(BM_SaUser);

void BM_SaSummary(benchmark::State& state) {
  aggregate::PasswdFileDirectory names(Accounts());
  notify::SaUserSummary summary(names);
  Run(state, [&](const uint8_t* begin, const uint8_t* end) {
    // No record follows the last one.
    end -= acct::kRecordBytes;
    if (summary.AddRegular(begin, end) != static_cast<size_t>(end - begin)) {
      state.SkipWithError("not all of it is regular");
    }
  });
}
BENCHMARK(BM_SaSummary);

}  // namespace
}  // namespace cpuagg

BENCHMARK_MAIN();
