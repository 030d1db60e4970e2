#include "tools/check/accounting/turning_on.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "acct/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {
namespace {

using Strings = std::vector<std::string>;

constexpr char kFile[] = "/var/log/account/pacct";

class FindTurningOnTest : public ::testing::Test {
 protected:
  void Make(const std::string& path, const std::string& content = "") const {
    std::filesystem::create_directories(std::filesystem::path(dir_.path() + path).parent_path());
    dir_.Write(path.substr(1), content);
  }
  void Remove(const std::string& path) const {
    ASSERT_TRUE(std::filesystem::remove(dir_.path() + path)) << path;
  }
  TurningOn Find() const { return FindTurningOn(kFile, dir_.path()); }

  const acct::testing::TempDir dir_;
};

TEST_F(FindTurningOnTest, OnABareMachineNothingIsFound) {
  const TurningOn how = Find();
  EXPECT_EQ(how.accton, "");
  EXPECT_EQ(how.unit, "");
  EXPECT_EQ(how.installs, "");
  EXPECT_EQ(how.group, "");
}

TEST_F(FindTurningOnTest, TheFirstUsualPlaceOfTheProgramIsNamed) {
  const Strings places = {"/usr/sbin/accton", "/sbin/accton", "/usr/bin/accton"};
  for (const std::string& place : places) Make(place);
  for (const std::string& place : places) {
    EXPECT_EQ(Find().accton, place);
    Remove(place);
  }
}

TEST_F(FindTurningOnTest, AUnitIsOfUseOnlyWhereSystemdRuns) {
  Make("/usr/lib/systemd/system/psacct.service");
  EXPECT_EQ(Find().unit, "");
  std::filesystem::create_directories(dir_.path() + "/run/systemd/system");
  EXPECT_EQ(Find().unit, "psacct");
  // If there are both, acct's.
  Make("/usr/lib/systemd/system/acct.service");
  EXPECT_EQ(Find().unit, "acct");
}

TEST_F(FindTurningOnTest, AUnitMayBeInAnyOfItsFolders) {
  std::filesystem::create_directories(dir_.path() + "/run/systemd/system");
  for (const char* const folder : {"/lib/systemd/system/", "/usr/lib/systemd/system/",
                                   "/etc/systemd/system/", "/run/systemd/generator.late/"}) {
    const std::string path = std::string(folder) + "acct.service";
    Make(path);
    EXPECT_EQ(Find().unit, "acct") << folder;
    Remove(path);
    EXPECT_EQ(Find().unit, "") << folder;
  }
}

TEST_F(FindTurningOnTest, TheProgramOfTheDistributionInstalls) {
  const struct {
    const char* program;
    const char* installs;
  } kPrograms[] = {{"/usr/bin/apt-get", "apt-get install acct"},
                   {"/usr/bin/dnf", "dnf install psacct"},
                   {"/usr/bin/pacman", "pacman -S acct"},
                   {"/usr/bin/zypper", "zypper install acct"}};
  for (const auto& c : kPrograms) Make(c.program);
  for (const auto& c : kPrograms) {
    EXPECT_EQ(Find().installs, c.installs);
    Remove(c.program);
  }
}

TEST_F(FindTurningOnTest, TheGroupOfLogsHasToBeThereUnderItsWholeName) {
  Make("/etc/group", "admin:x:4:\nlp:x:7:adm\nxadm:x:9:\n#adm\nadm\n");
  EXPECT_EQ(Find().group, "");
  Make("/etc/group", "root:x:0:\nadm:x:4:syslog\n");
  EXPECT_EQ(Find().group, "adm");
  Make("/etc/group", "adm:x:4:");
  EXPECT_EQ(Find().group, "adm");
}

TEST_F(FindTurningOnTest, OnlyADirectoryIsTheFolderOfTheFile) {
  const auto has_folder = [&](const std::string& file) {
    return FindTurningOn(file, dir_.path()).has_folder;
  };
  EXPECT_TRUE(has_folder(dir_.Path("pacct")));
  EXPECT_FALSE(has_folder(dir_.Path("gone/pacct")));
  Make("/plain");
  EXPECT_FALSE(has_folder(dir_.Path("plain/pacct")));
  // The current folder is there.
  EXPECT_TRUE(has_folder("pacct"));
}

Finding Mended(const TurningOn& how, bool is_there, const std::string& file = kFile) {
  Finding finding;
  AddMendsThatTurnOn(file, how, is_there, finding);
  return finding;
}

TEST(TurningOnTest, AFileThatIsThereIsOnlyTurnedOn) {
  const TurningOn how = {
      .accton = "/usr/sbin/accton", .installs = "x", .group = "adm", .has_folder = false};
  const Finding finding = Mended(how, true);
  EXPECT_EQ(finding.mends, Strings{"/usr/sbin/accton /var/log/account/pacct"});
  EXPECT_TRUE(finding.advice.empty());
}

TEST(TurningOnTest, AFileThatIsNotThereIsMadeFirst) {
  EXPECT_EQ(Mended({.accton = "/sbin/accton"}, false).mends,
            Strings{"touch /var/log/account/pacct && chmod 0640 /var/log/account/pacct && "
                    "/sbin/accton /var/log/account/pacct"});
  EXPECT_EQ(Mended({.accton = "/sbin/accton", .group = "adm", .has_folder = false}, false).mends,
            Strings{"install -d -m 0755 /var/log/account && touch /var/log/account/pacct && "
                    "chgrp adm /var/log/account/pacct && chmod 0640 /var/log/account/pacct && "
                    "/sbin/accton /var/log/account/pacct"});
}

TEST(TurningOnTest, AUnitKeepsItOn) {
  // Typed in any directory, and not for a copy.
  EXPECT_EQ(
      Mended({.accton = "/sbin/accton", .unit = "acct", .may_be_copy = true}, true, "hist").mends,
      Strings{absl::StrCat("/sbin/accton ", std::filesystem::current_path().string(),
                           "/hist  # unless it is a copy, or another machine's")});
  EXPECT_EQ(Mended({.accton = "/sbin/accton", .unit = "psacct"}, true).mends,
            (Strings{"/sbin/accton /var/log/account/pacct",
                     "systemctl enable --now psacct  # at each boot as well"}));
}

TEST(TurningOnTest, WithoutTheProgramItIsInstalledFirst) {
  const Finding finding = Mended({.installs = "apt-get install acct"}, true);
  EXPECT_EQ(finding.mends,
            (Strings{"apt-get install acct", "/usr/sbin/accton /var/log/account/pacct"}));
  EXPECT_TRUE(finding.advice.empty());
}

TEST(TurningOnTest, WhereNothingIsKnownToInstallItThatIsAdvised) {
  const Finding finding = Mended({}, true);
  EXPECT_EQ(finding.mends, Strings{"/usr/sbin/accton /var/log/account/pacct"});
  EXPECT_EQ(finding.advice, Strings{"install GNU acct (accton) first"});
}

TEST(TurningOnTest, NamesAreQuotedForTheShell) {
  EXPECT_EQ(Mended({.accton = "accton", .has_folder = false}, false, "/my logs/p$x").mends,
            Strings{"install -d -m 0755 '/my logs' && touch '/my logs/p$x' && "
                    "chmod 0640 '/my logs/p$x' && accton '/my logs/p$x'"});
}

}  // namespace
}  // namespace cpuagg::tools::check
