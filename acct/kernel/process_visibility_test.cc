#include "acct/kernel/process_visibility.h"

#include <sys/sysmacros.h>

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "acct/record/units.h"
#include "gtest/gtest.h"

namespace cpuagg::acct {
namespace {

TEST(ProcessVisibilityTest, TellsWhetherProcessesAreHidden) {
  const struct {
    const char* name;
    Visibility visibility;
    const char* reason;  // the expected text; empty if nothing is hidden
  } cases[] = {
      {"root on an ordinary system",
       {.first_user = Uid(0), .reader = Uid(0), .may_trace = true, .mount_options = "rw"},
       ""},
      {"a user on an ordinary system",
       {.first_user = Uid(0), .reader = Uid(1000), .mount_options = "rw"},
       ""},
      {"a user from whom processes are hidden", {.reader = Uid(1000)}, "does not show process 1"},
      {"even with its capabilities, which are of another user namespace",
       {.reader = Uid(0), .may_trace = true, .mount_options = "rw"},
       "does not show process 1"},
      {"a user of the group that may see all",
       {.first_user = Uid(0), .reader = Uid(1000), .mount_options = "rw,gid=4,hidepid=invisible"},
       ""},
      {"a user who may not read them",
       {.refused = "/proc/1/stat", .first_user = Uid(0), .reader = Uid(1000)},
       "/proc/1/stat: may not be read"},
      {"a container of the user's own",
       {.first_user = Uid(1000), .reader = Uid(1000), .mount_options = "rw"},
       ""},
      {"one that hides others' processes",
       {.first_user = Uid(1000), .reader = Uid(1000), .mount_options = "rw,hidepid=invisible"},
       "hidepid=invisible"},
      {"with numbers, as before Linux 5.8",
       {.first_user = Uid(1000), .reader = Uid(1000), .mount_options = "rw,hidepid=2,gid=4"},
       "hidepid=2,"},
      {"or without access",
       {.first_user = Uid(0), .reader = Uid(0), .mount_options = "rw,hidepid=noaccess"},
       "hidepid=noaccess"},
      {"or by a number of a later kernel",
       {.first_user = Uid(0), .reader = Uid(0), .mount_options = "hidepid=4"},
       "hidepid=4"},
      {"an option that hides nothing",
       {.first_user = Uid(0), .reader = Uid(0), .mount_options = "rw,hidepid=0"},
       ""},
      {"the same in words",
       {.first_user = Uid(0), .reader = Uid(0), .mount_options = "rw,hidepid=off,subset=pid"},
       ""},
      {"root without its capabilities, to whom kernel threads are shown all the same",
       {.first_user = Uid(0), .reader = Uid(0), .mount_options = "rw,hidepid=ptraceable"},
       "hidepid=ptraceable"},
      {"root with them",
       {.first_user = Uid(0),
        .reader = Uid(0),
        .may_trace = true,
        .mount_options = "rw,hidepid=ptraceable"},
       ""},
      {"a mount that nothing is known of",
       {.first_user = Uid(0), .reader = Uid(0)},
       "cannot find out how it is mounted"},
      {"to whom that is nothing", {.first_user = Uid(0), .reader = Uid(0), .may_trace = true}, ""},
  };
  for (const auto& c : cases) {
    const std::string reason = WhatIsHidden("/proc", c.visibility);
    EXPECT_EQ(reason.empty(), *c.reason == '\0') << c.name << ": " << reason;
    EXPECT_TRUE(absl::StrContains(reason, c.reason)) << c.name << ": " << reason;
  }
}

TEST(ProcessVisibilityTest, AMountIsKnownByItsDevice) {
  constexpr absl::string_view kMounts =
      "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
      "27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard\n"
      "223 22 0:58 / /proc rw,nosuid - proc a\\040-\\040b rw,hidepid=invisible\n"
      "224 27 0:59 / /host/proc ro - proc proc rw,gid=4,hidepid=2\n"
      "5 27 0:60 / /cut off\n"
      "6 27 0:61 / /odd - proc rw";
  EXPECT_EQ(SuperOptionsOf(kMounts, makedev(0, 21)), "rw");
  EXPECT_EQ(SuperOptionsOf(kMounts, makedev(254, 0)), "rw,discard");
  EXPECT_EQ(SuperOptionsOf(kMounts, makedev(0, 58)), "rw,hidepid=invisible");
  EXPECT_EQ(SuperOptionsOf(kMounts, makedev(0, 59)), "rw,gid=4,hidepid=2");
  for (const unsigned unknown : {2, 5, 60, 61}) {
    EXPECT_EQ(SuperOptionsOf(kMounts, makedev(0, unknown)), std::nullopt) << unknown;
  }
  EXPECT_EQ(SuperOptionsOf("", makedev(0, 21)), std::nullopt);
}

}  // namespace
}  // namespace cpuagg::acct
