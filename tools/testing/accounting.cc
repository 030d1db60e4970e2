#include "tools/testing/accounting.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace cpuagg::tools::testing {
namespace {

// The first process of the namespace: mounts its /proc, reports that, and waits to be killed.
[[noreturn]] void RunInit(int said) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Orphans become its children and are reaped automatically.
  signal(SIGCHLD, SIG_IGN);
  const int error = mount("proc", "/proc", "proc", 0, nullptr) == 0 ? 0 : errno;
  if (write(said, &error, sizeof error) != sizeof error) _exit(1);
  close(said);
  for (;;) pause();
}

}  // namespace

void AddTotalsOfSa(const std::string& path, Totals& totals) {
  const Finished run = RunProgram({.argv = {"/usr/sbin/sa", "-u", path}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name;
    double seconds;
    if (!(fields >> name >> seconds)) continue;
    ++totals[name].first;
    totals[name].second += static_cast<uint64_t>(std::llround(seconds * 100));
  }
}

Totals TotalsOfReport(const nlohmann::json& report) {
  Totals totals;
  for (const nlohmann::json& row : report["rows"]) {
    // With sa's names: eight bytes of the name, or of the id as a signed number.
    const std::string full = row["user"].is_null()
                                 ? std::to_string(static_cast<int32_t>(row["uid"].get<uint32_t>()))
                                 : row["user"].get<std::string>();
    const std::string name = full.substr(0, 8);
    totals[name].first += row["processes"].get<uint64_t>();
    totals[name].second +=
        static_cast<uint64_t>(std::llround(row["cpu_seconds"].get<double>() * 100));
  }
  return totals;
}

nlohmann::json ReportOfStore(const std::string& store) {
  const Finished run =
      RunProgram({.argv = {"tools/cpuagg", "report", "--format=json", "--store", store}});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return nlohmann::json::parse(run.out);
}

nlohmann::json RowOf(uid_t user, const nlohmann::json& report) {
  for (const nlohmann::json& row : report["rows"]) {
    if (row["uid"] == user) return row;
  }
  return nullptr;
}

Finished Accton(const std::string& what) {
  return RunProgram({.argv = {"/usr/sbin/accton", what}});
}

std::string AccountingNamespace::Make() {
  const auto problem = [](const char* action, int error) {
    return absl::StrCat("cannot ", action, ": ", strerror(error));
  };
  outside_ = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (outside_ < 0) return problem("open the namespace there is", errno);
  // Otherwise /proc would be mounted over the machine's.
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return problem("make mounts private", errno);
  }
  if (unshare(CLONE_NEWPID) != 0) return problem("make a namespace", errno);
  std::array<int, 2> pipe;
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return problem("make a pipe", errno);
  init_ = fork();
  if (init_ == 0) RunInit(pipe[1]);
  close(pipe[1]);
  int error = ECHILD;
  const ssize_t got = read(pipe[0], &error, sizeof error);
  close(pipe[0]);
  if (got != sizeof error || error != 0) return problem("mount /proc", error);
  inside_ = open("/proc/1/ns/pid", O_RDONLY | O_CLOEXEC);
  return inside_ < 0 ? problem("open the namespace", errno) : "";
}

AccountingNamespace::~AccountingNamespace() {
  if (init_ > 0) {
    StartOutside();
    kill(init_, SIGKILL);
    waitpid(init_, nullptr, 0);
  }
  // The /proc of the namespace, which no longer shows anything.
  if (inside_ >= 0) umount2("/proc", MNT_DETACH);
  for (const int fd : {outside_, inside_}) {
    if (fd >= 0) close(fd);
  }
}

std::string AccountingNamespace::TurnAccountingOn(const std::string& path) const {
  if (geteuid() != 0) return "acct(2) needs root";
  if (!problem_.empty()) {
    return absl::StrCat("there is no namespace to account for: ", problem_);
  }
  const Finished run = Accton(path);
  return run.exit_code == 0 ? "" : absl::StrCat("accton is refused here: ", run.err);
}

void AccountingNamespace::StartInside() const {
  EXPECT_EQ(setns(inside_, CLONE_NEWPID), 0) << strerror(errno);
}

void AccountingNamespace::StartOutside() const {
  EXPECT_EQ(setns(outside_, CLONE_NEWPID), 0) << strerror(errno);
}

}  // namespace cpuagg::tools::testing
