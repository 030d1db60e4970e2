#include "benchmarks/peer_ratios.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmarks/history_file.h"

namespace cpuagg::benchmarks {
namespace {

constexpr uint64_t kMib64 = (uint64_t{64} << 20) / 64;
constexpr std::pair<const char*, uint32_t> kUsers[] = {
    {"users5", 5}, {"users10k", 10'000}, {"users100k", 100'000}, {"users1m", 1'000'000}};

Words Top(const PeerFiles& files, const char* name, Words flags) {
  flags.insert(flags.end(), {"--threads", "1", "--top", "10"});
  return files.Report(name, flags);
}

Words CollectNothingNew(const PeerFiles& files) {
  return files.Collect("store", "generations/pacct");
}

// An accounting file with 5,000 rotated generations, every second one compressed, which have all
// been collected.
void MakeCollectedGenerations(const PeerFiles& files) {
  constexpr int kGenerations = 5000;
  files.Write("all", {.records = (kGenerations + uint64_t{1}) * 16});
  files.WriteGenerations("generations", "all", kGenerations + 1);
  Words compress = {"gzip", "-1"};
  for (int i = 2; i <= kGenerations; i += 2) {
    compress.push_back(files.Path(absl::StrCat("generations/pacct.", i)));
  }
  Run(compress);
  Run(CollectNothingNew(files));
}

void Grow(const PeerFiles& files, int rounds) {
  std::printf("\n| `report` of | 1 thread, ns a record | 2 threads |\n|---|---|---|\n");
  const auto measure = [&](const char* name, const std::string& what, uint64_t records) {
    std::vector<double> times[2];
    for (int i = 0; i < std::min(rounds, 7); ++i) {
      for (const size_t threads : {1, 2}) {
        const Words words =
            files.Report(name, {"--top", "10", "--threads", std::to_string(threads)});
        times[threads - 1].push_back(Run(words) / static_cast<double>(records) * 1e9);
      }
    }
    std::printf("| %s | %.1f | %.1f |\n", what.c_str(), Median(times[0]), Median(times[1]));
    std::fflush(stdout);
  };
  measure("mib64", "64 MiB, 200 users", kMib64);
  measure("base", "200 users", files.records());
  measure("gib4", "4 GiB, 200 users", kMib64 * 64);
  for (const auto& [name, users] : kUsers) {
    measure(name, absl::StrCat(users, " users"), files.records());
  }
  measure("distinct", "as many users as records", files.records());
}

}  // namespace

void PreparePeerRatios(const PeerFiles& files) {
  constexpr uint64_t kMillion = 1'000'000;
  const uint64_t records = files.records();
  files.Write("base", {.records = records});
  for (const auto& [name, users] : kUsers) files.Write(name, {.records = records, .users = users});
  files.Write("distinct", {.records = records, .uids = UidPattern::kDistinct});
  files.Write("random20k", {.records = kMillion, .users = 20'000});
  files.Write("colliding20k",
              {.records = kMillion, .users = 20'000, .uids = UidPattern::kColliding});
  files.Write("appended", {.records = records, .bytes_per_write = 64});
  files.Write("mib64", {.records = kMib64});
  files.Write("gib4", {.records = kMib64 * 64});
  files.Write("kib1", {.records = 16});
  files.Compress("base", "zstd", ".zst");
  MakeCollectedGenerations(files);
  const std::string file = files.Path("mib64");
  files.Same({"sa", "-u", file}, {kCpuagg, "sa", "-u", file});
  files.Same({"sa", "-m", "-i", file}, {kCpuagg, "sa", "-m", file}, /*sorted=*/true);
  files.Same(files.Report("base"), files.Report("base.zst"));
  // The lines differ, but not their number, except that CSV has a header.
  if (files.LinesOf({"dump-acct", file}) + 1 != files.LinesOf(PeerFiles::Csv(file))) {
    Fail("'dump-acct' and 'records' do not agree");
  }
}

std::vector<Comparison> PeerRatios(const PeerFiles& files) {
  const Words floor = files.Floor("read", 1);
  const Words one_thread = files.Report("base", {"--threads", "1"});
  const std::string base = files.Path("base");
  const std::string mib64 = files.Path("mib64");
  return {
      {"`sa -m -i` ÷ `report --threads 1`", {"sa", "-m", "-i", base}, one_thread, "≥ 30", 5},
      {"`sa -u` ÷ `report --threads 1`", {"sa", "-u", base}, one_thread, "≥ 150", 3},
      {"`sa -u` ÷ `cpuagg sa -u`, 1 M records",
       {"sa", "-u", mib64},
       {kCpuagg, "sa", "-u", mib64},
       "≥ 5",
       5},
      {"`sa -m -i` ÷ `cpuagg sa -m`",
       {"sa", "-m", "-i", base},
       {kCpuagg, "sa", "-m", base},
       "≥ 15",
       5},
      {"`dump-acct` ÷ `records --format=csv`, 1 M records",
       {"dump-acct", mib64},
       PeerFiles::Csv(mib64),
       "≥ 15",
       3},
      {"`lastcomm` ÷ `records --format=csv`, 1 M records",
       {"lastcomm", "-f", mib64},
       PeerFiles::Csv(mib64),
       "",
       3},
      {"100,000 random users ÷ floor", Top(files, "users100k", {}), floor, "≤ 2.5"},
      {"as many users as records ÷ floor", Top(files, "distinct", {}), floor, "≤ 12", 5},
      {"20,000 colliding uids ÷ random ones, 1 M records", Top(files, "colliding20k", {}),
       Top(files, "random20k", {}), "≤ 3"},
      {"`--by user,command`, 2,000 pairs ÷ floor", Top(files, "base", {"--by", "user,command"}),
       floor, "≤ 2.2"},
      {"`--by user,hour` ÷ floor", Top(files, "base", {"--by", "user,hour"}), floor, ""},
      {"`--by command` ÷ floor", Top(files, "base", {"--by", "command"}), floor, ""},
      {".zst ÷ `zstd -dc`",
       files.Report("base.zst"),
       {"zstd", "-qdc", files.Path("base.zst")},
       "≤ 1.1",
       5},
      {"4 GiB ÷ 64 MiB, a record", files.Report("gib4", {"--threads", "1"}),
       files.Report("mib64", {"--threads", "1"}), "≤ 1.1", 7, 64},
      {"appended 64 bytes at a time, 1 thread ÷ floor",
       files.Report("appended", {"--threads", "1"}), files.Floor("read", 1, "appended"), "≤ 1.6"},
      {"`--version` ÷ `true`", {kCpuagg, "--version"}, {"true"}, "≤ 10 ms"},
      {"`report` of 1 KiB ÷ `true`", files.Report("kib1"), {"true"}, "≤ 10 ms"},
      {"`collect` of nothing new, 5,000 generations ÷ `true`",
       CollectNothingNew(files),
       {"true"},
       "≤ 100 ms"},
  };
}

void PrintPeerRatios(const PeerFiles& files, int rounds) {
  PrintHead();
  for (const Comparison& comparison : PeerRatios(files)) Measure(comparison, rounds);
  Grow(files, rounds);
}

}  // namespace cpuagg::benchmarks
