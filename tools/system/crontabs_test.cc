#include "tools/system/crontabs.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace cpuagg::tools::check {
namespace {

std::string Jobs(const std::string& crontab) {
  const CronJobs jobs = JobsIn(crontab);
  return std::string(jobs.collect ? "collect " : "") + (jobs.report ? "report " : "") +
         (jobs.deliver ? "deliver " : "");
}

TEST(CrontabsTest, CronLinesAreThoseThatRunCpuagg) {
  const std::vector<CronLine> lines = CronLinesIn(
      "# 0 * * * * root cpuagg run\nMAILTO=root\n0 * * * * root /usr/bin/cpuagg --version\n"
      "  0 7 * * * root /usr/bin/cpuagg send --period last-day\n*/5 * * * * root cpuagg collect\n",
      "/etc/crontab");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "0 7 * * * root /usr/bin/cpuagg send --period last-day");
  EXPECT_EQ(lines[1].path, "/etc/crontab");
}

TEST(CrontabsTest, CronLinesAreUnderstood) {
  EXPECT_EQ(Jobs(""), "");
  EXPECT_EQ(Jobs("*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet\n"), "collect ");
  EXPECT_EQ(Jobs("0 7 * * * root cpuagg run --period last-day"), "collect report deliver ");
  EXPECT_EQ(Jobs("0 7 * * * cd /tmp && cpuagg send\n"), "report deliver ");
  EXPECT_EQ(Jobs("5 * * * * root cpuagg send --pending --quiet\n"), "deliver ");
  EXPECT_EQ(Jobs("# 0 7 * * * root cpuagg run\n  #cpuagg collect\n"), "");
  EXPECT_EQ(Jobs("0 7 * * * root notcpuagg run\n0 8 * * * root cpuagg\n"), "");
}

TEST(CrontabsTest, CronLinesAreReadAsAShellDoes) {
  for (const char* line :
       {R"(*/15 * * * * root "/usr/bin/cpuagg" collect -q)", "* * * * * root 'cpuagg' 'collect'",
        R"(* * * * * root /usr/"local"/bin/cpu\agg collect)",
        "* * * * * root flock -n /run/lock/cpuagg /usr/bin/cpuagg collect",
        R"(* * * * * root flock /l "/usr/bin/cpuagg" collect)",
        R"(* * * * * root flock /l -c "/usr/bin/cpuagg collect --quiet")",
        "* * * * * root nice -n 19 ionice -c 3 timeout 10m env TZ=UTC cpuagg collect",
        "* * * * * root su -s /bin/sh cpuagg -c 'cpuagg collect'",
        "* * * * * root runuser -u cpuagg -- /usr/bin/cpuagg collect --store /x",
        "* * * * * root bash -lc 'cd /; \"cpuagg\" collect'",
        "* * * * * root test -x /usr/bin/cpuagg && cpuagg collect>/dev/null 2>&1",
        "* * * * * root cpuagg collect # not: cpuagg send", "* * * * * root (cpuagg collect)",
        "* * * * * root cpuagg send --status; cpuagg collect"}) {
    EXPECT_EQ(Jobs(line), "collect ") << line;
  }
  EXPECT_EQ(Jobs("0 7 * * * root cpuagg collect && cpuagg send --dry-run\n"), "collect ");
}

TEST(CrontabsTest, ALineThatOnlyNamesCpuaggRunsNothing) {
  for (const char* line :
       {"0 3 * * * root tar -cf /srv/cpuagg.tar /var/lib/cpuagg && collect-garbage run",
        "0 3 * * * root cpuagg report --user send", "0 3 * * * root cpuagg send --status",
        "0 3 * * * root echo 'cpuagg collect'", "0 3 * * * root true # cpuagg collect",
        "0 3 * * * root chown cpuagg '/var/lib/cpuagg collect'",
        // Wrong usage: nothing is collected.
        "0 3 * * * root cpuagg --store /x collect", "0 3 * * * root cpuagg run --dry-run",
        "#0 3 * * * root cpuagg run"}) {
    EXPECT_TRUE(CronLinesIn(line, "/etc/crontab").empty()) << line;
  }
}

TEST(CrontabsTest, WhomCronRunsALineAsDependsOnItsFile) {
  const struct {
    const char* path;
    const char* line;
    const char* user;
  } cases[] = {
      {"/etc/cron.d/cpuagg", "*/15 * * * *  root  cpuagg collect", "root"},
      {"/etc/cron.d/cpuagg", "@daily\tanna\tcpuagg collect", "anna"},
      {"/etc/crontab", "0 7 * * * cpuagg cpuagg run", "cpuagg"},
      {"/etc/cron.hourly/cpuagg", "exec cpuagg collect", "root"},
      {"/etc/cron.daily/cpuagg", "cpuagg run", "root"},
      {"/var/spool/cron/crontabs/anna", "*/5 * * * * cpuagg collect", "anna"},
      {"/var/spool/cron/bert", "*/5 * * * * cpuagg collect", "bert"},
      {"/etc/cron.daily/cpuagg", "/sbin/runuser -u cpuagg -- cpuagg collect", ""},
      {"/etc/cron.d/cpuagg", "* * * * * root sudo -u cpuagg cpuagg collect", ""},
  };
  for (const auto& c : cases) {
    const std::vector<CronLine> lines = CronLinesIn(c.line, c.path);
    ASSERT_EQ(lines.size(), 1u) << c.line;
    EXPECT_EQ(lines[0].user, c.user) << c.path << ": " << c.line;
  }
}

}  // namespace
}  // namespace cpuagg::tools::check
