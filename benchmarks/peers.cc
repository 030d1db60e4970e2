// Compares cpuagg with the speed of the memory and with its peers, as whole processes on the same
// files in the page cache, in turns.
//
//   bazel run //benchmarks:peers
//   bazel run //benchmarks:peers -- --only memory --records 1000000 --rounds 5
//   bazel run //benchmarks:peers -- --before /path/of/another/build/of/cpuagg
//
// First checks that the results agree, then prints tables of ratios: the median, and the range over
// the rounds. docs/performance.md has such tables.

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "benchmarks/memory_ratios.h"
#include "benchmarks/peer_files.h"
#include "benchmarks/peer_ratios.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {
namespace {

// The same commands of the program at `before`, another build of cpuagg, in turns with this one's.
void CompareWith(const std::string& before, const PeerFiles& files,
                 const std::vector<Comparison>& comparisons, int rounds) {
  PrintHead();
  std::set<Words> measured;
  for (const Comparison& comparison : comparisons) {
    const Words& command = comparison.what[0] == kCpuagg ? comparison.what : comparison.per;
    if (command[0] != kCpuagg || !measured.insert(command).second) continue;
    Words other = command;
    other[0] = before;
    const std::string text = absl::StrReplaceAll(
        absl::StrJoin(command, " "), {{files.directory() + "/", ""}, {kPasswd, "PASSWD"}});
    Measure({absl::StrCat("`", text, "`, now ÷ before"), command, other, "≤ 1.05",
             comparison.most_rounds},
            rounds);
  }
}

void CompareAll(const PeerFiles& files, const std::string& only, const std::string& before,
                int rounds) {
  std::vector<Comparison> comparisons;
  if (only != "peers") {
    PrepareMemoryRatios(files);
    if (before.empty()) PrintMemoryRatios(files, rounds);
    // A second `collect` without what is prepared for the first would find nothing new.
    for (Comparison& comparison : MemoryRatios(files)) {
      if (comparison.prepare.empty()) comparisons.push_back(std::move(comparison));
    }
  }
  if (only != "memory") {
    PreparePeerRatios(files);
    if (before.empty()) PrintPeerRatios(files, rounds);
    for (Comparison& comparison : PeerRatios(files)) comparisons.push_back(std::move(comparison));
  }
  if (!before.empty()) CompareWith(before, files, comparisons, rounds);
}

}  // namespace
}  // namespace cpuagg::benchmarks

int main(int argc, char** argv) {
  uint64_t records = 10'000'000;
  int rounds = 15;
  std::string directory = std::filesystem::temp_directory_path().string();
  std::string only;
  std::string before;
  CLI::App app("cpuagg beside the memory and its peers");
  app.add_option("--records", records, "of the large files, at least 10,000 (10,000,000)")
      ->check(CLI::Range(uint64_t{10'000}, uint64_t{1'000'000'000}));
  app.add_option("--rounds", rounds, "of every comparison (15)")->check(CLI::Range(1, 1000));
  app.add_option("--directory", directory, "for the files, which take 10 GB (TMPDIR)");
  app.add_option("--only", only,
                 "\"memory\": how near to the speed of the memory (3 GB); \"peers\": GNU acct and "
                 "sizes of files; both by default")
      ->check(CLI::IsMember({"memory", "peers"}));
  app.add_option("--before", before, "another build of cpuagg, to compare this one with instead");
  CLI11_PARSE(app, argc, argv);
  directory += "/cpuagg-peers.XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) {
    std::perror(directory.c_str());
    return 1;
  }
  // In a separate process, so that the files are removed however it ends.
  signal(SIGINT, SIG_IGN);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGINT, SIG_DFL);
    cpuagg::benchmarks::CompareAll({directory, records}, only, before, rounds);
    return 0;
  }
  int status = 1;
  waitpid(child, &status, 0);
  std::filesystem::remove_all(directory);
  return status == 0 ? 0 : 1;
}
