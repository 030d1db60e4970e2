// The names of users while the user directory is slow, unreachable, or hangs. The test replaces the
// directory (tools/testing/fake_directory.cc) and the clock.

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/cli_test.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::ReadFile;
using nlohmann::json;
using testing::Finished;
using testing::StartedProgram;

constexpr char kInTime[] = "the user directory did not answer within 5 s";
constexpr char kUntilLater[] = "; they are shown by id until a later run finds them\n";

class NamesCliTest : public testing::ClockCliTest {
 protected:
  NamesCliTest() {
    now_ = absl::FromUnixSeconds(1'795'000'000);
    preloaded_.emplace_back("libfake_directory.so");
  }
  Strings Environment() const override {
    Strings environment = ClockCliTest::Environment();
    environment.push_back("DIRECTORY_CALLS=" + dir_.Path("calls"));
    return environment;
  }

  // A process of one second that ends now.
  std::string Record(uint32_t uid) const {
    return EndedAt(now_).Uid(uid).UserTime(100).Command("make").Bytes();
  }
  void Work(uint32_t uid) { dir_.Append("pacct", Record(uid)); }
  // One process for each of these users.
  void WorkOf(uint32_t first, uint32_t count) {
    std::string bytes;
    for (uint32_t i = 0; i < count; ++i) bytes += Record(first + i);
    dir_.Append("pacct", bytes);
  }

  // Runs `cpuagg collect`, which succeeds whatever the directory does. Returns its warnings.
  std::string Collect(const Strings& environment = {}, const Strings& flags = {}) const {
    Strings argv = {"collect", "--no-running"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Finished run = Run(std::move(argv), environment);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.err;
  }

  // uid, name ("-" for none) and processes of each row of the store.
  Strings Users() const { return UsersOf(JsonReport({"--sort=uid"})); }
  std::string Message() const {
    const Finished run = Run({"send", "--dry-run"}, {"CPUAGG_SEND_AS=text"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out;
  }

  // The number of calls to the directory since the last time.
  uint64_t Calls() {
    const std::string path = dir_.Path("calls");
    if (!std::filesystem::exists(path)) return 0;
    const uint64_t calls = std::filesystem::file_size(path);
    std::filesystem::remove(path);
    return calls;
  }
  size_t Snapshots() const {
    const std::filesystem::directory_iterator snapshots(store_ + "/snapshots");
    return static_cast<size_t>(std::distance(begin(snapshots), end(snapshots)));
  }
};

TEST_F(NamesCliTest, AnOutageOfTheDirectorySplitsNobody) {
  Work(1004);
  Work(1004);
  EXPECT_EQ(Collect({"DIRECTORY=5"}),
            absl::StrCat("cpuagg: the names of 1 of 1 user are not known yet: the user directory "
                         "failed (Input/output error)",
                         kUntilLater));
  EXPECT_EQ(Users(), Strings{"1004 - 2"});
  // The user's usage is not dropped, whoever it is.
  EXPECT_TRUE(absl::StrContains(Message(), "1004")) << Message();
  now_ += absl::Minutes(15);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), Strings{"1004 user1004 3"});
  EXPECT_TRUE(absl::StrContains(Message(), "user1004")) << Message();
}

TEST_F(NamesCliTest, ANameThatIsKnownOutlivesAnOutage) {
  Work(1004);
  EXPECT_EQ(Collect(), "");
  now_ += absl::Hours(2);
  Work(1004);
  EXPECT_NE(Collect({"DIRECTORY=5"}), "");
  EXPECT_EQ(Users(), Strings{"1004 user1004 2"});
  // That does not make cpuagg ask for it.
  Calls();
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 0u);
}

TEST_F(NamesCliTest, ANameIsFoundForAnIdThatIsNeverUsedAgain) {
  Work(1004);
  EXPECT_NE(Collect({"DIRECTORY=5"}), "");
  EXPECT_NE(Collect({"DIRECTORY=5"}), "");
  EXPECT_EQ(Snapshots(), 1u);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), Strings{"1004 user1004 1"});
  EXPECT_EQ(Snapshots(), 2u);
  // There was nothing else to find out.
  Calls();
  now_ += absl::Hours(2);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 0u);
  EXPECT_EQ(Snapshots(), 2u);
}

TEST_F(NamesCliTest, ANameIsFoundForWhatHasBeenMergedMeanwhile) {
  for (int day = 0; day < 4; ++day) {
    Work(1004);
    Work(1005);
    EXPECT_NE(Collect({"DIRECTORY=5"}), "");
    now_ += absl::Hours(1);
    Work(1004);
    EXPECT_NE(Collect({"DIRECTORY=5"}), "");
    now_ += absl::Hours(23);
  }
  EXPECT_LT(Snapshots(), 8u);
  EXPECT_EQ(Users(), (Strings{"1004 - 8", "1005 - 4"}));
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), (Strings{"1004 user1004 8", "1005 user1005 4"}));
  // Also after merging.
  now_ += absl::Hours(24 * 5);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  now_ += absl::Hours(1);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), (Strings{"1004 user1004 10", "1005 user1005 4"}));
}

TEST_F(NamesCliTest, AnOutageMayHideThatThereIsNoAccount) {
  Work(1004);
  EXPECT_NE(Collect({"DIRECTORY=5"}), "");
  EXPECT_TRUE(absl::StrContains(Message(), "1004")) << Message();
  EXPECT_EQ(Collect({"DIRECTORY=nobody"}), "");
  EXPECT_EQ(Users(), Strings{"1004 - 1"});
  EXPECT_FALSE(absl::StrContains(Message(), "1004")) << Message();
  EXPECT_EQ(Calls(), 2u);
  now_ += absl::Hours(2);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 0u);
  EXPECT_EQ(Users(), Strings{"1004 - 1"});
}

TEST_F(NamesCliTest, AnAccountThatIsMadeWithinTheHourGetsItsHours) {
  Work(1004);
  EXPECT_EQ(Collect({"DIRECTORY=nobody"}), "");
  now_ += absl::Minutes(30);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 1u);
  // Without other knowledge, it keeps its previous state.
  EXPECT_EQ(Users(), Strings{"1004 - 2"});
  EXPECT_FALSE(absl::StrContains(Message(), "1004")) << Message();
  now_ += absl::Minutes(30);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 1u);
  EXPECT_EQ(Users(), (Strings{"1004 - 1", "1004 user1004 1"}));
}

TEST_F(NamesCliTest, AUserWithoutAnAnswerMayLackADepartment) {
  Work(1004);
  const std::string list = dir_.Write("list", "user1004 Physics\n");
  const Strings report = {"report", "--by=department",      "--group-file", list,
                          "--csv",  "--columns=department", pacct_};
  EXPECT_EQ(Run(report).out, "department\nPhysics\n");
  const Finished failed = Run(report, {"DIRECTORY=5"});
  EXPECT_TRUE(absl::StrContains(failed.err,
                                "; they have a department only if --group-file has their ids\n"))
      << failed.err;
  EXPECT_FALSE(absl::StrContains(failed.err, "shown by id"));
  dir_.Write("list", "1004 Physics\n");
  EXPECT_EQ(Run(report, {"DIRECTORY=5"}).out, "department\nPhysics\n");
}

TEST_F(NamesCliTest, OnlyTheAnswerThatThereIsNobodyCountsAsOne) {
  for (const int error : {ENOENT, ESRCH, EBADF, EPERM, EIO, EAGAIN, EMFILE, ENFILE, ENOMEM, EINTR,
                          ETIMEDOUT, ECONNREFUSED, ERANGE}) {
    Work(1000 + static_cast<uint32_t>(error));
    EXPECT_TRUE(absl::StrContains(Collect({absl::StrCat("DIRECTORY=", error)}),
                                  "the user directory failed ("))
        << error;
  }
  EXPECT_EQ(Collect(), "");
  const Strings users = Users();
  EXPECT_EQ(users.size(), 13u);
  for (const std::string& user : users) EXPECT_TRUE(absl::StrContains(user, " user1")) << user;
}

TEST_F(NamesCliTest, WhomASlowDirectoryDoesNotNameInTimeLaterRunsAskFor) {
  WorkOf(2000, 400);
  const Strings slow = {"DIRECTORY_MS=20"};
  const std::string said = Collect(slow);
  const uint64_t first = Calls();
  // All answers would take eight seconds.
  EXPECT_GE(first, 1u);
  EXPECT_LE(first, 251u);
  EXPECT_TRUE(absl::StrContains(said, "of 400 users are not known yet: ")) << said;
  EXPECT_TRUE(absl::StrContains(said, absl::StrCat(kInTime, kUntilLater))) << said;

  // Known users are not asked for again; the last answer may have come too late.
  uint64_t calls = first;
  for (int run = 0; run < 10 && Collect(slow) != ""; ++run) calls += Calls();
  calls += Calls();
  EXPECT_GE(calls, 400u);
  EXPECT_LE(calls, 410u);
  const Strings users = Users();
  ASSERT_EQ(users.size(), 400u);
  for (uint32_t i = 0; i < 400; ++i) {
    EXPECT_EQ(users[i], absl::StrCat(2000 + i, " user", 2000 + i, " 1"));
  }
  WorkOf(2000, 400);
  EXPECT_EQ(Collect(slow), "");
  EXPECT_EQ(Calls(), 0u);
}

TEST_F(NamesCliTest, AHundredThousandUsersWithoutNamesDoNotHoldARunUp) {
  WorkOf(100'000, 100'000);
  const std::string said = Collect({"DIRECTORY=nobody", "DIRECTORY_MS=1"});
  EXPECT_TRUE(absl::StrContains(said, "of 100,000 users are not known yet: ")) << said;
  EXPECT_LE(Calls(), 5001u);
}

TEST_F(NamesCliTest, ADirectoryThatHangsIsLeftAlone) {
  Work(1004);
  Work(1005);
  StartedProgram collect(Cpuagg({"collect", "--no-running"}, {"DIRECTORY=hang"}));
  StartedProgram report(Cpuagg({"report", pacct_}, {"DIRECTORY=hang"}));
  StartedProgram records(Cpuagg({"records", "--wide", pacct_}, {"DIRECTORY=hang"}));
  const Finished collected = collect.Wait();
  EXPECT_EQ(collected.exit_code, 0);
  EXPECT_EQ(
      collected.err,
      absl::StrCat("cpuagg: the names of 2 of 2 users are not known yet: ", kInTime, kUntilLater));
  constexpr char kUsers[] =
      "cpuagg: the names of 2 of 2 users are not known: the user directory did not answer within "
      "10 s; they are shown by id\n";
  const Finished reported = report.Wait();
  EXPECT_EQ(reported.exit_code, 0);
  EXPECT_EQ(reported.err, kUsers);
  EXPECT_TRUE(absl::StrContains(reported.out, "1004 ")) << reported.out;
  const Finished recorded = records.Wait();
  EXPECT_EQ(recorded.exit_code, 0);
  EXPECT_EQ(recorded.err,
            absl::StrCat(kUsers,
                         "cpuagg: the names of 1 of 1 group are not known: the user directory did "
                         "not answer within 10 s; they are shown by id\n"));
  // Each of them needed one call.
  EXPECT_EQ(Calls(), 3u);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), (Strings{"1004 user1004 1", "1005 user1005 1"}));
}

TEST_F(NamesCliTest, ReportsOnFilesSayWhatTheDirectoryDidNot) {
  Work(1004);
  const std::string users =
      "cpuagg: the names of 1 of 1 user are not known: the user directory failed (Input/output "
      "error); they are shown by id\n";
  const std::string groups =
      "cpuagg: the names of 1 of 1 group are not known: the user directory failed (Input/output "
      "error); they are shown by id\n";
  struct Case {
    Strings argv;
    std::string said;
  };
  for (const Case& c : {Case{{"report", pacct_}, users}, Case{{"records", pacct_}, users},
                        Case{{"records", "--wide", pacct_}, users + groups},
                        Case{{"report", "--by=group", pacct_}, groups},
                        Case{{"report", "--by=command", pacct_}, ""},
                        Case{{"report", "--by=command", "--user=1004", pacct_}, users},
                        Case{{"report", "--quiet", pacct_}, ""}}) {
    const Finished run = Run(c.argv, {"DIRECTORY=5"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.err, c.said);
    EXPECT_EQ(Run(c.argv).err, "");
  }
}

TEST_F(NamesCliTest, OnlyTheNamesThatAreShownAreAskedFor) {
  WorkOf(2000, 300);
  EXPECT_EQ(Run({"report", "--top=2", pacct_}).err, "");
  EXPECT_EQ(Calls(), 2u);
  EXPECT_EQ(Run({"report", "--top=2", "--command=make", pacct_}).err, "");
  EXPECT_EQ(Calls(), 2u);
  // Which rows these are may depend on all names.
  EXPECT_EQ(Run({"report", "--top=2", "--sort=name", pacct_}).err, "");
  EXPECT_EQ(Calls(), 300u);
  EXPECT_EQ(Run({"report", "--user=user2007", pacct_}).err, "");
  EXPECT_EQ(Calls(), 300u);
}

TEST_F(NamesCliTest, SaWaitsForEveryName) {
  WorkOf(2000, 600);
  const Finished run = Run({"sa", "-u", pacct_}, {"DIRECTORY_MS=20"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(Calls(), 600u);
  EXPECT_TRUE(absl::StartsWith(run.out.substr(run.out.rfind("user")), "user2599")) << run.out;
}

TEST_F(NamesCliTest, WithoutAThreadTheTimeIsLookedAtBetweenTheCalls) {
  WorkOf(2000, 400);
  const std::string said = Collect({"DIRECTORY_ALONE=1", "DIRECTORY_MS=20"});
  EXPECT_TRUE(absl::StrContains(said, kInTime)) << said;
  EXPECT_LE(Calls(), 251u);
  EXPECT_EQ(Collect({"DIRECTORY_ALONE=1"}), "");
  EXPECT_EQ(Users().back(), "2399 user2399 1");
}

TEST_F(NamesCliTest, NamesAreRememberedForAnHour) {
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 1u);
  now_ += absl::Minutes(59);
  Work(1004);
  EXPECT_EQ(Collect({"DIRECTORY=5"}), "");
  EXPECT_EQ(Calls(), 0u);
  now_ += absl::Minutes(1);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 1u);
  // The clock was wrong.
  now_ -= absl::Minutes(1);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Calls(), 1u);
  EXPECT_EQ(Users(), Strings{"1004 user1004 4"});
}

TEST_F(NamesCliTest, AnIdThatIsUsedAgainIsTheNewAccounts) {
  const Strings before = {"DIRECTORY_FILE=" + dir_.Write("passwd", "old1777:x:1777:1777::/:\n"),
                          "DIRECTORY_PREFIX=old"};
  Work(1777);
  EXPECT_EQ(Collect(before), "");
  Work(1777);
  EXPECT_EQ(Collect(before), "");
  EXPECT_EQ(Calls(), 1u);
  // Another file with the name, as useradd makes it, so that not even its time has to differ.
  dir_.Write("passwd+", "new1777:x:1777:1777::/:\n");
  std::filesystem::rename(dir_.Path("passwd+"), dir_.Path("passwd"));
  const Strings after = {before[0], "DIRECTORY_PREFIX=new"};
  Work(1777);
  EXPECT_EQ(Collect(after), "");
  EXPECT_EQ(Users(), (Strings{"1777 new1777 1", "1777 old1777 2"}));

  const Finished forget = Run({"forget", "-u", "old1777", "--yes"});
  EXPECT_EQ(forget.exit_code, 0) << forget.err;
  EXPECT_EQ(Users(), Strings{"1777 new1777 1"});
  EXPECT_EQ(Run({"forget", "-u", "new1777", "--yes"}).exit_code, 0);
  EXPECT_EQ(Users(), Strings());
}

TEST_F(NamesCliTest, AMemoryThatCannotBeUsedCostsNothingButTime) {
  const std::string path = store_ + "/names.pb";
  Work(1004);
  EXPECT_EQ(Collect(), "");
  const std::string memory = ReadFile(path);
  for (const std::string& damaged :
       {std::string(), std::string("hello"), memory.substr(0, memory.size() - 1)}) {
    dir_.Write("store/names.pb", damaged);
    Calls();
    Work(1004);
    EXPECT_EQ(Collect(), "");
    EXPECT_EQ(Calls(), 1u);
    EXPECT_EQ(ReadFile(path), memory);
  }
  // The file can be neither read nor replaced.
  std::filesystem::remove(path);
  std::filesystem::create_directories(path + "/x");
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), Strings{"1004 user1004 5"});
}

TEST_F(NamesCliTest, NamesOfAFileAreNotRemembered) {
  dir_.Write("passwd", "alice:x:1004:1004::/:\n");
  Work(1004);
  EXPECT_EQ(Collect({}, {"--passwd", dir_.Path("passwd")}), "");
  EXPECT_FALSE(std::filesystem::exists(store_ + "/names.pb"));
  EXPECT_EQ(Calls(), 0u);
  Work(1004);
  EXPECT_EQ(Collect(), "");
  EXPECT_EQ(Users(), (Strings{"1004 alice 1", "1004 user1004 1"}));
  // Nor are remembered names used for them.
  Work(1004);
  EXPECT_EQ(Collect({}, {"--passwd", dir_.Path("passwd")}), "");
  EXPECT_EQ(Users(), (Strings{"1004 alice 2", "1004 user1004 1"}));
}

}  // namespace
}  // namespace cpuagg::tools
