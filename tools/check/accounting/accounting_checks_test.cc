#include "tools/check/accounting/accounting_checks.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "acct/testing/record_builder.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::TempDir;

constexpr char kFile[] = "/var/log/account/pacct";
const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

RecordTail Tail(uint64_t bytes, bool has_probe) {
  RecordTail tail = {.file_bytes = bytes, .records = bytes / 64, .version = 3};
  if (bytes > 0) tail.last_end = tail.latest_end = kNow - absl::Seconds(90);
  tail.has_probe = has_probe;
  return tail;
}

AccountingFacts Facts(uint64_t before, uint64_t after, bool has_probe) {
  return {.file = kFile,
          .turning_on = {.accton = "/usr/sbin/accton", .unit = "acct"},
          .now = kNow,
          .before = Tail(before, false),
          .after = Tail(after, has_probe),
          .space = acct::FreeSpace{.free = 5000, .pauses_below = 200, .goes_on_at = 400}};
}

TEST(AccountingChecksTest, TheRecordOfTheProbeSaysThatItIsOn) {
  const Finding finding = CheckAccountingOn(Facts(640, 704, true));
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_TRUE(absl::StrContains(finding.text, "the record before is 90 s old")) << finding.text;
  ASSERT_EQ(finding.numbers.size(), 1u);
  EXPECT_EQ(finding.numbers[0].name, "last_record_age");
  EXPECT_EQ(finding.numbers[0].value, 90);
}

TEST(AccountingChecksTest, ARecordOfTheFutureHasNoAge) {
  AccountingFacts facts = Facts(640, 704, true);
  facts.before->last_end = kNow + absl::Minutes(5);
  const Finding finding = CheckAccountingOn(facts);
  EXPECT_TRUE(absl::EndsWith(finding.text, "; the record before is dated 5 min in the future"))
      << finding.text;
  EXPECT_EQ(finding.numbers[0].value, 0);
}

TEST(AccountingChecksTest, WithoutItAccountingIsOff) {
  const Finding finding = CheckAccountingOn(Facts(640, 640, false));
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_EQ(finding.mends,
            (std::vector<std::string>{"/usr/sbin/accton /var/log/account/pacct",
                                      "systemctl enable --now acct  # at each boot as well"}));
}

TEST(AccountingChecksTest, AFileThatIsNotThereIsMadeAsTheServiceNeedsIt) {
  AccountingFacts facts = Facts(0, 0, false);
  facts.before = facts.after = absl::NotFoundError("pacct: cannot open: No such file");
  facts.turning_on.group = "adm";
  facts.turning_on.has_folder = false;
  EXPECT_EQ(CheckAccountingOn(facts).mends[0],
            "install -d -m 0755 /var/log/account && touch /var/log/account/pacct && "
            "chgrp adm /var/log/account/pacct && chmod 0640 /var/log/account/pacct && "
            "/usr/sbin/accton /var/log/account/pacct");
  facts.turning_on.group.clear();
  facts.turning_on.has_folder = true;
  EXPECT_TRUE(absl::StartsWith(CheckAccountingOn(facts).mends[0],
                               "touch /var/log/account/pacct && chmod 0640 "));
}

TEST(AccountingChecksTest, WhereAcctIsMissingItIsInstalledFirst) {
  AccountingFacts facts = Facts(0, 0, false);
  facts.turning_on = {.installs = "apt-get install acct"};
  const Finding finding = CheckAccountingOn(facts);
  ASSERT_EQ(finding.mends.size(), 2u);
  EXPECT_EQ(finding.mends[0], "apt-get install acct");
}

// Otherwise the fix for a typing error in ACCOUNTING_FILE would stop the records of the right file.
TEST(AccountingChecksTest, AFileThatIsNotThereIsNotTurnedOnWhereTheUsualOneIs) {
  AccountingFacts facts = Facts(0, 0, false);
  facts.file = "/var/log/acount/pacct";
  facts.before = facts.after = absl::NotFoundError("/var/log/acount/pacct: cannot open");
  EXPECT_FALSE(CheckAccountingOn(facts).mends.empty());
  facts.usual_file = kFile;
  const Finding finding = CheckAccountingOn(facts);
  EXPECT_EQ(finding.level, Level::kCritical);
  EXPECT_TRUE(finding.mends.empty());
  ASSERT_EQ(finding.advice.size(), 1u);
  EXPECT_TRUE(absl::StartsWith(finding.advice[0], "/var/log/account/pacct exists: should "));
}

// Neither the kernel nor the person who copies the commands should touch it.
TEST(AccountingChecksTest, AFileOfAnotherProgramIsLeftAlone) {
  AccountingFacts facts = Facts(640, 640, false);
  facts.file = "/etc/passwd";
  facts.usual_file = kFile;
  facts.before->records = facts.after->records = 0;
  const auto expect_left_alone = [&] {
    const Finding finding = CheckAccountingOn(facts);
    EXPECT_EQ(finding.level, Level::kCritical);
    EXPECT_EQ(finding.mends, std::vector<std::string>());
    EXPECT_EQ(finding.advice,
              std::vector<std::string>{"name the file that the kernel writes to with "
                                       "--accounting-file or ACCOUNTING_FILE; "
                                       "/var/log/account/pacct exists"});
  };
  expect_left_alone();
  facts.before = facts.after = absl::InvalidArgumentError("/dev/null: is not a regular file");
  facts.file = "/dev/null";
  expect_left_alone();
}

TEST(AccountingChecksTest, AFullFileSystemPausesAccounting) {
  AccountingFacts facts = Facts(640, 640, false);
  facts.space = acct::FreeSpace{.free = 150, .pauses_below = 200, .goes_on_at = 400};
  EXPECT_TRUE(absl::StrContains(CheckAccountingOn(facts).advice[0], "make room"));
  EXPECT_EQ(CheckAccountingSpace(facts).level, Level::kCritical);
  facts.space->free = 300;
  EXPECT_EQ(CheckAccountingSpace(facts).level, Level::kWarning);
  facts.space->free = 400;
  EXPECT_EQ(CheckAccountingSpace(facts).level, Level::kOk);
}

TEST(AccountingChecksTest, AFileThatGrowsByOthersIsAnotherNamespaces) {
  AccountingFacts facts = Facts(640, 704, false);
  EXPECT_EQ(CheckAccountingOn(facts).level, Level::kWarning);
  facts.is_proc_named = true;
  EXPECT_EQ(CheckAccountingOn(facts).level, Level::kOk);
}

TEST(AccountingChecksTest, WhoMayNotReadTheFileDoesNotKnow) {
  AccountingFacts facts = Facts(0, 0, false);
  facts.before = facts.after =
      absl::FailedPreconditionError("pacct: cannot open: Permission denied");
  const Finding finding = CheckAccountingOn(facts);
  EXPECT_EQ(finding.level, Level::kUnknown);
  EXPECT_EQ(finding.mends, std::vector<std::string>{"sudo cpuagg check"});
  // Its length shows that it is written to.
  facts.has_grown = true;
  EXPECT_EQ(CheckAccountingOn(facts).level, Level::kOk);
  facts.has_grown = false;
  EXPECT_EQ(CheckAccountingOn(facts).level, Level::kCritical);
}

TEST(AccountingChecksTest, AContainerThatMayNotIsToldSo) {
  AccountingFacts facts = Facts(0, 0, false);
  facts.kernel = {.confinement = "a container (docker)", .may_be_turned_on = false};
  const Finding finding = CheckAccountingOn(facts);
  EXPECT_TRUE(absl::StrContains(finding.text, "a container (docker), in which nobody may"));
  EXPECT_TRUE(finding.mends.empty());
  ASSERT_EQ(finding.advice.size(), 1u);
  EXPECT_TRUE(absl::StrContains(finding.advice[0], "on the host"));
}

TEST(AccountingChecksTest, TheKernelHasToBeAbleTo) {
  EXPECT_EQ(CheckKernel({.release = "6.1"}).level, Level::kNote);
  EXPECT_EQ(CheckKernel({.has_accounting = true, .writes_version3 = true}).level, Level::kOk);
  EXPECT_EQ(CheckKernel({.has_accounting = true, .writes_version3 = false}).level, Level::kWarning);
  const Finding none =
      CheckKernel({.release = "6.1", .has_accounting = false, .source = "acct(2)"});
  EXPECT_EQ(none.level, Level::kCritical);
  EXPECT_EQ(none.text, "6.1 cannot do process accounting (acct(2): no CONFIG_BSD_PROCESS_ACCT)");
}

TEST(KernelTest, TheConfigurationOfTheKernelCounts) {
  const TempDir root;
  std::filesystem::create_directories(root.Path("proc"));
  root.Write("proc/config.gz", "# CONFIG_X is not set\nCONFIG_BSD_PROCESS_ACCT=y\n");
  const KernelFacts facts = ReadKernelFacts(root.path());
  EXPECT_EQ(facts.has_accounting, true);
  EXPECT_EQ(facts.writes_version3, false);
  EXPECT_EQ(facts.source, root.path() + "/proc/config.gz");
  EXPECT_TRUE(facts.may_be_turned_on);
}

TEST(KernelTest, ContainersAndUserNamespacesAreKnown) {
  const TempDir root;
  for (const char* directory : {"proc/self", "run/systemd"}) {
    std::filesystem::create_directories(root.Path(directory));
  }
  root.Write("proc/self/uid_map", "         0       1000          1\n");
  EXPECT_EQ(ReadKernelFacts(root.path()).confinement, "a user namespace");
  EXPECT_FALSE(ReadKernelFacts(root.path()).may_be_turned_on);
  root.Write("proc/self/uid_map", "         0          0 4294967295\n");
  EXPECT_EQ(ReadKernelFacts(root.path()).confinement, "");
  root.Write("run/systemd/container", "lxc\n");
  root.Write("proc/self/status", "CapBnd:\t00000000a80425fb\n");
  EXPECT_EQ(ReadKernelFacts(root.path()).confinement, "a container (lxc)");
  EXPECT_FALSE(ReadKernelFacts(root.path()).may_be_turned_on);
}

TEST(RecordTailTest, TheLastRecordAndItsUsersAreFound) {
  const TempDir dir;
  const std::string path =
      dir.Write("pacct", RecordBuilder().Uid(1001).BeginTime(1'700'000'000).Elapsed(100).Bytes() +
                             RecordBuilder()
                                 .Uid(1002)
                                 .Pid(77)
                                 .BeginTime(1'700'000'100)
                                 .Elapsed(200)
                                 .Command("cpuagg")
                                 .Bytes());
  const acct::AccountingProbe probe = {.pid = 77,
                                       .uid = acct::Uid(1002),
                                       .command = "cpuagg",
                                       .begin_time = 1'700'000'100,
                                       .end_time = 1'700'000'102};
  const absl::StatusOr<RecordTail> tail = ReadRecordTail(path, probe);
  ASSERT_TRUE(tail.ok()) << tail.status();
  EXPECT_EQ(tail->records, 2u);
  EXPECT_EQ(tail->last_end, absl::FromUnixSeconds(1'700'000'102));
  EXPECT_EQ(tail->users.size(), 2u);
  EXPECT_TRUE(tail->has_probe);
  acct::AccountingProbe other = probe;
  other.pid = 78;
  EXPECT_FALSE(ReadRecordTail(path, other)->has_probe);
}

}  // namespace
}  // namespace cpuagg::tools::check
