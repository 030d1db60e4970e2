#include "benchmarks/memory_ratios.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "benchmarks/history_file.h"
#include "benchmarks/machine.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {
namespace {

constexpr uint64_t kCollected = 1'000'000;

Words Shell(const std::string& command) { return {"sh", "-c", command}; }

// The time in the middle of a file of WriteHistory().
std::string MiddleOf(uint64_t records) {
  const int64_t second = 1'760'000'000 + static_cast<int64_t>(records / 50 / 2);
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(second),
                          absl::LocalTimeZone());
}

void PrintFloor(const PeerFiles& files, int rounds) {
  std::vector<double> times[4];
  for (int i = 0; i <= rounds; ++i) {
    for (size_t form = 0; form < 4; ++form) {
      const double time = Run(files.Floor(form < 2 ? "read" : "map", form % 2 == 0 ? 1 : 2));
      if (i > 0) times[form].push_back(time * 1e3);
    }
  }
  std::printf("\n| floor | 1 thread, ms | 2 threads, ms |\n|---|---|---|\n");
  std::printf("| `read()` of 1 MiB | %.0f | %.0f |\n", Median(times[0]), Median(times[1]));
  std::printf("| plain map | %.0f | %.0f |\n", Median(times[2]), Median(times[3]));
}

}  // namespace

void PrepareMemoryRatios(const PeerFiles& files) {
  const uint64_t records = files.records();
  files.Write("base", {.records = records});
  files.Write("users100k", {.records = records, .users = 100'000});
  files.Write("distinct", {.records = records, .uids = UidPattern::kDistinct});
  files.Write("collected", {.records = std::min(records, kCollected), .users = 500});
  files.Compress("base", "gzip", ".gz");
  files.WriteGenerations("thousand", "base", 1000);
  for (const char* const other : {"base.gz", "thousand"}) {
    files.Same(files.Report("base"), files.Report(other));
  }
  files.Same(files.Report("base", {"--threads", "1"}), files.Report("base", {"--threads", "2"}));
  files.Same({"benchmarks/avx2_scan", "with", files.Path("base")},
             {"benchmarks/avx2_scan", "without", files.Path("base")});
}

std::vector<Comparison> MemoryRatios(const PeerFiles& files) {
  const Words one_thread = {"--threads", "1"};
  const Words two_threads = {"--threads", "2"};
  const Words two_threads_top = {"--threads", "2", "--top", "20"};
  const Words read_loop = files.Floor("read", 1);
  const std::string from_pipe = absl::StrCat("cat ", files.Path("base"), " | ", kCpuagg,
                                             " report --format=csv --passwd ", kPasswd, " -");
  return {
      {"`report --threads 1` ÷ map", files.Report("base", one_thread), files.Floor("map", 1), ""},
      {"`report --threads 2` ÷ map with 2 threads", files.Report("base", two_threads),
       files.Floor("map", 2), ""},
      {"`report --threads 2` ÷ `read()` with 1", files.Report("base", two_threads), read_loop, ""},
      {"100,000 random users, `--threads 2 --top 20` ÷ `read()`",
       files.Report("users100k", two_threads_top), read_loop, ""},
      {"as many users as records, `--threads 2 --top 20` ÷ `read()`",
       files.Report("distinct", two_threads_top), read_loop, "", 5},
      {"`cat FILE \\| cpuagg report -` ÷ `cat FILE \\| cat`", Shell(from_pipe),
       Shell(absl::StrCat("cat ", files.Path("base"), " | cat >/dev/null")), ""},
      {".gz ÷ `zcat`", files.Report("base.gz"), {"zcat", files.Path("base.gz")}, "≤ 0.30", 5},
      {"`collect` of 1 M new records of 500 users ÷ `report`",
       files.Collect("store.new", "collected"),
       files.Report("collected"),
       "",
       1000,
       1,
       {"rm", "-rf", files.Path("store.new")}},
      {"`report --since`, half of the file ÷ `report`",
       files.Report("base", {"--threads", "1", "--since", MiddleOf(files.records())}),
       files.Report("base", one_thread), ""},
      {"without AVX2 ÷ with it",
       {"benchmarks/avx2_scan", "without", files.Path("base")},
       {"benchmarks/avx2_scan", "with", files.Path("base")},
       ""},
      {"1,000 generations ÷ one file", files.Report("thousand"), files.Report("base"), "≤ 1.2"},
  };
}

void PrintMemoryRatios(const PeerFiles& files, int rounds) {
  std::printf("%s. Files of %ju records.\n", MachineText(files.directory()).c_str(),
              static_cast<uintmax_t>(files.records()));
  PrintFloor(files, rounds);
  PrintHead();
  for (const Comparison& comparison : MemoryRatios(files)) Measure(comparison, rounds);
  std::printf(
      "\nPeak memory of `report` without the mapped file, in MiB (bound for 200 users: 4):\n\n");
  std::printf("| 200 users | 100,000 users | as many as records | 1,000 generations | .gz |\n");
  std::printf("|---|---|---|---|---|\n|");
  for (const char* const file : {"base", "users100k", "distinct", "thousand", "base.gz"}) {
    std::printf(" %.1f |", PeakMebibytes(files.Report(file, {"--top", "10"})));
    std::fflush(stdout);
  }
  std::printf("\n");
}

}  // namespace cpuagg::benchmarks
