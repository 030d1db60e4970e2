// The built binary: reports of several stores, and of a folder of them.

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/store/stores_cli.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Finished;

TEST_F(StoresCliTest, AFolderIsTheStoresInIt) {
  CollectOnAll({"web1", "web2", "web3"});
  double sum = 0;
  for (const char* host : {"web1", "web2", "web3"}) {
    sum += Report({"--store", StoreOf(host)})["totals"]["cpu_seconds"].get<double>();
  }
  const json all = Report({"--store", folder_, "--by", "host,user"});
  EXPECT_DOUBLE_EQ(all["totals"]["cpu_seconds"].get<double>(), sum);
  EXPECT_EQ(all["rows"].size(), 6u);
  EXPECT_EQ(all["hosts"].size(), 3u);
  EXPECT_EQ(all["source"], "3 stores in " + folder_);
  // Named one by one, in any order, with any number of threads; and as STORE.
  const json rows = Report({"--store", folder_})["rows"];
  EXPECT_EQ(Report({"--store", StoreOf("web3"), "--store", StoreOf("web1"), "--store",
                    StoreOf("web2"), "--threads=1"})["rows"],
            rows);
  const Finished configured = Run({"report", "--json"}, {"CPUAGG_STORE=" + folder_});
  EXPECT_EQ(json::parse(configured.out)["rows"], rows);
  EXPECT_EQ(Report({"--store", folder_, "--host=web2"})["host"], "web2");
  // A folder with one store is that store's.
  EXPECT_EQ(Report({"--store", StoreOf("web1")})["hosts"].size(), 0u);
}

TEST_F(StoresCliTest, FoldersWithoutAStoreAreNamed) {
  CollectOnAll({"web1", "web2"});
  fs::create_directory(folder_ + "/web3");
  fs::create_directory(folder_ + "/.rsync-partial");
  fs::create_directory(folder_ + "/lost+found");
  fs::create_symlink("/nonexistent/web4", folder_ + "/web4");
  const json report = Report({"--store", folder_});
  EXPECT_EQ(report["hosts"].size(), 2u);
  const std::string notes = report["notes"].dump();
  EXPECT_TRUE(absl::StrContains(notes, folder_ + "/web3: there is no store in it")) << notes;
  EXPECT_TRUE(absl::StrContains(notes, folder_ + "/web4: is a link to nothing")) << notes;
  EXPECT_FALSE(absl::StrContains(notes, "rsync")) << notes;
  EXPECT_FALSE(absl::StrContains(notes, "lost+found")) << notes;
}

TEST_F(StoresCliTest, NothingIsCollectedIntoAFolderOfStores) {
  CollectOnAll({"web1", "web2"});
  const json before = Report({"--store", folder_})["rows"];
  const std::string pacct = dir_.Write("own", EndedAt(now_).Uid(1001).Bytes());
  const Finished run =
      Run({"collect", "--no-running", "--store", folder_, "--accounting-file", pacct});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(
      absl::StrContains(run.err, folder_ + ": is a folder of stores, and does not become one"))
      << run.err;
  EXPECT_EQ(Report({"--store", folder_})["rows"], before);
}

TEST_F(StoresCliTest, AFolderWithoutStoresIsAnErrorWithTheFix) {
  fs::create_directories(folder_ + "/web1");
  Finished run = Run({"report", "--store", folder_});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            absl::StrCat("cpuagg: ", folder_,
                         ": there is no store here, and none in its folders (1 folder without "
                         "one); name a store, or a folder that has a copy of the store of each "
                         "host, such as `rsync -a HOST:/var/lib/cpuagg/ ",
                         folder_, "/HOST/` makes\n"));
  fs::remove(folder_ + "/web1");
  run = Run({"report", "--store", folder_});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(absl::StrContains(run.err, ": there is no store here; `cpuagg collect` makes one"))
      << run.err;
}

TEST_F(StoresCliTest, TheSameStoreCountsOnce) {
  CollectOnAll({"web1", "web2"});
  fs::create_directory_symlink(StoreOf("web1"), dir_.Path("link"));
  const Finished run = Run({"report", "--json", "--store", StoreOf("web1"), "--store",
                            dir_.Path("link"), "--store", StoreOf("web2")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, absl::StrCat("cpuagg: ", dir_.Path("link"), ": is the same store as ",
                                  StoreOf("web1"), ", and counts once\n"));
  EXPECT_EQ(json::parse(run.out)["totals"]["processes"], 4);
  const Finished twice =
      Run({"report", "--json", "--store", StoreOf("web1"), "--store", StoreOf("web1")});
  EXPECT_EQ(twice.exit_code, 0);
  EXPECT_EQ(twice.err, absl::StrCat("cpuagg: ", StoreOf("web1"),
                                    ": is named more than once, and counts once\n"));
  EXPECT_EQ(json::parse(twice.out)["totals"]["processes"], 2);
}

TEST_F(StoresCliTest, ACopyOfAStoreIsRefused) {
  CollectOnAll({"web1"});
  fs::copy(StoreOf("web1"), folder_ + "/web1.old", fs::copy_options::recursive);
  const Finished run = Run({"report", "--store", folder_});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(absl::StrContains(run.err, "web1.old hold the same runs, which would count twice"))
      << run.err;
}

TEST_F(StoresCliTest, StoresThatReadOneFileAreRefused) {
  CollectOnAll({"web1"});
  // Each in runs of its own.
  now_ += absl::Hours(1);
  CollectOn("web1", {1001});
  const std::string file = dir_.Path("web1.pacct");
  Collect({"--store", StoreOf("other"), "--accounting-file", file});
  const Finished run = Run({"report", "--quiet", "--store", folder_});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(absl::StartsWith(
      run.err, absl::StrCat("cpuagg: the stores ", folder_, "/other and ", folder_,
                            "/web1 have read the same accounting file, whose records would count "
                            "twice; leave one of them out; ")))
      << run.err;
}

TEST_F(StoresCliTest, HostsOfOneNameAreToldApartWithAWarning) {
  host_ = "debian";
  CollectOn("x", {1001});
  now_ += absl::Seconds(1);
  CollectOn("y", {1001});
  const Finished run = Run({"report", "--json", "--by=host", "--store", folder_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_TRUE(absl::StrContains(run.err,
                                "/y: says that it is of debian, as another store does; it "
                                "is called y here; HOST_NAME"))
      << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["hosts"][0]["host"], "x");
  EXPECT_EQ(report["hosts"][1]["host"], "y");
}

TEST_F(StoresCliTest, UsersAreTheSameByName) {
  host_ = "web1";
  CollectOn("web1", {1001, 1003}, "alice:x:1001:1::/:/bin/sh\n");
  host_ = "web2";
  CollectOn("web2", {2001, 1001, 1003}, "alice:x:2001:1::/:/bin/sh\nbob:x:1001:1::/:/bin/sh\n");
  const json report = Report({"--store", folder_, "--sort=name"});
  ASSERT_EQ(report["rows"].size(), 3u);
  EXPECT_EQ(report["rows"][0]["user"], "alice");
  EXPECT_EQ(report["rows"][0]["uid"], nullptr);
  EXPECT_EQ(report["rows"][0]["processes"], 2);
  EXPECT_EQ(report["rows"][1]["user"], "bob");
  EXPECT_EQ(report["rows"][1]["uid"], 1001);
  EXPECT_EQ(report["rows"][2]["user"], nullptr);
  EXPECT_EQ(report["rows"][2]["processes"], 2);
  EXPECT_TRUE(absl::StrContains(
      report["notes"].dump(),
      "alice has other ids on other hosts; users of one name are counted as one."))
      << report["notes"];
  EXPECT_TRUE(absl::StrContains(OutputOf({"report", "--csv", "--quiet", "--store", folder_}),
                                "\n,alice,2,"));
  const json apart = Report({"--store", folder_, "--by=host,user", "--user=alice", "--sort=uid"});
  EXPECT_EQ(apart["rows"][0]["uid"], 1001);
  EXPECT_EQ(apart["rows"][1]["uid"], 2001);
}

TEST_F(StoresCliTest, LateHostsAreNamed) {
  for (int run = 0; run < 5; ++run) {
    CollectOnAll({"web1", "web2", "web3"});
    now_ += absl::Hours(1);
  }
  for (int run = 0; run < 5; ++run) {
    CollectOnAll({"web1", "web3"});
    now_ += absl::Hours(1);
  }
  ASSERT_TRUE(fs::create_directories(folder_ + "/new/snapshots"));
  const json report = Report({"--store", folder_});
  EXPECT_TRUE(absl::StrContains(report["notes"].dump(),
                                "2 of 4 hosts have not reported lately: new (never), web2 (not "
                                "since 2026-11-20 16:00)."))
      << report["notes"];
  EXPECT_EQ(report["hosts"][2]["host"], "web2");
  EXPECT_EQ(report["hosts"][2]["late"], true);
  EXPECT_EQ(report["hosts"][1]["late"], false);
  // web2 has reported all of that time.
  const json until = Report({"--store", folder_, "--until=2026-11-20 15:00"});
  EXPECT_FALSE(absl::StrContains(until["notes"].dump(), "web2")) << until["notes"];
}

TEST_F(StoresCliTest, DamageInOneStoreLeavesTheOthers) {
  CollectOnAll({"web1", "web2", "web3"});
  const auto snapshot = [&](const std::string& host) {
    return fs::directory_iterator(StoreOf(host) + "/snapshots")->path().string();
  };
  fs::resize_file(snapshot("web2"), fs::file_size(snapshot("web2")) - 3);
  Finished run = Run({"report", "--json", "--store", folder_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(run.err, snapshot("web2"))) << run.err;
  json report = json::parse(run.out);
  EXPECT_EQ(report["totals"]["processes"], 4);
  ASSERT_EQ(report["gaps"].size(), 1u);
  EXPECT_EQ(report["gaps"][0]["host"], "web2");
  // A store into which others may write is one of which nothing is believed.
  fs::permissions(StoreOf("web3"), fs::perms::all);
  run = Run({"report", "--json", "--store", folder_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(absl::StrContains(run.err, StoreOf("web3"))) << run.err;
  report = json::parse(run.out);
  EXPECT_EQ(report["totals"]["processes"], 2);
  EXPECT_TRUE(absl::StrContains(report["notes"].dump(), "Not read: " + StoreOf("web3")))
      << report["notes"];
}

TEST_F(StoresCliTest, FlagsForOneStoreAreRefusedForSeveral) {
  CollectOnAll({"web1", "web2"});
  Finished run = Run({"report", "--store", folder_, "--period=since-last"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "cpuagg: --period: since-last is for one store, which knows what was reported last\n");
  for (const char* command : {"collect", "send", "run", "check", "forget"}) {
    run = Run({command, "--store", StoreOf("web1"), "--store", StoreOf("web2")});
    EXPECT_NE(run.exit_code, 0) << command;
    EXPECT_TRUE(absl::StrContains(run.err,
                                  "--store: may be given only once; only cpuagg report reads "
                                  "several stores"))
        << run.err;
  }
  run = Run({"report", "--store", folder_, "--by=group"});
  EXPECT_EQ(run.exit_code, 2);
}

// What rsync does: it lists the files, copies them later, and then removes what the list lacks.
class Copying {
 public:
  Copying(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {
    fs::create_directories(to_);
    for (const auto& entry : fs::directory_iterator(from_)) {
      listed_.push_back(entry.path().filename());
    }
  }

  void CopyAndDeleteAfter() const {
    for (const std::string& name : listed_) {
      std::error_code vanished;
      fs::copy_file(fs::path(from_) / name, fs::path(to_) / name, fs::copy_options::skip_existing,
                    vanished);
    }
    std::vector<fs::path> extra;
    for (const auto& entry : fs::directory_iterator(to_)) {
      const std::string name = entry.path().filename();
      if (std::find(listed_.begin(), listed_.end(), name) == listed_.end()) {
        extra.push_back(entry.path());
      }
    }
    for (const fs::path& path : extra) fs::remove(path);
  }

 private:
  std::string from_;
  std::string to_;
  std::vector<std::string> listed_;
};

TEST_F(StoresCliTest, ACopyThatIsTakenDuringARunIsWholeOrHasAGap) {
  const std::string copy = dir_.Path("copies/web1");
  int whole = 0;
  host_ = "web1";
  CollectOn("web1", {1001});
  for (int run = 0; run < 40; ++run) {
    now_ += absl::Hours(5);  // days are merged on the way
    const Copying copying(StoreOf("web1") + "/snapshots", copy + "/snapshots");
    const json before = Report({"--store", StoreOf("web1")});
    CollectOn("web1", {1001});
    // Most copies are taken after a run; some lose the race.
    if (run % 3 == 0) {
      copying.CopyAndDeleteAfter();
    } else {
      Copying(StoreOf("web1") + "/snapshots", copy + "/snapshots").CopyAndDeleteAfter();
    }
    const json copied = Report({"--store", copy});
    const json after = Report({"--store", StoreOf("web1")});
    const auto& processes = copied["totals"]["processes"];
    const bool is_whole =
        processes == before["totals"]["processes"] || processes == after["totals"]["processes"];
    EXPECT_TRUE(is_whole || !copied["gaps"].empty()) << run << copied.dump();
    EXPECT_LE(processes, after["totals"]["processes"]);
    whole += is_whole ? 1 : 0;
  }
  EXPECT_GE(whole, 26);
  Copying(StoreOf("web1") + "/snapshots", copy + "/snapshots").CopyAndDeleteAfter();
  EXPECT_EQ(Report({"--store", copy})["totals"], Report({"--store", StoreOf("web1")})["totals"]);
}

}  // namespace
}  // namespace cpuagg::tools
