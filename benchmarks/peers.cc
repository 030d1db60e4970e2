// Compares cpuagg with its peers and with the floor (benchmarks/floor.cc), as whole processes on
// the same files in the page cache, in turns.
//
//   bazel run //benchmarks:peers -- --records 10000000 --rounds 15
//   bazel run //benchmarks:peers -- --before /path/of/another/build/of/cpuagg
//
// First checks that the results agree, then prints a table of ratios: the median, and the range
// over the rounds. docs/performance.md has such a table.

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "benchmarks/history_file.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {
namespace {

// Names come from a file, because the speed of a directory service is not compared.
constexpr char kCpuagg[] = "tools/cpuagg";
constexpr char kFloor[] = "benchmarks/floor";
constexpr char kPasswd[] = "testdata/lab/passwd";

class Peers {
 public:
  Peers(std::string directory, uint64_t records)
      : directory_(std::move(directory)), records_(records) {}

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  void MakeFiles() const {
    constexpr uint64_t kMillion = 1'000'000;
    Write("base", {.records = records_});
    for (const auto& [name, users] : kUsers) Write(name, {.records = records_, .users = users});
    Write("distinct", {.records = records_, .uids = UidPattern::kDistinct});
    Write("random20k", {.records = kMillion, .users = 20'000});
    Write("colliding20k", {.records = kMillion, .users = 20'000, .uids = UidPattern::kColliding});
    Write("appended", {.records = records_, .bytes_per_write = 64});
    Write("mib64", {.records = kMib64});
    Write("gib4", {.records = kMib64 * 64});
    Write("kib1", {.records = 16});
    Run({"gzip", "-c", Path("base")}, Path("base.gz"));
    Run({"zstd", "-qc", Path("base")}, Path("base.zst"));
    MakeGenerations();
  }

  // An accounting file with 5,000 rotated generations, every second one compressed, which have all
  // been collected.
  void MakeGenerations() const {
    constexpr int kGenerations = 5000;
    constexpr uint64_t kRecords = 16;
    constexpr uint64_t kBytes = kRecords * 64;
    Write("all", {.records = (kGenerations + 1) * kRecords});
    std::filesystem::create_directory(Path("generations"));
    std::ifstream all(Path("all"), std::ios::binary);
    std::string content(kBytes, '\0');
    Words compress = {"gzip", "-1"};
    for (int i = kGenerations; i >= 0; --i) {
      all.read(content.data(), static_cast<std::streamsize>(kBytes));
      const std::string path = Path("generations/pacct") + (i == 0 ? "" : absl::StrCat(".", i));
      std::ofstream(path, std::ios::binary) << content;
      if (i > 0 && i % 2 == 0) compress.push_back(path);
    }
    Run(compress);
    Run(Collect());
  }

  // Checks that the compared programs do the same.
  void Check() const {
    const std::string file = Path("mib64");
    Same({"sa", "-u", file}, {kCpuagg, "sa", "-u", file}, /*sorted=*/false);
    Same({"sa", "-m", "-i", file}, {kCpuagg, "sa", "-m", file}, /*sorted=*/true);
    Same(Report("base", {"--threads", "1"}), Report("base", {"--threads", "2"}), false);
    for (const char* const packed : {"base.gz", "base.zst"}) {
      Same(Report("base", {}), Report(packed, {}), false);
    }
    // The lines differ, but not their number, except that CSV has a header.
    if (LinesOf({"dump-acct", file}) + 1 != LinesOf(Csv(file))) {
      Fail("'dump-acct' and 'records' do not agree");
    }
    std::printf("The results agree.\n\n");
  }

  std::vector<Comparison> Comparisons() const {
    const Words floor = {kFloor, Path("base")};
    const Words one_thread = Report("base", {"--threads", "1"});
    const auto top = [&](const char* file, Words flags) {
      flags.insert(flags.end(), {"--threads", "1", "--top", "10"});
      return Report(file, flags);
    };
    return {
        {"`report --threads 1` ÷ floor", one_thread, floor, "≤ 1.15"},
        {"`report --threads 2` ÷ floor", Report("base", {"--threads", "2"}), floor, "≤ 0.65"},
        {"`sa -m -i` ÷ `report --threads 1`",
         {"sa", "-m", "-i", Path("base")},
         one_thread,
         "≥ 30",
         5},
        {"`sa -u` ÷ `report --threads 1`", {"sa", "-u", Path("base")}, one_thread, "≥ 150", 3},
        {"`sa -u` ÷ `cpuagg sa -u`, 1 M records",
         {"sa", "-u", Path("mib64")},
         {kCpuagg, "sa", "-u", Path("mib64")},
         "≥ 5",
         5},
        {"`sa -m -i` ÷ `cpuagg sa -m`",
         {"sa", "-m", "-i", Path("base")},
         {kCpuagg, "sa", "-m", Path("base")},
         "≥ 15",
         5},
        {"`dump-acct` ÷ `records --format=csv`, 1 M records",
         {"dump-acct", Path("mib64")},
         Csv(Path("mib64")),
         "≥ 15",
         3},
        {"`lastcomm` ÷ `records --format=csv`, 1 M records",
         {"lastcomm", "-f", Path("mib64")},
         Csv(Path("mib64")),
         "",
         3},
        {"100,000 random users ÷ floor", top("users100k", {}), floor, "≤ 2.5"},
        {"as many users as records ÷ floor", top("distinct", {}), floor, "≤ 12", 5},
        {"as many users as records, `--threads 2` ÷ floor",
         Report("distinct", {"--threads", "2", "--top", "10"}), floor, "", 5},
        {"20,000 colliding uids ÷ random ones, 1 M records", top("colliding20k", {}),
         top("random20k", {}), "≤ 3"},
        {"`--by user,command`, 2,000 pairs ÷ floor", top("base", {"--by", "user,command"}), floor,
         "≤ 2.2"},
        {"`--by user,hour` ÷ floor", top("base", {"--by", "user,hour"}), floor, ""},
        {"`--by command` ÷ floor", top("base", {"--by", "command"}), floor, ""},
        {".gz ÷ `zcat`", Report("base.gz", {}), {"zcat", Path("base.gz")}, "≤ 0.35", 5},
        {".zst ÷ `zstd -dc`",
         Report("base.zst", {}),
         {"zstd", "-qdc", Path("base.zst")},
         "≤ 1.1",
         5},
        {"4 GiB ÷ 64 MiB, a record", Report("gib4", {"--threads", "1"}),
         Report("mib64", {"--threads", "1"}), "≤ 1.1", 7, 64},
        {"appended 64 bytes at a time, 1 thread ÷ floor",
         Report("appended", {"--threads", "1"}),
         {kFloor, Path("appended")},
         "≤ 1.6"},
        {"`--version` ÷ `true`", {kCpuagg, "--version"}, {"true"}, "≤ 10 ms"},
        {"`report` of 1 KiB ÷ `true`", Report("kib1", {}), {"true"}, "≤ 10 ms"},
        {"`collect` of nothing new, 5,000 generations ÷ `true`", Collect(), {"true"}, "≤ 100 ms"},
    };
  }

  void Compare(int rounds) const {
    PrintHead();
    for (const Comparison& comparison : Comparisons()) Measure(comparison, rounds);
    std::printf("\nMost memory of `report` besides the map, in MiB:\n\n");
    std::printf("| 200 users | 100,000 users | as many as records |\n|---|---|---|\n");
    std::printf("| %.1f | %.1f | %.1f |\n", PeakMebibytes(Report("base", {"--top", "10"})),
                PeakMebibytes(Report("users100k", {"--top", "10"})),
                PeakMebibytes(Report("distinct", {"--top", "10"})));
  }

  // The same commands of the program at `before`, another build of cpuagg, in turns with this
  // one's.
  void CompareWith(const std::string& before, int rounds) const {
    PrintHead();
    std::set<Words> measured;
    for (const Comparison& comparison : Comparisons()) {
      const Words& command = comparison.what[0] == kCpuagg ? comparison.what : comparison.per;
      if (command[0] != kCpuagg || !measured.insert(command).second) continue;
      Words other = command;
      other[0] = before;
      const std::string text = absl::StrReplaceAll(absl::StrJoin(command, " "),
                                                   {{directory_ + "/", ""}, {kPasswd, "PASSWD"}});
      Measure({absl::StrCat("`", text, "`, now ÷ before"), command, other, "≤ 1.05",
               comparison.most_rounds},
              rounds);
    }
  }

  // Measures how the time per record grows with the content of a file.
  void Grow(int rounds) const {
    std::printf("\n| `report` of | 1 thread, ns a record | 2 threads |\n|---|---|---|\n");
    const auto measure = [&](const std::string& name, const char* what, uint64_t records) {
      std::vector<double> times[2];
      for (int i = 0; i < std::min(rounds, 7); ++i) {
        for (const size_t threads : {1, 2}) {
          const Words words = Report(name, {"--top", "10", "--threads", std::to_string(threads)});
          times[threads - 1].push_back(Run(words) / static_cast<double>(records) * 1e9);
        }
      }
      std::printf("| %s | %.1f | %.1f |\n", what, Median(times[0]), Median(times[1]));
      std::fflush(stdout);
    };
    measure("mib64", "64 MiB, 200 users", kMib64);
    measure("base", "200 users", records_);
    measure("gib4", "4 GiB, 200 users", kMib64 * 64);
    for (const auto& [name, users] : kUsers) {
      measure(name, absl::StrCat(users, " users").c_str(), records_);
    }
    measure("distinct", "as many users as records", records_);
  }

 private:
  static constexpr uint64_t kMib64 = (uint64_t{64} << 20) / 64;
  static constexpr std::pair<const char*, uint32_t> kUsers[] = {
      {"users5", 5}, {"users10k", 10'000}, {"users100k", 100'000}, {"users1m", 1'000'000}};

  static void PrintHead() {
    std::printf("\n| measure | median | range | bound | medians |\n|---|---|---|---|---|\n");
    std::fflush(stdout);
  }

  void Write(const char* name, const HistoryShape& shape) const {
    if (const absl::Status written = WriteHistory(Path(name), shape); !written.ok()) {
      Fail(std::string(written.message()));
    }
  }

  Words Report(const std::string& name, const Words& flags) const {
    Words words = {kCpuagg, "report", "--format=csv", "--passwd", kPasswd};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(Path(name));
    return words;
  }

  Words Collect() const {
    return {kCpuagg,
            "collect",
            "--quiet",
            "--config",
            "/dev/null",
            "--passwd",
            kPasswd,
            "--store",
            Path("store"),
            "--accounting-file",
            Path("generations/pacct")};
  }

  static Words Csv(const std::string& path) {
    return {kCpuagg, "records", "--format=csv", "--passwd", kPasswd, path};
  }

  int64_t LinesOf(const Words& words) const {
    const std::string output = OutputOf(words, /*sorted=*/false);
    return std::count(output.begin(), output.end(), '\n');
  }

  std::string OutputOf(const Words& words, bool sorted) const {
    Run(words, Path("output"));
    std::stringstream text;
    text << std::ifstream(Path("output")).rdbuf();
    if (!sorted) return text.str();
    Words lines = absl::StrSplit(text.str(), '\n');
    std::sort(lines.begin(), lines.end());
    return absl::StrJoin(lines, "\n");
  }

  void Same(const Words& a, const Words& b, bool sorted) const {
    if (OutputOf(a, sorted) != OutputOf(b, sorted)) {
      Fail(absl::StrCat("'", absl::StrJoin(a, " "), "' and '", absl::StrJoin(b, " "),
                        "' do not agree"));
    }
  }

  std::string directory_;
  uint64_t records_;
};

}  // namespace
}  // namespace cpuagg::benchmarks

int main(int argc, char** argv) {
  uint64_t records = 10'000'000;
  int rounds = 15;
  std::string directory = std::filesystem::temp_directory_path().string();
  CLI::App app("cpuagg beside its peers");
  app.add_option("--records", records, "of the large files (10,000,000)");
  app.add_option("--rounds", rounds, "of every comparison (15)");
  app.add_option("--directory", directory, "for the files, which take 10 GB (TMPDIR)");
  std::string before;
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
    const cpuagg::benchmarks::Peers peers(directory, records);
    peers.MakeFiles();
    peers.Check();
    if (before.empty()) {
      peers.Compare(rounds);
      peers.Grow(rounds);
    } else {
      peers.CompareWith(before, rounds);
    }
    return 0;
  }
  int status = 1;
  waitpid(child, &status, 0);
  std::filesystem::remove_all(directory);
  return status == 0 ? 0 : 1;
}
