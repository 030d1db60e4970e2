#include "tools/testing/own_machine.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::testing {
namespace {

constexpr char kCalls[] = "/run/calls_of_the_test";

// Each active unit has a file with its name.
constexpr char kSystemctl[] = R"(
on=/run/on_in_the_test
mkdir -p $on
command=$1
shift
# As in a chroot where systemd does not run.
[ -d /run/systemd/system ] || [ $command != is-active ] || exit 0
case "$*" in *NextElapseUSecRealtime*) echo 'Fri 2026-11-27 08:30:00 UTC'; exit 0 ;; esac
for word; do
  case $word in --*) continue ;; esac
  if [ $command = show ] && [ -e /etc/systemd/system/$word ]; then
    echo "Id=$word"
    echo LoadState=loaded
    if [ -e $on/$word ]; then echo ActiveState=active; else echo ActiveState=inactive; fi
    if [ -e $on/$word ]; then echo UnitFileState=enabled; else echo UnitFileState=disabled; fi
    echo Result=success
    echo
  fi
  case $command in
    is-enabled | is-active) [ -e $on/$word ] || exit 1 ;;
    enable)
      if [ -L /etc/systemd/system/$word ]; then
        echo "Failed to enable unit: Unit $word is masked." >&2
        exit 1
      fi
      touch $on/$word
      ;;
    disable) rm -f $on/$word ;;
    start) if [ $word = cpuagg-collect.service ]; then
      setpriv --reuid=cpuagg --regid=cpuagg --init-groups /usr/bin/cpuagg collect --quiet || exit 1
    fi ;;
  esac
done
case "$*" in *--now*)
  if [ ! -d /run/systemd/system ]; then
    echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2
    echo "Failed to connect to bus: Host is down" >&2
    exit 1
  fi
  ;;
esac
exit 0
)";

}  // namespace

OwnMachine::OwnMachine(const std::string& layers) : problem_(Make(layers)) {}

OwnMachine::~OwnMachine() {
  for (auto path = mounted_.rbegin(); path != mounted_.rend(); ++path) {
    umount2(path->c_str(), MNT_DETACH);
  }
}

std::string OwnMachine::Make(const std::string& layers) {
  if (geteuid() != 0) return "a machine of its own needs root";
  const auto problem = [](const std::string& what) {
    return absl::StrCat("cannot mount ", what, ": ", strerror(errno));
  };
  if (mount("tmpfs", layers.c_str(), "tmpfs", 0, "mode=0755") != 0) return problem(layers);
  mounted_.push_back(layers);
  for (const char* folder : {"etc", "usr", "var", "run"}) {
    const std::string upper = absl::StrCat(layers, "/", folder);
    const std::string work = absl::StrCat(layers, "/work_", folder);
    const std::string path = absl::StrCat("/", folder);
    mkdir(upper.c_str(), 0755);
    mkdir(work.c_str(), 0755);
    const std::string options =
        absl::StrCat("lowerdir=", path, ",upperdir=", upper, ",workdir=", work);
    if (mount("overlay", path.c_str(), "overlay", 0, options.c_str()) != 0) return problem(path);
    mounted_.push_back(path);
  }
  // Removes everything that the real machine has of cpuagg.
  for (const char* path : {"/etc/cpuagg", "/var/lib/cpuagg", "/etc/cron.d/cpuagg",
                           "/run/systemd/system", "/run/pacct_source"}) {
    std::filesystem::remove_all(path);
  }
  PretendProgram("/usr/bin/systemctl", kSystemctl);
  // Packages cannot be installed.
  PretendProgram("/usr/bin/apt-get", "echo 'E: no package here' >&2; exit 100\n");
  return "";
}

void OwnMachine::InstallProgram() const {
  std::filesystem::copy_file("tools/cpuagg", "/usr/bin/cpuagg",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(chmod("/usr/bin/cpuagg", 0755), 0);
}

void OwnMachine::InstallUnit(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories("/etc/systemd/system");
  std::ofstream("/etc/systemd/system/" + name) << text;
}

void OwnMachine::PretendSystemd() const {
  std::filesystem::create_directories("/run/systemd/system");
}

void OwnMachine::PretendProgram(const std::string& path, const std::string& script) const {
  std::filesystem::remove(path);
  std::ofstream(path) << "#!/bin/sh\necho \"${0##*/} $*\" >>" << kCalls << "\n" << script;
  EXPECT_EQ(chmod(path.c_str(), 0755), 0);
}

std::string OwnMachine::Calls() const {
  std::ostringstream text;
  text << std::ifstream(kCalls).rdbuf();
  std::filesystem::remove(kCalls);
  return text.str();
}

}  // namespace cpuagg::tools::testing
