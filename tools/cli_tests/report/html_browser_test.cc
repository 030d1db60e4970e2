// The page of `cpuagg report --format html` in Chromium, if that is installed.

#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "acct/testing/record_builder.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/cli_tests/report/report_run.h"
#include "tools/testing/process.h"

namespace cpuagg::tools {
namespace {

using acct::testing::RecordBuilder;
using acct::testing::Repeat;
using nlohmann::json;
using testing::Finished;

// A browser gets this page, which has the report in a frame, and its policy with it. What the
// script finds out is the text of `found`.
constexpr char kHarness[] = R"(<!DOCTYPE html>
<meta charset="utf-8">
<iframe id="frame" width="WIDTH" height="900" srcdoc="PAGE"></iframe>
<pre id="found"></pre>
<script>
addEventListener("load", () => {
  const page = frame.contentDocument;
  const order = () => Array.from(page.querySelectorAll("tbody tr"), (row) => row.cells[0].innerText);
  const heads = () => Array.from(page.querySelectorAll("thead th"));
  const sorted = () => heads().filter((head) => head.hasAttribute("aria-sort"))
      .map((head) => head.innerText + " " + head.getAttribute("aria-sort"));
  const after = (heading) => {
    page.querySelectorAll("thead button").forEach((button) => {
      if (button.innerText === heading) button.click();
    });
    return { order: order(), sorted: sorted() };
  };
  const root = page.documentElement;
  const scroll = page.querySelector("section");
  document.getElementById("found").textContent = JSON.stringify({
    title: page.title,
    atFirst: { order: order(), sorted: sorted() },
    buttons: page.querySelectorAll("thead button").length,
    headings: heads().length,
    steps: ["USER", "USER", "PROCESSES", "CPU TIME", "CPU TIME"].map(after),
    sums: Array.from(page.querySelectorAll("tfoot tr"), (row) => row.cells[0].innerText),
    images: page.images.length,
    scripts: page.scripts.length,
    charts: page.querySelectorAll("figure svg path").length > 0,
    pageOverflows: root.scrollWidth > root.clientWidth,
    tableScrolls: scroll.scrollWidth > scroll.clientWidth,
    back: getComputedStyle(page.body).backgroundColor,
    numberSides: new Set(Array.from(page.querySelectorAll("tbody tr"),
        (row) => Math.round(row.cells[1].getBoundingClientRect().right))).size,
  });
});
</script>
)";

class HtmlBrowserTest : public ReportRunTest {
 protected:
  static constexpr char kBrowser[] = "/usr/bin/chromium";

  void SetUp() override {
    if (access(kBrowser, X_OK) != 0) {
      GTEST_SKIP() << "there is no chromium here; tools/setup.sh --browser installs it";
    }
  }

  // Of four users whose names and numbers have different orders.
  std::string Page() const {
    const auto records = [](uint32_t uid, uint16_t ticks, int count) {
      return Repeat(RecordBuilder().Uid(uid).UserTime(ticks).SystemTime(0).Bytes(), count);
    };
    const std::string passwd =
        dir_.Write("names", std::string("user9:x:1001:1::/:\n") + "user10:x:1002:1::/:\n" +
                                kHostile + ":x:1003:1::/:\nדניאל:x:1004:1::/:\n");
    const std::string pacct =
        dir_.Write("pacct", records(1001, 300, 9) + records(1002, 400, 10) +
                                records(1003, 200, 100) + records(1004, 100, 1));
    return OutputOf({"report", "--format=html", "--passwd", passwd, pacct});
  }

  json FoundIn(const std::string& page, int width, const std::string& scheme) const {
    const std::string harness = dir_.Write(
        "harness.html",
        absl::StrReplaceAll(
            kHarness, {{"WIDTH", absl::StrCat(width)},
                       {"PAGE", absl::StrReplaceAll(page, {{"&", "&amp;"}, {"\"", "&quot;"}})}}));
    const Finished run = testing::RunProgram(
        {.argv = {kBrowser, "--headless", "--no-sandbox", "--disable-gpu",
                  "--disable-dev-shm-usage", "--user-data-dir=" + dir_.Path("browser"),
                  "--blink-settings=preferredColorScheme=" + scheme, "--virtual-time-budget=5000",
                  "--dump-dom", "file://" + harness},
         .environment = {"HOME=" + dir_.path()}});
    constexpr char kFound[] = "<pre id=\"found\">";
    const size_t begin = run.out.find(kFound);
    if (begin == std::string::npos) {
      ADD_FAILURE() << run.out << run.err;
      return json();
    }
    const size_t text = begin + sizeof kFound - 1;
    return json::parse(
        absl::StrReplaceAll(run.out.substr(text, run.out.find("</pre>", text) - text),
                            {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}));
  }

  static constexpr char kHostile[] = "<img src=x onerror=document.title=1>";
};

TEST_F(HtmlBrowserTest, AClickOnAHeadingSorts) {
  const json found = FoundIn(Page(), 1200, "1");
  EXPECT_EQ(found["title"], "CPU by user on lab01");
  EXPECT_EQ(found["buttons"], found["headings"]);
  const json by_cpu = {kHostile, "user10", "user9", "דניאל"};
  EXPECT_EQ(found["atFirst"], json({{"order", by_cpu}, {"sorted", {"CPU TIME descending"}}}));
  const json by_name = {kHostile, "user9", "user10", "דניאל"};
  const json by_name_back = {"דניאל", "user10", "user9", kHostile};
  const json expected = {
      {{"order", by_name}, {"sorted", {"USER ascending"}}},
      {{"order", by_name_back}, {"sorted", {"USER descending"}}},
      {{"order", {kHostile, "user10", "user9", "דניאל"}}, {"sorted", {"PROCESSES descending"}}},
      {{"order", by_cpu}, {"sorted", {"CPU TIME descending"}}},
      {{"order", {"דניאל", "user9", "user10", kHostile}}, {"sorted", {"CPU TIME ascending"}}},
  };
  EXPECT_EQ(found["steps"], expected);
  EXPECT_EQ(found["sums"], json({"total"})) << "they stay below";
}

TEST_F(HtmlBrowserTest, NamesAreTextAndTheChartIsThere) {
  const json found = FoundIn(Page(), 1200, "1");
  EXPECT_EQ(found["images"], 0);
  EXPECT_EQ(found["scripts"], 1);
  EXPECT_EQ(found["charts"], true);
  EXPECT_EQ(found["numberSides"], 1) << "no name moves the numbers of its row";
}

TEST_F(HtmlBrowserTest, OnAPhoneTheTableScrollsAndThePageDoesNot) {
  const std::string page = Page();
  const json phone = FoundIn(page, 360, "1");
  EXPECT_EQ(phone["pageOverflows"], false);
  EXPECT_EQ(phone["tableScrolls"], true);
  const json desktop = FoundIn(page, 1200, "1");
  EXPECT_EQ(desktop["pageOverflows"], false);
  EXPECT_EQ(desktop["tableScrolls"], false);
}

TEST_F(HtmlBrowserTest, ThePageFollowsTheColorSchemeOfTheBrowser) {
  const std::string page = Page();
  EXPECT_EQ(FoundIn(page, 360, "1")["back"], "rgb(255, 255, 255)");
  EXPECT_EQ(FoundIn(page, 360, "0")["back"], "rgb(18, 18, 18)");
}

}  // namespace
}  // namespace cpuagg::tools
