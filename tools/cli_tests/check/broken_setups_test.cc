// `cpuagg check` with broken set-ups. Each is really made, check shows the expected line and fix,
// and the fix, run by a shell, makes the line disappear or turn green. Everything runs in a
// namespace of mounts and processes of its own, so nothing outside is changed. Needs root;
// otherwise prints that and skips.

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/testing/accounting.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using nlohmann::json;
using testing::AccountingNamespace;
using testing::Finished;
using testing::RunProgram;

using Strings = std::vector<std::string>;

constexpr char kToken[] = "123456789:AAE-this-is-the-secret-of-the-bot";
// A user id without an account.
constexpr uid_t kUser = 54321;
constexpr absl::string_view kHere = "/mnt/";

// A machine in order: a folder with a mounted file system of the test's own, with a configuration,
// a history of accounting, and a store into which it has been collected.
class Machine {
 public:
  // Makes it. Returns why that is impossible; empty on success.
  std::string Make() {
    if (geteuid() != 0) return "needs root";
    space_ = std::make_unique<AccountingNamespace>();
    std::error_code error;
    const std::string program = std::filesystem::absolute("tools/cpuagg").string();
    const std::string lab = std::filesystem::absolute("testdata/lab").string();
    if (mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") != 0) {
      return absl::StrCat("cannot mount: ", strerror(errno));
    }
    mounted_ = true;
    Sh("mkdir /mnt/bin /mnt/empty && cp " + program + " /mnt/bin/cpuagg && cp " + lab +
       "/passwd /mnt/passwd && cp " + lab + "/pacct /mnt/pacct && cp " + lab +
       "/pacct.0 /mnt/pacct.0");
    // Hides what runs on the real machine.
    for (const char* directory :
         {"/etc/cron.d", "/run", "/var/account", "/var/log/account", "/var/spool/cron"}) {
      if (std::filesystem::is_directory(directory, error)) {
        mount("tmpfs", directory, "tmpfs", 0, "mode=0755");
      }
    }
    Configure("");
    Sh("cpuagg collect --quiet --no-running --config /mnt/env --store /mnt/store "
       "--accounting-file /mnt/pacct --passwd /mnt/passwd");
    return "";
  }
  ~Machine() {
    if (mounted_) umount2("/mnt", MNT_DETACH);
  }

  // Writes the configuration, with these additional lines.
  void Configure(const std::string& more) const {
    // Nobody listens at this address, and no request is made.
    Write("env", absl::StrCat("BOT_TOKEN=", kToken,
                              "\nCHAT_ID=42\nTELEGRAM_API_URL=http://127.0.0.1:9\n", more));
  }
  void Write(const std::string& name, const std::string& text) const {
    const std::string path = absl::StrCat(kHere, name);
    FILE* const file = fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr) << path;
    fwrite(text.data(), 1, text.size(), file);
    fclose(file);
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }
  std::string TurnAccountingOn(const std::string& path) const {
    return space_->TurnAccountingOn(path);
  }

  Finished Sh(const std::string& script) const {
    return RunProgram(
        {.argv = {"/bin/sh", "-c", "PATH=/mnt/bin:/usr/sbin:/usr/bin:/sbin:/bin; " + script},
         .environment = {"TZ=UTC"}});
  }

  // The finding `id` of `check` if it is above a note; an empty object otherwise.
  json Find(const std::string& id) const {
    Strings argv = {"/mnt/bin/cpuagg", "check",    "--json",     "--config",
                    "/mnt/env",        "--store",  "/mnt/store", "--accounting-file",
                    accounting_file,   "--passwd", "/mnt/passwd"};
    const Finished run =
        RunProgram({.argv = std::move(argv), .environment = {"TZ=UTC"}, .user = user});
    EXPECT_EQ(run.err, "");
    EXPECT_FALSE(absl::StrContains(run.out, "this-is-the-secret")) << run.out;
    const json found = json::parse(run.out, nullptr, false);
    EXPECT_TRUE(found.is_object()) << run.out << run.err;
    if (!found.is_object()) return json::object();
    EXPECT_EQ(found["exit_status"], run.exit_code);
    for (const json& finding : found["findings"]) {
      const std::string level = finding["level"];
      if (finding["id"] == id && level != "ok" && level != "note") return finding;
    }
    return json::object();
  }

  std::optional<uid_t> user;  // who runs check
  std::string accounting_file = "/mnt/pacct";

 private:
  std::unique_ptr<AccountingNamespace> space_;
  bool mounted_ = false;
};

struct BrokenSetup {
  const char* name;
  std::function<void(Machine&)> break_it;
  const char* id;
  const char* level;
  const char* text;               // part of the line
  const char* mend;               // part of the first fix
  const char* by_hand = nullptr;  // a command that follows the advice, if no command fixes the
                                  // problem
};

void PrintTo(const BrokenSetup& setup, std::ostream* os) { *os << setup.name; }

// A shell script that breaks something.
std::function<void(Machine&)> Script(const std::string& script) {
  return [script](Machine& machine) {
    const Finished run = machine.Sh(script);
    EXPECT_EQ(run.exit_code, 0) << script << "\n" << run.err;
  };
}
std::function<void(Machine&)> Setting(const std::string& line) {
  return [line](Machine& machine) { machine.Configure(line + "\n"); };
}

const BrokenSetup kSetups[] = {
    {"accounting is off", Script(": >/mnt/pacct"), "accounting_on", "critical",
     "off: /mnt/pacct has no record", "accton /mnt/pacct"},
    {"the accounting file is missing", Script("rm /mnt/pacct"), "accounting_on", "critical",
     "/mnt/pacct: cannot open: No such file", "touch /mnt/pacct && chgrp adm /mnt/pacct"},
    {"a named pipe stands in place of the accounting file",
     Script("rm /mnt/pacct; mkfifo /mnt/pacct"), "accounting_on", "critical",
     "/mnt/pacct: is not a regular file", "mv /mnt/pacct /mnt/pacct.other"},
    {"the accounting file belongs to another program",
     Script("yes no records | head -c 6400 >/mnt/pacct"), "accounting_on", "critical",
     "holds no accounting records", "mv /mnt/pacct /mnt/pacct.other"},
    {"a folder has the name of a generation", Script("mkdir /mnt/pacct.1"),
     "accounting_passed_over", "warning", "/mnt/pacct.1: is a directory", "mv /mnt/pacct.1 "},
    {"the collector may not read the accounting file",
     Script("chown -R 54321:54321 /mnt/store; chmod 0600 /mnt/pacct"), "accounting_readable",
     "critical", "/mnt/pacct: cannot be used by 54321: Permission denied",
     "chgrp 54321 /mnt/pacct && chmod g+r /mnt/pacct"},
    {"the group of the accounting file has no name",
     Script("chown -R 54321:54321 /mnt/store; chgrp 60606 /mnt/pacct; chmod 0640 /mnt/pacct"),
     "accounting_readable", "critical", "/mnt/pacct: cannot be used by 54321",
     "chgrp 54321 /mnt/pacct && chmod g+r /mnt/pacct"},
    {"who collects has no name and can be no member of a group",
     Script("chown -R 54321:54321 /mnt/store; chgrp adm /mnt/pacct; chmod 0640 /mnt/pacct"),
     "accounting_readable", "critical", "/mnt/pacct: cannot be used by 54321",
     "chgrp 54321 /mnt/pacct && chmod g+r /mnt/pacct"},
    {"the collector may not enter the folder of the accounting file",
     Script("chown -R 54321:54321 /mnt/store; chmod 0750 /mnt"), "accounting_readable", "critical",
     "/mnt/pacct: cannot be used by 54321", "chgrp 54321 /mnt && chmod g+x /mnt"},
    {"there is no store", Script("rm -r /mnt/store"), "store", "warning",
     "/mnt/store: does not exist", "cpuagg collect --config /mnt/env --store /mnt/store"},
    {"a file stands in place of the store", Script("rm -r /mnt/store; echo x >/mnt/store"), "store",
     "critical", "/mnt/store: is not a directory", "mv /mnt/store /mnt/store.other"},
    {"everybody may write to the store", Script("chmod 0777 /mnt/store"), "store", "critical",
     "others may write to it", "chmod go-w /mnt/store"},
    {"root has left files in the service's store",
     Script("chown 54321:54321 /mnt/store /mnt/store/snapshots"), "store_owner", "critical",
     "in it do not", "chown -R 54321:54321 /mnt/store"},
    {"the service may not write to its store",
     Script("chown -R 54321:54321 /mnt/store; chmod 0500 /mnt/store/snapshots"), "store_writable",
     "critical", "/mnt/store/snapshots: cannot be used by 54321",
     "chown -R 54321:54321 /mnt/store && chmod -R u+rwX /mnt/store"},
    {"a snapshot is damaged",
     Script("f=$(ls /mnt/store/snapshots/*.pb | head -1); printf xxxx | dd of=$f bs=1 seek=40 "
            "conv=notrunc 2>/dev/null"),
     "store_damage", "warning", "damaged snapshot", "cpuagg collect --config /mnt/env"},
    {"nothing has been collected", Script("rm /mnt/store/snapshots/*"), "store_collect", "warning",
     "nothing has been collected yet", "cpuagg collect --config /mnt/env"},
    {"nobody has collected for days",
     [](Machine& machine) {
       const std::string shift = std::filesystem::absolute("tools/testing/libshifted_clock.so");
       Script("rm -r /mnt/store; LD_PRELOAD=" + shift +
              " CLOCK_SHIFT=-259200000000000 cpuagg collect --no-running --quiet --config /mnt/env "
              "--store /mnt/store --accounting-file /mnt/pacct --passwd /mnt/passwd; "
              "touch -d '3 days ago' /mnt/store/lock")(machine);
     },
     "store_collect", "critical", "3 days ago", "cpuagg collect --config /mnt/env"},
    {"everybody may write to the configuration", Script("chmod 0666 /mnt/env"), "configuration",
     "critical", "can be written by others", "chmod go-w /mnt/env"},
    {"the configuration is a stranger's", Script("chown 54321 /mnt/env"), "configuration",
     "critical", "belongs to user 54321", "chown root /mnt/env"},
    {"a key is misspelt", Setting("SEND_ASS=text"), "configuration_warning", "warning",
     "unknown key SEND_ASS", "write SEND_AS in place of SEND_ASS in /mnt/env",
     "sed -i s/SEND_ASS/SEND_AS/ /mnt/env"},
    {"a key is like none", Setting("REPORT_TIME=07:00"), "configuration_warning", "warning",
     "unknown key REPORT_TIME", "remove the line of REPORT_TIME in /mnt/env",
     "sed -i /REPORT_TIME/d /mnt/env"},
    {"a write was left unfinished", Script("cp /mnt/env /mnt/.unfinished-Xa12"),
     "configuration_leftover", "warning", "/mnt/.unfinished-Xa12: was left unfinished",
     "rm /mnt/.unfinished-Xa12"},
    {"a choice is unknown", Setting("SEND_AS=x"), "settings", "critical",
     "SEND_AS in /mnt/env: 'x'", "(CPUAGG_)?SEND_AS[[:space:]]*=/d' /mnt/env"},
    {"a period is called by another name", Setting("REPORT_PERIOD=daily"), "settings", "critical",
     "REPORT_PERIOD in /mnt/env: 'daily'",
     "write REPORT_PERIOD=yesterday in /mnt/env, if that is meant",
     "sed -i s/daily/yesterday/ /mnt/env"},
    {"a yes is short", Setting("SILENT=y"), "settings", "critical", "SILENT in /mnt/env: 'y'",
     "write SILENT=yes in /mnt/env, if that is meant", "sed -i s/=y$/=yes/ /mnt/env"},
    {"a choice is nearly one", Setting("SEND_AS=Documents"), "settings", "critical",
     "SEND_AS in /mnt/env: 'Documents'", "write SEND_AS=document in /mnt/env, if that is meant",
     "sed -i s/Documents/document/ /mnt/env"},
    {"the token would go over the network in the clear",
     Setting("TELEGRAM_API_URL=http://192.0.2.1"), "settings", "critical", "TELEGRAM_API_URL",
     "correct TELEGRAM_API_URL in /mnt/env",
     "sed -i s,http://192.0.2.1,http://127.0.0.1:9, /mnt/env"},
    {"a chat has no id", Setting("CHAT_ID=the-lab"), "settings", "critical", "CHAT_ID in /mnt/env",
     "correct CHAT_ID in /mnt/env", "sed -i s/the-lab/@the_lab/ /mnt/env"},
    {"chats have no comma between them", Setting("CHAT_ID=42 43"), "settings", "critical",
     "CHAT_ID in /mnt/env: '42 43' is not a chat",
     "write CHAT_ID=42,43 in /mnt/env, if that is meant", "sed -i 's/42 43/42,43/' /mnt/env"},
    {"a length of time is wrong", Setting("KEEP=soon"), "settings", "critical", "KEEP in /mnt/env",
     "KEEP[[:space:]]*=/d' /mnt/env"},
    {"a length of time has no unit", Setting("EXPIRE_AFTER=3"), "settings", "critical",
     "EXPIRE_AFTER in /mnt/env: '3' is not a length of time",
     "write EXPIRE_AFTER=3d in /mnt/env, if that is meant", "sed -i 's/=3$/=3d/' /mnt/env"},
    {"a length of time has another unit", Setting("KEEP=6months"), "settings", "critical",
     "KEEP in /mnt/env: '6months'", "correct KEEP in /mnt/env", "sed -i s/6months/180d/ /mnt/env"},
    {"a wrong value follows a tab and export", Setting("\texport\tKEEP = soon"), "settings",
     "critical", "KEEP in /mnt/env", "KEEP[[:space:]]*=/d' /mnt/env"},
    {"a wrong value follows a byte order mark",
     Script(
         "cp /mnt/env /mnt/rest; printf '\\357\\273\\277KEEP=soon\\n' | cat - /mnt/rest >/mnt/env"),
     "settings", "critical", "KEEP in /mnt/env", "KEEP[[:space:]]*=/d' /mnt/env"},
    {"the configuration with a wrong value is a link",
     Script("mv /mnt/env /mnt/real; ln -s real /mnt/env; echo KEEP=soon >>/mnt/real"), "settings",
     "critical", "KEEP in /mnt/env", "KEEP[[:space:]]*=/d' /mnt/env"},
    {"everybody may read the token", Script("chmod 0644 /mnt/env"), "token", "critical",
     "is open to everybody", "chmod o= /mnt/env"},
    {"a queued report is damaged",
     Script("mkdir -p -m 0750 /mnt/store/outbox && echo x >/mnt/store/outbox/lab-1.pb"),
     "outbox_damage", "warning", "/mnt/store/outbox/lab-1.pb",
     "cpuagg send --pending --config /mnt/env --store /mnt/store"},
    // An outbox.proto Memory with a Refusal by 42. What mends it is a server that takes a report.
    {"a chat has refused a report",
     Script(
         "mkdir -p -m 0750 /mnt/store/outbox && printf "
         "'\\010\\003:\\026\\012\\00242\\021\\000\\200\\323[\\375\\036\\351\\030\\032\\007blocked"
         "\\175\\314\\062\\275\\257' >/mnt/store/outbox/memory"),
     "outbox_refused", "warning", "has refused a report", "cpuagg send --test says",
     "rm /mnt/store/outbox/memory"},
    // The fake cron ends by itself.
    {"nothing collects by itself",
     Script("cp /bin/sleep /mnt/cron; setsid /mnt/cron 20 </dev/null >/dev/null 2>&1 &"),
     "schedule_collect", "warning", "nothing does it",
     "cpuagg collect --quiet --config /mnt/env --store /mnt/store"},
    {"processes of others are hidden",
     [](Machine& machine) {
       Script(
           "chown -R 54321:54321 /mnt/store; chown 54321 /mnt/env; mount -o remount,hidepid=2 "
           "/proc")(machine);
       machine.user = kUser;
     },
     "processes", "warning", "hid", "mount -o remount,hidepid=0 /proc"},
};

class BrokenSetupsTest : public ::testing::TestWithParam<BrokenSetup> {};

TEST_P(BrokenSetupsTest, HasItsLineAndAMendThatWorks) {
  const BrokenSetup& setup = GetParam();
  Machine machine;
  if (const std::string problem = machine.Make(); !problem.empty()) GTEST_SKIP() << problem;
  // Accounting ends with the namespace.
  if (const std::string id = setup.id; id == "accounting_on") {
    const std::string problem = machine.TurnAccountingOn("/mnt/pacct");
    if (!problem.empty()) GTEST_SKIP() << problem;
    EXPECT_EQ(machine.Find(id), json::object()) << "before it was broken";
    machine.Sh("accton off");
  } else if (id != "schedule_collect") {
    EXPECT_EQ(machine.Find(id), json::object()) << "before it was broken";
  }
  setup.break_it(machine);
  json finding = machine.Find(setup.id);
  ASSERT_TRUE(finding.contains("level")) << "there is no line about it";
  EXPECT_EQ(finding["level"], setup.level);
  EXPECT_TRUE(absl::StrContains(finding["text"].get<std::string>(), setup.text)) << finding;
  ASSERT_FALSE(finding["mends"].empty()) << finding;
  EXPECT_TRUE(absl::StrContains(finding["mends"][0].get<std::string>(), setup.mend)) << finding;
  EXPECT_EQ(finding["commands"].empty(), setup.by_hand != nullptr) << finding;
  const bool was_link = std::filesystem::is_symlink("/mnt/env");

  // A problem that a fix uncovers has a fix of its own.
  std::string said;
  for (int round = 0; round < 4 && finding.contains("level"); ++round) {
    if (setup.by_hand != nullptr) machine.Sh(setup.by_hand);
    for (const json& mend : finding["commands"]) {
      // It asks questions, and has its own test.
      if (absl::StrContains(mend.get<std::string>(), "cpuagg setup")) continue;
      const Finished run = machine.Sh(mend.get<std::string>());
      absl::StrAppend(&said, mend.get<std::string>(), "\n", run.out, run.err);
    }
    finding = machine.Find(setup.id);
  }
  EXPECT_EQ(finding, json::object()) << said;
  EXPECT_EQ(std::filesystem::is_symlink("/mnt/env"), was_link);
}

// If an admin made it by hand, only root could read it, and the service could not.
TEST(MissingAccountingFileTest, IsMadeWithItsFolderAsThePackagesMakeIt) {
  Machine machine;
  if (const std::string problem = machine.Make(); !problem.empty()) GTEST_SKIP() << problem;
  if (const std::string problem = machine.TurnAccountingOn("/mnt/pacct"); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  machine.Sh("accton off");
  machine.accounting_file = "/mnt/log/account/pacct";
  const json finding = machine.Find("accounting_on");
  ASSERT_FALSE(finding["commands"].empty()) << finding;
  const Finished run = machine.Sh("umask 077; " + finding["commands"][0].get<std::string>());
  EXPECT_EQ(machine.Find("accounting_on"), json::object()) << run.err;
  EXPECT_EQ(machine.Sh("stat -c '%U:%G %a' /mnt/log/account/pacct").out, "root:adm 640\n");
  EXPECT_EQ(machine.Sh("stat -c %a /mnt/log /mnt/log/account").out, "755\n755\n");
  machine.Sh("accton off");
}

INSTANTIATE_TEST_SUITE_P(Table, BrokenSetupsTest, ::testing::ValuesIn(kSetups),
                         [](const auto& each) {
                           std::string name = each.param.name;
                           for (char& c : name) {
                             if (!isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace cpuagg::tools
